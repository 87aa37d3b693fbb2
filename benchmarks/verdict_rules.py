"""Rules for verdicts over many studies at once: ours, with its variants, and what it stands beside.

Each takes claims and places and gives of each claim whether, and with how many seeds, it was supported and refuted:
two whole arrays [studies], `NEVER` where not. The first of the two is the verdict; both at once is none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from itertools import product

import numpy as np
import numpy.typing as npt
from scipy import stats

from analysis.statistics import boundary, one_sided, sequential
from analysis.statistics.looks import ERROR_LEVEL, FIRST_LOOK_SEEDS, Floats, shares
from benchmarks.verdict_studies import SimulatedClaim

Counts = npt.NDArray[np.int64]
Decided = tuple[Counts, Counts]
Rule = Callable[[Sequence[SimulatedClaim], int], list[Decided]]
NEVER = 10**6
ABOVE = sequential.Bound(0.0, "above")
EXACT_FLIPS = 12
FIXED = 10
"""Seeds of the rules that look once."""


def ours(claims: Sequence[SimulatedClaim], places: int) -> list[Decided]:
    """The rule of `analysis.statistics`, for parts of one bound each."""
    return [_crossed(*sequential.evidence(c.values, ABOVE, closed=c.closed), places) for c in claims]


def closed_form(claims: Sequence[SimulatedClaim], places: int) -> list[Decided]:
    """Ours with p / share in place of the exact boundary for t."""
    found = []
    for c in claims:
        t = one_sided.t_p_values(c.values, 0.0)
        counts = one_sided.count_p_values(c.values, 0.0, closed=c.closed)
        share, mean = np.maximum(shares(c.values.shape[-1]), 1e-300), one_sided.has_mean(c.values, 0.0)
        met, broken = (
            np.where(mean, p / share / sequential.T_SHARE, k / sequential.COUNTS_SHARE)
            for p, k in zip(t, counts, strict=True)
        )
        found.append(_crossed(met, broken, places))
    return found


def t_alone(claims: Sequence[SimulatedClaim], places: int) -> list[Decided]:
    """Ours with t only, at the whole level: what counts cost."""
    found = []
    for c in claims:
        met, broken = (boundary.over_looks(p) for p in one_sided.t_p_values(c.values, 0.0))
        found.append(_crossed(met, broken, places))
    return found


def with_flips(claims: Sequence[SimulatedClaim], places: int) -> list[Decided]:
    """Ours where sign flips agree: a look of t counts only if the flips' own p is at the level too (looks unpaid)."""
    found = []
    for c in claims:
        t = [boundary.over_looks(p) / sequential.T_SHARE for p in one_sided.t_p_values(c.values, 0.0)]
        level, parts = float(ERROR_LEVEL) / places, c.values.shape[1]
        supported = _flips_agree(c.values, t[0] <= level, level).max(1)
        refuted = _flips_agree(-c.values, t[1] <= level / parts, level / parts).min(1)
        found.append((supported, refuted))
    return found


def counts_beside_t(claims: Sequence[SimulatedClaim], places: int) -> list[Decided]:
    """Ours, with counts speaking at every look and not only where t cannot."""
    found = []
    for c in claims:
        t = one_sided.t_p_values(c.values, 0.0)
        counts = one_sided.count_p_values(c.values, 0.0, closed=c.closed)
        met, broken = (
            np.minimum(boundary.over_looks(p) / sequential.T_SHARE, k / sequential.COUNTS_SHARE)
            for p, k in zip(t, counts, strict=True)
        )
        found.append(_crossed(met, broken, places))
    return found


def _flips_agree(values: Floats, crossed: npt.NDArray[np.bool_], level: float) -> Counts:
    """The first look of each path at which t has crossed and the flips agree."""
    found = np.full(values.shape[:-1], NEVER)
    for path in zip(*np.nonzero(crossed.any(-1)), strict=True):
        for n in np.flatnonzero(crossed[path]) + 1:
            if flips_p(values[path][:n]) <= level:
                found[path] = n
                break
    return found


def flips_p(x: Floats) -> float:
    """One-sided p of "symmetric about 0" by sign flips: all of them up to 12 seeds, then 20,000 random ones."""
    n = len(x)
    sums = _signs(n) @ np.abs(x)
    extra = 0 if n <= EXACT_FLIPS else 1
    return float(((sums >= x.sum() - 1e-9 * np.abs(x).sum()).sum() + extra) / (len(sums) + extra))


@cache
def _signs(n: int) -> Floats:
    if n <= EXACT_FLIPS:
        return np.array(list(product((-1.0, 1.0), repeat=n)))
    return np.random.default_rng(n).choice((-1.0, 1.0), (20_000, n))


def _crossed(met: Floats, broken: Floats, places: int) -> Decided:
    """Item by item as `verdict_rule.judge` has it: all bounds at 5 % / places, or one at 5 % / (places x bounds)."""
    level, bounds = float(ERROR_LEVEL) / places, met.shape[1]
    early = np.arange(1, met.shape[-1] + 1) < FIRST_LOOK_SEEDS
    supported = _first((met <= level) & ~early).max(1)
    refuted = _first((broken <= level / bounds) & ~early).min(1)
    return supported, refuted


def intervals(claims: Sequence[SimulatedClaim], places: int) -> list[Decided]:
    """Today's rule: 95 % intervals part by part, looked at after each seed from the fifth on until it is decided."""
    found = []
    for c in claims:
        above, below = one_sided.t_p_values(c.values, 0.0)
        late = np.arange(1, above.shape[-1] + 1) >= FIRST_LOOK_SEEDS
        found.append((_first((above <= 0.025).all(1) & late), _first((below <= 0.025).any(1) & late)))
    return found


def fixed(claims: Sequence[SimulatedClaim], places: int, *, every_seed: bool = False) -> list[Decided]:
    """5 % / places (and bounds) by t at one number of seeds planned before; or, as it must not be, at every seed."""
    found = []
    for c in claims:
        above, below = one_sided.t_p_values(c.values, 0.0)
        n = np.arange(1, above.shape[-1] + 1)
        look = n >= FIRST_LOOK_SEEDS if every_seed else n == FIXED
        level = float(ERROR_LEVEL) / places
        met, broken = (above <= level).all(1), (below <= level / above.shape[1]).any(1)
        found.append((_first(met & look), _first(broken & look)))
    return found


def holm(claims: Sequence[SimulatedClaim], places: int) -> list[Decided]:
    """Holm over the smaller p of each claim, its direction read off the data; one look. `places` is not used."""
    sides = []
    for c in claims:
        above, below = (p[..., FIXED - 1] for p in one_sided.t_p_values(c.values, 0.0))
        sides.append((above.max(1), np.minimum(1.0, below.min(1) * above.shape[1])))
    met, broken = (np.array(side) for side in zip(*sides, strict=True))
    smaller = np.minimum(met, broken)
    order = np.argsort(smaller, axis=0)
    left = len(claims) - np.arange(len(claims))[:, None]
    corrected = np.maximum.accumulate(np.take_along_axis(smaller, order, 0) * left, axis=0)
    rejected = np.zeros(smaller.shape, bool)
    np.put_along_axis(rejected, order, corrected <= float(ERROR_LEVEL), 0)
    return [
        (np.where(r & (m <= b), FIXED, NEVER), np.where(r & (m > b), FIXED, NEVER))
        for r, m, b in zip(rejected, met, broken, strict=True)
    ]


RULES: dict[str, Rule] = {
    "95 % intervals part by part, at every seed": intervals,
    f"5 % / places at {FIXED} seeds fixed before": fixed,
    "the same at every seed": partial(fixed, every_seed=True),
    f"Holm over the smaller p, at {FIXED} seeds": holm,
    "closed form": closed_form,
}
"""What ours stands beside."""


def any_wrong(claims: Sequence[SimulatedClaim], decided: Sequence[Decided]) -> npt.NDArray[np.bool_]:
    """Of each study, whether any verdict is wrong."""
    wrong = [(r < s) if c.true else (s < r) for c, (s, r) in zip(claims, decided, strict=True)]
    return np.asarray(np.any(wrong, axis=0))


def _first(crossed: npt.NDArray[np.bool_]) -> Counts:
    """The number of seeds at which something first is so, along the last axis."""
    return np.where(crossed.any(-1), crossed.argmax(-1) + 1, NEVER)


def seeds_alone(distance: float, chance: float, level: float, most: int = 1000) -> int | None:
    """The seeds with which one look by t at `level` decides with `chance`; None above `most`."""
    for n in range(2, most + 1):
        if stats.nct.sf(stats.t.isf(level, n - 1), n - 1, distance * np.sqrt(n)) >= chance:
            return n
    return None
