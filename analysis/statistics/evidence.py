"""Evidence of one bound along the path of seeds, and an interval: the two values that every kind of part gives."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Protocol

import numpy as np

from analysis.statistics.looks import FIRST_LOOK_SEEDS, Floats

Number = float | Fraction


@dataclass(frozen=True)
class Evidence:
    """The smallest p / share up to each look, each way; place i is the look at 5 + i seeds.

    If the bound is not met, `met` ever falls to a or below with chance a at most, whatever a; if it is met, `broken`.
    Both never rise. They may lie above 1, which says nothing.
    """

    met: tuple[Number, ...]
    """Evidence that the bound is met."""
    broken: tuple[Number, ...]
    """Evidence that it is not."""

    @classmethod
    def running(cls, met: Floats, broken: Floats) -> Evidence:
        """Make it from p / share at 1, 2, ... seeds, each array of one number a seed."""
        a, b = (
            np.minimum.accumulate(side[FIRST_LOOK_SEEDS - 1 :]) if len(side) >= FIRST_LOOK_SEEDS else side[:0]
            for side in (met, broken)
        )
        return cls(tuple(a.tolist()), tuple(b.tolist()))


@dataclass(frozen=True)
class Interval:
    """A number with an interval over n seeds; an end is infinite, or both are NaN, where the data say nothing of it."""

    value: float
    """The mean, share, ratio or rank correlation; the median where a seed of the path diverged."""
    low: float
    high: float
    n: int
    method: str

    def cut(self, low: float | None, high: float | None) -> Interval:
        """The same, ending where the metric ends.

        >>> Interval(0.99, 0.97, 1.01, 5, "t").cut(0.0, 1.0).high
        1.0
        """
        bottom, top = -math.inf if low is None else low, math.inf if high is None else high
        return replace(self, low=max(self.low, bottom), high=min(self.high, top))


class Part(Protocol):
    """What the rule needs of a part of a claim."""

    @property
    def n(self) -> int:
        """Seeds on the path; the same for all parts of a claim."""

    def evidence(self) -> tuple[Evidence, ...]:
        """Return the evidence of each bound, at every look up to n."""

    def interval(self, level: float, n: int) -> Interval | None:
        """What no look up to n seeds has excluded at `level`, each end; None where the form has none."""

    def estimate(self, n: int) -> Interval | None:
        """The number over the first n seeds, with its plain 95 % interval; None where there is no number."""


def seed_path(seeds_of_arms: Iterable[Collection[int]], from_seed: int = 0) -> tuple[int, ...]:
    """The seeds that a claim is judged over: from `from_seed` upward without a gap, those that all its arms have.

    Seeds after a gap wait until it is filled; in which order they came never matters.

    Raises:
        ValueError: no arm.

    >>> seed_path([{0, 1, 2, 4}, {2, 1, 0, 3}])
    (0, 1, 2)
    """
    arms = [set(seeds) for seeds in seeds_of_arms]
    if not arms:
        raise ValueError("a claim has at least one arm")
    common = set.intersection(*arms)
    end = from_seed
    while end in common:
        end += 1
    return tuple(range(from_seed, end))
