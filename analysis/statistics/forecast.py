"""How a claim's parts may go on: their evidence along simulated paths of seeds, as the seeds so far make it likely.

What is seen leaves means, spreads and shares unsure, so each path draws its own. Numbers: from the reference posterior
of normals, all parts of a claim together as their values go together by seed. Counts: from the reference posterior of
shares (Jeffreys, a half of each outcome). Where no seed diverged yet, none does on a simulated path.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from analysis.statistics import shares
from analysis.statistics.evidence import Part
from analysis.statistics.first_epoch import FirstEpochPart, OutcomesPart
from analysis.statistics.looks import ERROR_LEVEL, FIRST_LOOK_SEEDS, Floats
from analysis.statistics.one_sided import ROUNDING_TOLERANCE
from analysis.statistics.permutation import AssociationPart
from analysis.statistics.sequential import COUNTS_SHARE, Bound, MeanPart, RatioPart, against, evidence
from analysis.statistics.shares import SharePart

MIN_SEEDS_FOR_SPREAD = 2
"""Seeds from which on anything is known of a spread."""
ASSOCIATION_PATHS = 60
"""Paths of an association, whose permutations take long."""
EvidencePaths = tuple[Floats, Floats]
"""Evidence that a bound is met, and that it is not, [paths, seeds]; the smallest so far."""
Outcomes = tuple[int, ...]
"""Of one seed, for each bound: 1 met, -1 broken, 0 neither."""


@dataclass
class Draws:
    """The randomness of some paths of one claim, the same in all of its parts: every part has seen `known` seeds."""

    paths: int
    ahead: int
    """Seeds to come."""
    known: int
    seed: int = 19
    rng: np.random.Generator = field(init=False)
    _swell: Floats = field(init=False)
    _steps: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        freedom = self.known - 1
        self._swell = np.sqrt(freedom / self.rng.chisquare(freedom, self.paths))[:, None]
        shift = self.rng.standard_normal((self.paths, 1, self.known)) / np.sqrt(self.known)
        self._steps = self.rng.standard_normal((self.paths, self.ahead, self.known))
        self._steps += shift

    def numbers(self, seen: Sequence[float]) -> Floats:
        """Values to come of a number that was seen so often as `known` says, [paths, ahead]."""
        x = np.asarray(seen, np.float64)
        away = (x - x.mean()) / np.sqrt(self.known - 1)
        return np.asarray(x.mean() + self._swell * (self._steps @ away))

    def outcomes(self, seen: Sequence[Outcomes]) -> npt.NDArray[np.int64]:
        """Outcomes to come, [paths, ahead, bounds]; any bound may break that never did."""
        kinds = list(dict.fromkeys([*seen, *_thinkable(len(seen[0]))]))
        weights = np.array([seen.count(kind) + 0.5 for kind in kinds])
        chances = self.rng.gamma(weights, size=(self.paths, len(kinds)))
        ends = np.cumsum(chances / chances.sum(1, keepdims=True), axis=1)
        drawn = self.rng.random((self.paths, self.ahead, 1))
        place = np.minimum((drawn > ends[:, None, :]).sum(-1), len(kinds) - 1)
        return np.asarray(np.array(kinds, np.int64)[place])


def _thinkable(bounds: int) -> list[Outcomes]:
    """All bounds met, and each broken alone."""
    return [(1,) * bounds, *(tuple(-1 if i == j else 1 for i in range(bounds)) for j in range(bounds))]


def simulated_evidence(
    part: Part, before: Part | None, draws: Draws, levels: tuple[float, float] | None = None
) -> list[EvidencePaths] | None:
    """Evidence of each bound of a part at 1, 2, ... seeds, those seen and those to come; None where nothing is known.

    Args:
        part: along its path.
        before: the same part over seeds that are not on its path, but tell of its spread.
        draws: of its claim.
        levels: see `sequential.evidence`.
    """
    if isinstance(part, FirstEpochPart):
        part, before = part.counts(), before.counts() if isinstance(before, FirstEpochPart) else before
    match part:
        case MeanPart():
            seen = (*_values(before), *part.values)
            if _spread(seen):
                return _means(part, draws.numbers(seen), draws.paths, levels)
            return _lost(part, _values(before), draws)
        case RatioPart():
            earlier = before if isinstance(before, RatioPart) else RatioPart((), (), part.bounds)
            a, b = (*earlier.numerators, *part.numerators), (*earlier.denominators, *part.denominators)
            if np.isfinite([*a, *b]).all() and (_spread(a) or _spread(b)):
                return _ratios(part, draws.numbers(a), draws.numbers(b), draws.paths, levels)
            return _lost_ratio(part, earlier, draws)
        case SharePart():
            return _share(part, before.outcomes if isinstance(before, SharePart) else (), draws)
        case OutcomesPart():
            return _counts(part, before.outcomes if isinstance(before, OutcomesPart) else (), draws)
        case AssociationPart():
            return _association(part, before if isinstance(before, AssociationPart) else None, draws)
    return _silent(part, draws)


def _values(part: Part | None) -> tuple[float, ...]:
    return part.values if isinstance(part, MeanPart) else ()


def _spread(seen: Sequence[float]) -> bool:
    """Whether t can speak of the seeds to come: all that were seen are finite, and they differ."""
    x = np.asarray(seen, np.float64)
    return bool(
        len(x) >= MIN_SEEDS_FOR_SPREAD and np.isfinite(x).all() and np.ptp(x) > ROUNDING_TOLERANCE * np.abs(x).max()
    )


def _path(seen: Sequence[float], ahead: Floats, paths: int) -> Floats:
    return np.hstack([np.tile(np.asarray(seen, np.float64), (paths, 1)), ahead])


def _running(met: Floats, broken: Floats) -> EvidencePaths:
    """The smallest so far; nothing before the first look."""
    for side in (met, broken):
        side[:, : FIRST_LOOK_SEEDS - 1] = np.inf
    return np.minimum.accumulate(met, axis=1), np.minimum.accumulate(broken, axis=1)


def _means(part: MeanPart, ahead: Floats, paths: int, levels: tuple[float, float] | None) -> list[EvidencePaths]:
    path, closed = _path(part.values, ahead, paths), part.kind == "level"
    return [_running(*evidence(path, bound, closed=closed, levels=levels)) for bound in part.bounds]


def _ratios(
    part: RatioPart, ahead: Floats, below: Floats, paths: int, levels: tuple[float, float] | None
) -> list[EvidencePaths]:
    a, b = _path(part.numerators, ahead, paths), _path(part.denominators, below, paths)
    positive, _ = _running(*evidence(b, Bound(0.0, "above"), closed=False, levels=levels))
    found = []
    for bound in part.bounds:
        contrast = against(a, b, bound.value)
        sides = _running(*evidence(contrast, Bound(0.0, bound.direction), closed=False, levels=levels))
        met, broken = (np.maximum(side, positive) for side in sides)
        found.append((met, broken))
    return found


def _share(part: SharePart, before: Sequence[bool], draws: Draws) -> list[EvidencePaths]:
    seen = [*before, *part.outcomes]
    to_come = draws.outcomes([(1,) if held else (-1,) for held in seen])[:, :, 0] > 0
    held = np.hstack([np.tile(np.array(part.outcomes, bool), (draws.paths, 1)), to_come])
    n, hits = np.arange(1, held.shape[1] + 1), held.cumsum(1)
    logs = shares.log_wealth(hits, n, part.declared), shares.log_wealth_below(hits, n, part.declared)
    return [_running(np.exp(-logs[0]), np.exp(-logs[1]))]


def _counts(part: OutcomesPart, before: Sequence[Sequence[str]], draws: Draws) -> list[EvidencePaths]:
    number = {"met": 1, "broken": -1, "neither": 0}
    seen = [tuple(number[o] for o in way) for way in zip(*part.outcomes, strict=True)]
    earlier = [tuple(number[o] for o in way) for way in zip(*before, strict=True)]
    to_come = draws.outcomes([*earlier, *seen])
    known = np.tile(np.array(seen, np.int64).reshape(1, len(seen), to_come.shape[2]), (draws.paths, 1, 1))
    return _majorities(np.concatenate([known, to_come], axis=1), 1.0)


def _majorities(path: npt.NDArray[np.int64], share: float) -> list[EvidencePaths]:
    """Counts of outcomes [paths, seeds, bounds] over a share of the level."""
    seeds = path.shape[1]
    n, table = np.arange(1, seeds + 1), shares.majority(seeds)
    sides = [tuple(table[n, (path[:, :, j] == way).cumsum(1)] / share for way in (1, -1)) for j in range(path.shape[2])]
    return [_running(met, broken) for met, broken in sides]


def _lost(part: MeanPart, before: Sequence[float], draws: Draws) -> list[EvidencePaths]:
    """Counts go on where a seed diverged, or where all agree; what t crossed before stands."""
    closed = part.kind == "level"
    seen = [tuple(_side(v, bound, closed=closed) for bound in part.bounds) for v in (*before, *part.values)]
    known = np.array(seen[len(before) :], np.int64).reshape(1, part.n, len(part.bounds))
    path = np.concatenate([np.tile(known, (draws.paths, 1, 1)), draws.outcomes(seen)], axis=1)
    found = []
    for bound, ways in zip(part.bounds, _majorities(path, COUNTS_SHARE), strict=True):
        past = evidence(np.array(part.values, np.float64), bound, closed=closed)
        met, broken = (way.copy() for way in ways)
        met[:, : part.n], broken[:, : part.n] = past
        found.append(_running(met, broken))
    return found


def _lost_ratio(part: RatioPart, before: RatioPart, draws: Draws) -> list[EvidencePaths]:
    """Counts of a - r b, and of b above 0."""
    ((positive, _),) = _lost(_contrast(part.denominators, "above"), before.denominators, draws)
    found = []
    for bound in part.bounds:
        now, old = (
            against(np.array(p.numerators), np.array(p.denominators), bound.value).tolist() for p in (part, before)
        )
        ((met, broken),) = _lost(_contrast(now, bound.direction), old, draws)
        found.append((np.maximum(met, positive), np.maximum(broken, positive)))
    return found


def _contrast(values: Sequence[float], direction: Literal["above", "below"]) -> MeanPart:
    return MeanPart("contrast", tuple(values), (Bound(0.0, direction),))


def _side(value: float, bound: Bound, *, closed: bool) -> int:
    """Where one seed lies: 1 on the claimed side, -1 on the other, 0 for a tie."""
    if value == bound.value:
        return 1 if closed else -1
    sign = 1.0 if bound.direction == "above" else -1.0
    return 0 if value != value else 1 if sign * value > sign * bound.value else -1


def _association(part: AssociationPart, before: AssociationPart | None, draws: Draws) -> list[EvidencePaths]:
    """The one look: seen already, or of values to come."""
    seeds = part.n + draws.ahead
    met, broken = np.full((draws.paths, seeds), np.inf), np.full((draws.paths, seeds), np.inf)
    if part.n >= part.looks_at:
        (ways,) = part.evidence()
        met[:, part.looks_at - 1 :], broken[:, part.looks_at - 1 :] = float(ways.met[-1]), float(ways.broken[-1])
    elif seeds >= part.looks_at:
        missing = part.looks_at - part.n
        sides = []
        for side, earlier in ((part.x, before.x if before else None), (part.y, before.y if before else None)):
            seen = [(*(earlier[i] if earlier else ()), *values) for i, values in enumerate(side)]
            sides.append([draws.numbers(values)[:ASSOCIATION_PATHS, :missing] for values in seen])
        looks = [_one_look(part, *([of[path] for of in side] for side in sides)) for path in range(len(sides[0][0]))]
        for way, values in zip((met, broken), zip(*looks, strict=True), strict=True):
            way[:, part.looks_at - 1 :] = np.resize(np.array(values), draws.paths)[:, None]
    return [(met, broken)]


def _one_look(part: AssociationPart, x: Sequence[Floats], y: Sequence[Floats]) -> tuple[float, float]:
    whole = [
        tuple((*seen, *to_come.tolist()) for seen, to_come in zip(side, ahead, strict=True))
        for side, ahead in ((part.x, x), (part.y, y))
    ]
    (ways,) = AssociationPart(whole[0], whole[1], part.direction, part.looks_at).evidence()
    return float(ways.met[-1]), float(ways.broken[-1])


def _silent(part: Part, draws: Draws) -> list[EvidencePaths]:
    """A part that gives no numbers decides nothing."""
    nothing = np.full((draws.paths, part.n + draws.ahead), float(1 / ERROR_LEVEL))
    return [(nothing, nothing) for _ in part.evidence()]
