"""An association over arms: the arms are the unit, and the p-value is that of a permutation of arms.

One look, at a number of seeds that is frozen with the claim, at the whole 5 % / places.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import chain, permutations
from typing import Literal

import numpy as np
import numpy.typing as npt

from analysis.statistics.estimates import ranks
from analysis.statistics.evidence import Evidence, Interval
from analysis.statistics.looks import ERROR_LEVEL, FIRST_LOOK_SEEDS, Floats

MAX_EXACT_ARMS = 8
"""Arms up to which all permutations are counted; beyond, `SAMPLES` random ones by a fixed seed are."""
SAMPLES = 99_999
MIN_ARMS = 3


def arms_needed(places: int) -> int:
    """The fewest arms with which an association can be decided at all: 1 / arms! must not lie above 5 % / places.

    >>> arms_needed(1), arms_needed(6), arms_needed(60)
    (4, 5, 7)
    """
    arms = MIN_ARMS
    while Fraction(1, math.factorial(arms)) > ERROR_LEVEL / places:
        arms += 1
    return arms


@dataclass(frozen=True)
class AssociationPart:
    """Over these arms, the more x the more y (`above`) or the less (`below`): the mean over seeds of rank correlations.

    x, y: a tuple an arm, each one finite number a seed along the path. looks_at: the frozen number of seeds; earlier
    there is no evidence, and later seeds are shown and not used.
    """

    x: tuple[tuple[float, ...], ...]
    y: tuple[tuple[float, ...], ...]
    direction: Literal["above", "below"] = "above"
    looks_at: int = FIRST_LOOK_SEEDS

    def __post_init__(self) -> None:
        lengths = {len(side) for side in (*self.x, *self.y)}
        if len(self.x) != len(self.y) or len(self.x) < MIN_ARMS or len(lengths) != 1:
            raise ValueError(f"an association takes x and y of at least {MIN_ARMS} arms, over the same seeds")
        if self.looks_at < FIRST_LOOK_SEEDS:
            raise ValueError(f"the one look is at {FIRST_LOOK_SEEDS} seeds or more, not at {self.looks_at}")

    @property
    def n(self) -> int:
        """Seeds on the path."""
        return len(self.x[0])

    def evidence(self) -> tuple[Evidence, ...]:
        """Return the evidence of its one bound, which is 0."""
        waiting = min(max(self.looks_at - FIRST_LOOK_SEEDS, 0), max(self.n - FIRST_LOOK_SEEDS + 1, 0))
        looks = max(self.n - FIRST_LOOK_SEEDS + 1, 0) - waiting
        if not looks:
            return (Evidence((1.0,) * waiting, (1.0,) * waiting),)
        more, less = permutation_p_values(*self._ranks())
        met, broken = (more, less) if self.direction == "above" else (less, more)
        return (Evidence((1.0,) * waiting + (met,) * looks, (1.0,) * waiting + (broken,) * looks),)

    def interval(self, level: float, n: int) -> Interval | None:  # noqa: ARG002  # the interface's
        """Give no interval: a permutation has none."""
        return None

    def estimate(self, n: int) -> Interval | None:
        """The mean rank correlation over the seeds of the one look, or over n if fewer; without an interval."""
        seeds = min(n, self.looks_at)
        if not seeds:
            return None
        x, y = self._ranks(seeds)
        return Interval(float((x * y).sum(0).mean()), math.nan, math.nan, seeds, "rank correlation")

    def _ranks(self, seeds: int | None = None) -> tuple[Floats, Floats]:
        """Ranks over arms [arms, seeds], centred and of length 1 a seed, so that products add up to correlations."""
        found = []
        for side in (self.x, self.y):
            over_arms = ranks(np.array(side, np.float64)[:, : seeds or self.looks_at])
            centred = over_arms - over_arms.mean(0)
            length = np.sqrt((centred**2).sum(0))
            found.append(centred / np.where(length == 0, 1.0, length))
        return found[0], found[1]


def permutation_p_values(x: Floats, y: Floats) -> tuple[Fraction, Fraction]:
    """One-sided p that x and y [arms, seeds] rise together, and that one falls as the other rises; exact fractions.

    Arms are exchanged whole, the same in all seeds.
    """
    arms, products = len(x), x @ y.T
    cells, extra = _cells(arms), int(arms > MAX_EXACT_ARMS)
    found = products.ravel().take(cells).sum(1)
    observed, slack, total = float(np.trace(products)), 1e-9 * x.shape[1], len(cells) + extra
    more, less = (int((side).sum()) + extra for side in (found >= observed - slack, found <= observed + slack))
    return Fraction(more, total), Fraction(less, total)


@cache
def _cells(arms: int) -> npt.NDArray[np.intp]:
    """Of each order of the arms, the cells of the products of x and y that it takes [orders, arms]. Read-only."""
    if arms <= MAX_EXACT_ARMS:
        orders = np.fromiter(chain.from_iterable(permutations(range(arms))), np.intp).reshape(-1, arms)
    else:
        every = np.tile(np.arange(arms, dtype=np.intp), (SAMPLES, 1))
        orders = np.random.default_rng(0).permuted(every, axis=1)
    found = orders + arms * np.arange(arms)
    found.flags.writeable = False
    return found
