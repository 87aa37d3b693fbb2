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
from itertools import product
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import stats
from statsmodels.stats.multitest import multipletests

Floats = npt.NDArray[np.float64]
Side = Literal["above", "below", "both"]
Why = Literal[
    "missing", "seeds", "knobs", "epochs", "stopped", "failed", "not-reached", "not-finite", "no-tensor", "machines",
    "denominator", "one-seed", "few-arms", "reduced", "rule",
]  # fmt: skip

LEVEL = 0.95
EXACT_UP_TO = 16
"""Seeds up to which all sign flips are counted; beyond, a sample of them is."""
SAMPLES = 20_000
MOST_SEEDS = 10_000


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


def mean_interval(values: Sequence[float], level: float = LEVEL) -> Estimate:
    """Mean of one value a seed, with Student's t interval.

    >>> e = mean_interval([1.0, 2.0, 3.0])
    >>> e.value, round(e.low, 3), round(e.high, 3), e.n
    (2.0, -0.484, 4.484, 3)
    """
    x = _finite(values)
    mean = float(x.mean())
    if len(x) == 1:
        return Estimate(mean, math.nan, math.nan, 1, "t")
    half = float(stats.t.ppf((1 + level) / 2, len(x) - 1) * x.std(ddof=1) / math.sqrt(len(x)))
    return Estimate(mean, mean - half, mean + half, len(x), "t")


def proportion(hits: int, n: int, level: float = LEVEL, method: Literal["exact", "wilson"] = "exact") -> Estimate:
    """Share of seeds for which something holds, with Clopper and Pearson's (or Wilson's) interval.

    >>> e = proportion(5, 5)
    >>> e.value, round(e.low, 3), e.high
    (1.0, 0.478, 1.0)
    """
    interval = stats.binomtest(hits, n).proportion_ci(level, method)
    return Estimate(hits / n, float(interval.low), float(interval.high), n, "share of seeds")


def rank_correlation(x: Sequence[float], y: Sequence[float]) -> float:
    """Spearman's rank correlation; NaN where one side is constant.

    >>> round(rank_correlation([1, 2, 3], [10, 20, 30]), 6)
    1.0
    """
    if len(x) < 2 or len(set(x)) == 1 or len(set(y)) == 1:
        return math.nan
    return float(stats.spearmanr(x, y).statistic)


# ------------------------------------------------------------------------------------------------------- in pairs


def paired(a: Mapping[int, float], b: Mapping[int, float], level: float = LEVEL) -> Estimate | Refusal:
    """Mean of a - b, paired by seed, with Student's t interval of the differences.

    Takes one finite value a seed. Refused where the two sides have not the same seeds.

    >>> paired({0: 3.0, 1: 5.0}, {0: 1.0, 1: 3.0}).value
    2.0
    >>> paired({0: 3.0, 1: 5.0}, {0: 1.0}).why
    'seeds'
    """
    pairs = _pairs(a, b)
    return pairs if isinstance(pairs, Refusal) else mean_interval(list(pairs[0] - pairs[1]), level)


def ratio(a: Mapping[int, float], b: Mapping[int, float], level: float = LEVEL) -> Estimate | Refusal:
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
    t2 = float(stats.t.ppf((1 + level) / 2, n - 1)) ** 2 / n
    (vx, vxy), (_, vy) = np.cov(x, y)
    p, q, r = mean_y**2 - t2 * vy, mean_x * mean_y - t2 * vxy, mean_x**2 - t2 * vx
    if p <= 0:
        return Refusal("denominator", "the ratio's denominator cannot be told from 0")
    root = math.sqrt(max(q * q - p * r, 0.0))
    return Estimate(mean_x / mean_y, (q - root) / p, (q + root) / p, n, "Fieller")


def _pairs(a: Mapping[int, float], b: Mapping[int, float]) -> tuple[Floats, Floats] | Refusal:
    if not a or not b:
        return Refusal("missing", "there are no trials on one side")
    if set(a) != set(b):
        odd = ", ".join(map(str, sorted(set(a) ^ set(b))))
        return Refusal("seeds", f"the seeds do not match (only one side has {odd})")
    seeds = sorted(a)
    return _finite([a[s] for s in seeds]), _finite([b[s] for s in seeds])


def _finite(values: Sequence[float]) -> Floats:
    x = np.asarray(values, dtype=np.float64)
    if not len(x) or not np.isfinite(x).all():
        raise ValueError("expected at least one number, all finite; diverged trials are judged by counts")
    return x


# ------------------------------------------------------------------------------------------------------- p-values


def sign_flip_p(differences: Sequence[float], side: Side = "both", rng_seed: int = 0) -> float:
    """Exact p-value of "the differences are symmetric about 0", from all 2**n flips of their signs.

    side: "above" counts flips whose mean is at least the observed one, "below" at most, "both" at least as far from 0.
    Above `EXACT_UP_TO` seeds a sample of flips, the observed one included, drawn from `rng_seed`.

    >>> sign_flip_p([1.0, 2.0, 3.0], "above")
    0.125
    >>> sign_flip_p([1.0, 2.0, 3.0])
    0.25
    """
    x = _finite(differences)
    if len(x) <= EXACT_UP_TO:
        signs = np.array(list(product((1.0, -1.0), repeat=len(x))))
    else:
        drawn = np.random.default_rng(rng_seed).integers(0, 2, size=(SAMPLES, len(x)))
        signs = np.vstack([np.ones(len(x)), 1.0 - 2.0 * drawn])
    sums, seen = signs @ x, float(x.sum())
    slack = 1e-12 * float(np.abs(x).sum())  # equal sums must count as equal whatever order they were added in
    if side == "above":
        return float(np.mean(sums >= seen - slack))
    if side == "below":
        return float(np.mean(sums <= seen + slack))
    return float(np.mean(np.abs(sums) >= abs(seen) - slack))


def bounds_p(values: Sequence[float], low: float | None, high: float | None) -> float:
    """Evidence that the values' centre lies within the bounds: the larger of the one-sided p-values against each.

    With two bounds this is the test of equivalence by two one-sided tests, with sign flips.

    >>> bounds_p([0.1, 0.2, 0.3], 0.0, None), bounds_p([0.1, 0.2, 0.3], 0.0, 0.4)
    (0.125, 0.125)
    """
    x = np.asarray(values, dtype=np.float64)
    ps = [sign_flip_p(list(x - bound), side) for bound, side in ((low, "above"), (high, "below")) if bound is not None]  # type: ignore[arg-type]
    return max(ps, default=math.nan)


def holm(ps: Mapping[str, float]) -> dict[str, float]:
    """Holm's correction over the claims of a study; NaN (no p-value) stays out of the count.

    >>> {k: round(v, 6) for k, v in holm({"a": 0.01, "b": 0.04, "c": 0.03}).items()}
    {'a': 0.03, 'b': 0.06, 'c': 0.06}
    """
    names = [k for k, p in ps.items() if math.isfinite(p)]
    if not names:
        return {}
    corrected = multipletests([ps[k] for k in names], method="holm")[1]
    return {k: float(p) for k, p in zip(names, corrected, strict=True)}


# ------------------------------------------------------------------------------------------------------- how many seeds


def within(estimate: Estimate, low: float | None, high: float | None, *, strict: bool = False) -> bool | None:
    """Whether the interval lies within the bounds (True), wholly outside (False), or across one (None, or no interval).

    strict: a bound itself is outside, as in "larger than"; it matters where all seeds agree to the last digit.

    >>> within(Estimate(2.0, 1.0, 3.0, 5), 0.0, None), within(Estimate(2.0, 1.0, 3.0, 5), 4.0, None)
    (True, False)
    """
    if not (math.isfinite(estimate.low) and math.isfinite(estimate.high)):
        return None
    bottom, top = (-math.inf if low is None else low), (math.inf if high is None else high)
    if strict and (estimate.high <= bottom or estimate.low >= top):
        return False
    if estimate.low >= bottom and estimate.high <= top:
        return True
    return False if estimate.high < bottom or estimate.low > top else None


def seeds_needed(
    values: Sequence[float], low: float | None, high: float | None, power: float = 0.8, level: float = LEVEL
) -> int | None:
    """The smallest number of seeds whose t interval would miss the nearer bound with probability `power`.

    As if the observed mean and spread were the true ones, so a rough guide. None where one seed says nothing of
    the spread, or where more than `MOST_SEEDS` would be needed.

    >>> seeds_needed([0.9, 1.0, 1.1, 0.5, 1.5], 0.8, None)
    28
    """
    x = _finite(values)
    bounds = [b for b in (low, high) if b is not None and math.isfinite(b)]
    spread = float(x.std(ddof=1)) if len(x) > 1 else 0.0
    if spread == 0 or not bounds:
        return None
    effect = min(abs(float(x.mean()) - b) for b in bounds) / spread

    def enough(n: int) -> bool:
        reach = stats.t.ppf((1 + level) / 2, n - 1)
        return bool(stats.nct.sf(reach, n - 1, effect * math.sqrt(n)) >= power)

    if not enough(MOST_SEEDS):
        return None
    below, found = 1, 2
    while not enough(found):
        below, found = found, min(2 * found, MOST_SEEDS)
    while found - below > 1:
        middle = (below + found) // 2
        below, found = (below, middle) if enough(middle) else (middle, found)
    return found
