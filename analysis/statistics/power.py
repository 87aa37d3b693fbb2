"""What seeds would decide: before anything is spent, and for a claim that is open. By simulation of normal seeds.

Every function simulates with a fixed seed, so it gives the same answer each time. Distances are in standard deviations
of the number between seeds (of a - b for a difference).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from analysis.statistics.looks import FIRST, LEVEL, Floats
from analysis.statistics.sequential import Bound, evidence

PATHS = 2000
MOST_SEEDS = 80
ABOVE_0 = Bound(0.0, "above")


def chance_of_decision(distance: float, seeds: int, places: int, bounds: int = 1) -> float:
    """The chance that one bound is decided by so many seeds if the mean lies `distance` standard deviations from it.

    bounds: 1 for support; for a refutation the number of bounds of the claim.

    >>> chance_of_decision(3.0, 20, places=6) > 0.99 > 0.1 > chance_of_decision(0.1, 20, places=6)
    True
    """
    return 0.0 if seeds < FIRST else float(_decided(distance, seeds, places * bounds)[seeds - 1])


def seeds_for(distance: float, places: int, chance: float = 0.8, bounds: int = 1, most: int = MOST_SEEDS) -> int | None:
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
    if seeds < FIRST:
        raise ValueError(f"{seeds} seeds decide nothing; {FIRST} are the fewest")
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
    noise = np.random.default_rng(19).standard_normal((PATHS, MOST_SEEDS if seeds <= MOST_SEEDS else seeds))
    met, _ = evidence(noise[:, :seeds] + distance, ABOVE_0, closed=False)
    found = np.asarray(np.logical_or.accumulate(met <= float(LEVEL) / divisor, axis=1).mean(0))
    found.flags.writeable = False
    return found


@dataclass(frozen=True)
class Need:
    """How many seeds an open bound would need in all: from `low` to `high` with `chance`; `undecided` by `most` seeds.

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


def seeds_still_needed(
    values: tuple[float, ...],
    bound: Bound,
    places: int,
    *,
    bounds: int = 1,
    chance: float = 0.8,
    most: int = MOST_SEEDS,
    paths: int = PATHS,
) -> Need | None:
    """What an open bound would need, given the seeds seen so far; unsure where these leave mean and spread unsure.

    Each simulated path draws a spread and a mean that could have given the values (the reference posterior of a
    normal), goes on from the values, and is decided either way. bounds: of the whole claim, for a refutation. None with
    fewer than 2 seeds or as many as `most`, with a diverged one, or without spread.
    """
    x = np.array(values, np.float64)
    n = len(x)
    if n < 2 or n >= most or not np.isfinite(x).all() or x.std() == 0:
        return None
    rng = np.random.default_rng(19)
    spread = x.std(ddof=1) * np.sqrt((n - 1) / rng.chisquare(n - 1, paths))
    mean = x.mean() + spread * rng.standard_normal(paths) / np.sqrt(n)
    new = mean[:, None] + spread[:, None] * rng.standard_normal((paths, most - n))
    met, broken = evidence(np.hstack([np.tile(x, (paths, 1)), new]), bound, closed=False)
    level = float(LEVEL) / places
    by = np.logical_or.accumulate((met <= level) | (broken <= level / bounds), axis=1).mean(0)
    tail = (1 - chance) / 2
    ends = [np.flatnonzero(by >= part) for part in (tail, 1 - tail)]
    low, high = (int(end[0]) + 1 if len(end) else None for end in ends)
    return Need(low, high, chance, float(1 - by[-1]), most, tuple(by.tolist()))
