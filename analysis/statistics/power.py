"""What seeds would decide: before anything is spent, and for a claim that is open. By simulation of normal seeds.

Every function simulates with a fixed seed, so it gives the same answer each time. Distances are in standard deviations
of the number between seeds (of a - b for a difference).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from analysis.statistics import forecast
from analysis.statistics.evidence import Part
from analysis.statistics.looks import ERROR_LEVEL, FIRST_LOOK_SEEDS, Floats
from analysis.statistics.sequential import Bound, evidence

PATHS = 2000
MAX_SEEDS = 80
ABOVE_0 = Bound(0.0, "above")


def chance_of_decision(distance: float, seeds: int, places: int, bounds: int = 1) -> float:
    """The chance that one bound is decided by so many seeds if the mean lies `distance` standard deviations from it.

    bounds: 1 for support; for a refutation the number of bounds of the claim.

    >>> chance_of_decision(3.0, 20, places=6) > 0.99 > 0.1 > chance_of_decision(0.1, 20, places=6)
    True
    """
    return 0.0 if seeds < FIRST_LOOK_SEEDS else float(_decided(distance, seeds, places * bounds)[seeds - 1])


def seeds_for(distance: float, places: int, chance: float = 0.8, bounds: int = 1, most: int = MAX_SEEDS) -> int | None:
    """The fewest seeds that decide one bound with `chance`; None where more than `most` would be needed.

    >>> seeds_for(3.0, places=6), seeds_for(0.1, places=6)
    (5, None)
    """
    enough = np.flatnonzero(_decided(distance, most, places * bounds) >= chance)
    return int(enough[0]) + 1 if len(enough) else None


def smallest_difference(seeds: int, places: int, chance: float = 0.8, bounds: int = 1) -> float:
    """The smallest distance, in standard deviations and to 1 %, that so many seeds decide with `chance`.

    Raises:
        ValueError: with fewer seeds than the first look has.
    """
    if seeds < FIRST_LOOK_SEEDS:
        raise ValueError(f"{seeds} seeds decide nothing; {FIRST_LOOK_SEEDS} are the fewest")
    low, high = 0.0, 1.0
    while chance_of_decision(high, seeds, places, bounds) < chance:
        low, high = high, 2 * high
    while high - low > 0.01 * high:
        middle = (low + high) / 2
        enough = chance_of_decision(middle, seeds, places, bounds) >= chance
        low, high = (low, middle) if enough else (middle, high)
    return high


@cache
def _decided(distance: float, seeds: int, divisor: int) -> Floats:
    """The share of paths that have crossed by 1, 2, ... seeds at 5 % / divisor. Read-only."""
    noise = np.random.default_rng(19).standard_normal((PATHS, MAX_SEEDS if seeds <= MAX_SEEDS else seeds))
    met, _ = evidence(noise[:, :seeds] + distance, ABOVE_0, closed=False)
    found = np.asarray(np.logical_or.accumulate(met <= float(ERROR_LEVEL) / divisor, axis=1).mean(0))
    found.flags.writeable = False
    return found


@dataclass(frozen=True)
class Need:
    """How many seeds an open claim would need in all: from `low` to `high` with at least `chance`.

    None in `low` or `high`: more than `most`.
    """

    low: int | None
    high: int | None
    chance: float
    undecided: float
    """The chance that not even `most` seeds decide it."""
    most: int

    by_seed: tuple[float, ...]
    """The chance that it is decided by 1, 2, ... seeds."""
    one_look: int | None = None
    """The number of seeds at which it is judged once and never again; None where every seed is a look."""


def seeds_still_needed(
    parts: Sequence[Part],
    places: int,
    *,
    before: Sequence[Part | None] = (),
    chance: float = 0.8,
    most: int = MAX_SEEDS,
    paths: int = PATHS,
) -> Need | None:
    """What an open claim would need, given the seeds seen so far; unsure where these leave means and shares unsure.

    Each simulated path draws what could have given the seeds (`forecast`), goes on from them, and is decided either
    way. None with fewer than 2 seeds seen, with as many as `most`, or where a part says nothing of what is to come.

    Args:
        parts: of the claim, along its path.
        places: of its family.
        before: each part over seeds that are not on the path, the same for all parts, or None. They say how far seeds
            vary and count for nothing.
        chance: that the number of seeds lies within `low` to `high`.
        most: seeds that are looked at.
        paths: simulated.
    """
    n, earlier = parts[0].n, [*before, *[None] * (len(parts) - len(before))]
    known = n + max((part.n for part in earlier if part is not None), default=0)
    if known < forecast.MIN_SEEDS_FOR_SPREAD or n >= most:
        return None
    draws = forecast.Draws(paths, most - n, known)
    pairs = list(zip(parts, earlier, strict=True))
    level, count = float(ERROR_LEVEL) / places, sum(max(map(_bounds, pair)) for pair in pairs)
    levels = (level / count, level)
    ways = [forecast.simulated_evidence(part, old, draws, levels) for part, old in pairs]
    if any(found is None for found in ways):
        return None
    bounds = [both for found in ways if found is not None for both in found]
    met, broken = np.ones((paths, most), bool), np.zeros((paths, most), bool)
    for for_it, against in bounds:
        met &= for_it <= level
        broken |= against <= level / len(bounds)
    by = np.logical_or.accumulate(met | broken, axis=1).mean(0)
    tail = (1 - chance) / 2
    ends = [np.flatnonzero(by >= share) for share in (tail, 1 - tail)]
    low, high = (int(end[0]) + 1 if len(end) else None for end in ends)
    return Need(low, high, chance, float(1 - by[-1]), most, tuple(by.tolist()))


def _bounds(part: Part | None) -> int:
    """Of a part; counts of outcomes without any seed say none."""
    return 0 if part is None else len(part.evidence())
