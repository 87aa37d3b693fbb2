"""Estimates and intervals over seeds, and refusals: what may not be compared is a value with its reason, not a number.

Every function takes plain numbers, one a seed; which trials these come from is `analysis.claims.samples`' business.
Means and intervals take finished trials; a diverged trial enters as an infinite value and is then judged by counts of
seeds.

How exact an interval is: Student's t is exact for independent normal values, and with few seeds there is no test of
that; Fieller's interval of a ratio likewise. Clopper and Pearson's covers at least its level whatever the share is. A
sign-flip p-value is exact where the differences are symmetric about the bound, and with n seeds cannot be below 2**-n.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special

from analysis.statistics.students_t import fieller, half_width

Floats = npt.NDArray[np.float64]
Why = Literal[
    "missing", "seeds", "knobs", "epochs", "stopped", "failed", "not-reached", "not-finite", "no-tensor",
    "no-metric", "machines", "denominator", "one-seed", "few-arms", "reduced", "rule", "splits",
    "unreadable", "not-asked",
]  # fmt: skip

CONFIDENCE_LEVEL = 0.95


@dataclass(frozen=True)
class Refusal:
    """Why there is no number."""

    why: Why
    text: str


@dataclass(frozen=True)
class Estimate:
    """A number with its 95 % interval over n seeds; `low` and `high` are NaN where n is 1."""

    value: float
    low: float
    high: float
    n: int
    method: str = ""


# ------------------------------------------------------------------------------------------------------- one sample


def mean_interval(values: Sequence[float], level: float = CONFIDENCE_LEVEL) -> Estimate:
    """Mean of one value a seed, with Student's t interval.

    >>> e = mean_interval([1.0, 2.0, 3.0])
    >>> e.value, round(e.low, 3), round(e.high, 3), e.n
    (2.0, -0.484, 4.484, 3)
    """
    x = finite_array(values)
    mean = float(x.mean())
    if len(x) == 1:
        return Estimate(mean, math.nan, math.nan, 1, "t")
    half = float(half_width(x.std(ddof=1), len(x), (1 + level) / 2))
    return Estimate(mean, mean - half, mean + half, len(x), "t")


def proportion(
    hits: int, n: int, level: float = CONFIDENCE_LEVEL, method: Literal["exact", "wilson"] = "exact"
) -> Estimate:
    """Share of seeds for which something holds, with Clopper and Pearson's (or Wilson's) interval.

    >>> e = proportion(5, 5)
    >>> e.value, round(e.low, 3), e.high
    (1.0, 0.478, 1.0)
    """
    low, high = clopper_pearson(hits, n, (1 - level) / 2) if method == "exact" else _wilson(hits, n, level)
    return Estimate(hits / n, low, high, n, "share of seeds")


def clopper_pearson(hits: float, n: float, tail: float = 0.025) -> tuple[float, float]:
    """Clopper and Pearson's interval of a share, with so much left out on either side: quantiles of Beta distributions.

    The same as `scipy.stats.binomtest` gives, without importing `scipy.stats`, which takes longer than judging a study.
    """
    low = 0.0 if hits <= 0 else float(special.betaincinv(hits, n - hits + 1, tail))
    high = 1.0 if hits >= n else float(special.betaincinv(hits + 1, n - hits, 1 - tail))
    return low, high


def _wilson(hits: int, n: int, level: float) -> tuple[float, float]:
    from scipy import stats  # half a second, and seldom needed

    interval = stats.binomtest(hits, n).proportion_ci(level, "wilson")
    return float(interval.low), float(interval.high)


def rank_correlation(x: Sequence[float], y: Sequence[float]) -> float:
    """Spearman's rank correlation; NaN where one side is constant.

    >>> round(rank_correlation([1, 2, 3], [10, 20, 30]), 6)
    1.0
    """
    if len(x) < 2 or len(set(x)) == 1 or len(set(y)) == 1 or any(map(math.isnan, (*x, *y))):
        return math.nan
    return float(np.corrcoef(ranks(x), ranks(y))[0, 1])


def ranks(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Ranks from 1 on, along the first axis; equal numbers share the mean of theirs. NaN is the largest, all alike.

    >>> ranks([3.0, 1.0, 3.0]).tolist(), ranks([float("nan"), 1.0, float("inf")]).tolist()
    ([2.5, 1.0, 2.5], [3.0, 1.0, 2.0])
    """
    x = np.asarray(values, np.float64)
    nan = np.isnan(x)
    above = (x[:, None] > x) | (nan[:, None] & ~nan)
    equal = (x[:, None] == x) | (nan[:, None] & nan)
    return np.asarray(above.sum(1) + (equal.sum(1) + 1) / 2)


# ------------------------------------------------------------------------------------------------------- in pairs


def paired(a: Mapping[int, float], b: Mapping[int, float], level: float = CONFIDENCE_LEVEL) -> Estimate | Refusal:
    """Mean of a - b, paired by seed, with Student's t interval of the differences.

    Takes one finite value a seed. Refused where the two sides have not the same seeds.

    >>> paired({0: 3.0, 1: 5.0}, {0: 1.0, 1: 3.0}).value
    2.0
    >>> paired({0: 3.0, 1: 5.0}, {0: 1.0}).why
    'seeds'
    """
    pairs = _pairs(a, b)
    return pairs if isinstance(pairs, Refusal) else mean_interval(list(pairs[0] - pairs[1]), level)


def ratio(a: Mapping[int, float], b: Mapping[int, float], level: float = CONFIDENCE_LEVEL) -> Estimate | Refusal:
    """Mean of a over mean of b, paired by seed, with Fieller's interval.

    The interval holds every r for which the t interval of a - r b contains 0, so it needs no logarithm and a may be
    negative. Refused where the seeds differ, or where b cannot be told from 0.

    >>> ratio({0: 20.0, 1: 22.0, 2: 24.0}, {0: 10.0, 1: 11.0, 2: 12.0}).value
    2.0
    """
    pairs = _pairs(a, b)
    if isinstance(pairs, Refusal):
        return pairs
    x, y = pairs
    n, mean_x, mean_y = len(x), float(x.mean()), float(y.mean())
    if mean_y == 0:
        return Refusal("denominator", "the ratio's denominator is 0")
    if n == 1:
        return Estimate(mean_x / mean_y, math.nan, math.nan, 1, "Fieller")
    ends = fieller(x, y, (1 + level) / 2)
    if ends is None:
        return Refusal("denominator", "the ratio's denominator cannot be told from 0")
    return Estimate(mean_x / mean_y, *ends, n, "Fieller")


def _pairs(a: Mapping[int, float], b: Mapping[int, float]) -> tuple[Floats, Floats] | Refusal:
    if not a or not b:
        return Refusal("missing", "there are no trials on one side")
    if set(a) != set(b):
        odd = ", ".join(map(str, sorted(set(a) ^ set(b))))
        return Refusal("seeds", f"the seeds do not match (only one side has {odd})")
    seeds = sorted(a)
    return finite_array([a[s] for s in seeds]), finite_array([b[s] for s in seeds])


def finite_array(values: Sequence[float]) -> Floats:
    """Some numbers as an array.

    Raises:
        ValueError: there are none, or one is not finite.
    """
    x = np.asarray(values, dtype=np.float64)
    if not len(x) or not np.isfinite(x).all():
        raise ValueError("expected at least one number, all finite; diverged trials are judged by counts")
    return x
