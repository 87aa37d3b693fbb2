"""A share of seeds against a declared one, by an e-process: evidence that may be looked at after every seed.

An e-process is a bet against a hypothesis. If that is true, its wealth reaches 1/a with chance a at most, however often
one looks (Ville). Against "the share is at most s" half of the stake is on "always", half is spread evenly over the
shares above s; against "at least s" all of it is spread evenly over the shares below s.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from scipy import special

from analysis.statistics.estimates import clopper_pearson
from analysis.statistics.evidence import Evidence, Interval
from analysis.statistics.looks import ERROR_LEVEL, FIRST_LOOK_SEEDS, Floats
from analysis.statistics.root import root

DEFAULT_SHARE = 0.8
"""What "every", "stays" and "no" mean over seeds where a claim says nothing else: at least so large a share of them."""
MAX_SEEDS = 10_000


def log_wealth(hits: npt.ArrayLike, n: npt.ArrayLike, declared: float) -> Floats:
    """Return the logarithm of the wealth of the bet against "the share of hits is at most `declared`" after n seeds.

    >>> round(math.exp(log_wealth(16, 16, 0.8)), 1)
    22.9
    """
    h, total = np.asarray(hits, np.float64), np.asarray(n, np.float64)
    above = special.betaincc(h + 1, total - h + 1, declared)
    return np.logaddexp(
        np.where(h == total, math.log(0.5), -np.inf), math.log(0.5) + _mixture(h, total, above, 1 - declared)
    ) - _null(h, total, declared)


def log_wealth_below(hits: npt.ArrayLike, n: npt.ArrayLike, declared: float) -> Floats:
    """Return the logarithm of the wealth of the bet against "the share is at least `declared`" after n seeds."""
    h, total = np.asarray(hits, np.float64), np.asarray(n, np.float64)
    below = special.betainc(h + 1, total - h + 1, declared)
    return _mixture(h, total, below, declared) - _null(h, total, declared)


def _mixture(h: Floats, total: Floats, mass: Floats, width: float) -> Floats:
    with np.errstate(divide="ignore"):
        return np.asarray(special.betaln(h + 1, total - h + 1) + np.log(mass) - math.log(width))


def _null(h: Floats, total: Floats, declared: float) -> Floats:
    return np.asarray(special.xlogy(h, declared) + special.xlogy(total - h, 1 - declared))


@cache
def majority(seeds: int) -> Floats:
    """exp(-log wealth) against "in at most half of seeds", by n (row) and hits (column), 0 to `seeds`. Read-only."""
    n, h = np.mgrid[0 : seeds + 1, 0 : seeds + 1]
    found = np.where(h <= n, np.exp(-log_wealth(np.minimum(h, n), n, 0.5)), 1.0)
    found.flags.writeable = False
    return found


def could_be_otherwise(n: int) -> float:
    """The largest share of seeds that could behave otherwise, though none of n did, with 95 % confidence.

    >>> round(could_be_otherwise(5), 2), round(could_be_otherwise(10), 2)
    (0.45, 0.26)
    """
    return float(1 - 0.05 ** (1 / n))


def seeds_without_exception(places: int, declared: float = DEFAULT_SHARE) -> int:
    """How many seeds it takes to support "every seed", if none is an exception.

    >>> [seeds_without_exception(m) for m in (1, 6, 43)]
    [16, 24, 33]
    """
    n, needed = FIRST_LOOK_SEEDS, math.log(places / ERROR_LEVEL)
    while float(log_wealth(n, n, declared)) < needed:
        n += 1
    return n


@dataclass(frozen=True)
class SharePart:
    """In at least this share of seeds (`declared`, between 0 and 1); `outcomes` says of each seed if it did.

    Of a whole curve a diverged trial has not held; where it has a number, that is the worst there is. A share exactly
    at the declared one meets the claim.
    """

    outcomes: tuple[bool, ...]
    declared: float = DEFAULT_SHARE

    def __post_init__(self) -> None:
        if not 0 < self.declared < 1:
            raise ValueError(f"a declared share lies between 0 and 1, not at {self.declared}")

    @property
    def n(self) -> int:
        """Seeds on the path."""
        return len(self.outcomes)

    def evidence(self) -> tuple[Evidence, ...]:
        """Return the evidence of its one bound."""
        return (share_evidence(self.outcomes, self.declared),)

    def interval(self, level: float, n: int) -> Interval | None:
        """The shares that the e-processes over the first n seeds have not excluded, each end at `level`."""
        return share_interval(self.outcomes[:n], level)

    def estimate(self, n: int) -> Interval | None:
        """The share among the first n seeds with Clopper and Pearson's 95 % interval."""
        return share_estimate(self.outcomes[:n])


def share_evidence(outcomes: tuple[bool, ...], declared: float) -> Evidence:
    """Return 1 / the largest wealth so far, at each look, both ways."""
    n, hits = np.arange(1, len(outcomes) + 1), np.cumsum(np.asarray(outcomes, dtype=np.int64))
    return Evidence.running(np.exp(-log_wealth(hits, n, declared)), np.exp(-log_wealth_below(hits, n, declared)))


def share_estimate(outcomes: tuple[bool, ...]) -> Interval | None:
    """Estimate a share of seeds with Clopper and Pearson's 95 % interval."""
    if not outcomes:
        return None
    low, high = clopper_pearson(sum(outcomes), len(outcomes))
    return Interval(sum(outcomes) / len(outcomes), low, high, len(outcomes), "share of seeds")


def share_interval(outcomes: tuple[bool, ...], level: float) -> Interval | None:
    """The declared shares that would be neither supported nor refuted at `level` by any look so far."""
    if len(outcomes) < FIRST_LOOK_SEEDS:
        return None
    n, hits = _looks(outcomes)

    def below(s: float) -> float:
        return float(log_wealth_below(hits, n, s).max()) + math.log(level)

    high = (
        1.0 if below(1 - TINY_SHARE) < 0 else 0.0 if below(TINY_SHARE) >= 0 else root(below, TINY_SHARE, 1 - TINY_SHARE)
    )
    return Interval(
        sum(outcomes) / len(outcomes), _low(outcomes, level), float(high), len(outcomes), "share of seeds, all looks"
    )


def majority_interval(met: tuple[bool, ...], broken: Sequence[tuple[bool, ...]], level: float) -> Interval | None:
    """The shares of seeds that counts against a half have not excluded by any look so far, each end at `level`.

    It lies above a half where "in more than half of seeds" is supported, and below where it is refuted: both ends come
    of the same bet, on seeds that met it and on seeds that broke it.

    Args:
        met: of each seed whether it met all bounds.
        broken: of each bound and seed whether it was broken; what is neither is a tie.
        level: of each end.
    """
    if len(met) < FIRST_LOOK_SEEDS:
        return None
    high = 1.0 - max(_low(seeds, level) for seeds in broken)
    return Interval(sum(met) / len(met), _low(met, level), high, len(met), "share of seeds, all looks")


TINY_SHARE = 1e-9
"""A share as near 0, or 1, as is looked at."""


def _looks(outcomes: tuple[bool, ...]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Seeds and hits at each look."""
    hits = np.cumsum(np.asarray(outcomes, dtype=np.int64))
    return np.arange(FIRST_LOOK_SEEDS, len(outcomes) + 1), hits[FIRST_LOOK_SEEDS - 1 :]


def _low(outcomes: tuple[bool, ...], level: float) -> float:
    """Below it lie the shares that the bet on seeds that held has excluded."""
    n, hits = _looks(outcomes)

    def above(s: float) -> float:
        return float(log_wealth(hits, n, s).max()) + math.log(level)

    return float(
        0.0 if above(TINY_SHARE) < 0 else 1.0 if above(1 - TINY_SHARE) >= 0 else root(above, TINY_SHARE, 1 - TINY_SHARE)
    )
