"""Estimates and intervals against numbers worked out by hand, and by simulation against what they promise."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from analysis.statistics import estimates as stats
from analysis.statistics.estimates import Estimate, Refusal

NUMBERS = st.lists(st.floats(-100, 100).map(lambda x: round(x, 3)), min_size=2, max_size=8)


# ---------------------------------------------------------------------------------------------------- by hand


def test_mean_interval_by_hand():
    # mean 3, sample variance 2.5, standard error sqrt(0.5), t(4, 0.975) = 2.776445
    e = stats.mean_interval([1, 2, 3, 4, 5])
    assert (e.value, e.n) == (3.0, 5)
    assert (e.low, e.high) == pytest.approx((3 - 2.776445 * math.sqrt(0.5), 3 + 2.776445 * math.sqrt(0.5)), abs=1e-5)


def test_one_value_has_no_interval_and_equal_values_one_without_width():
    one = stats.mean_interval([0.5])
    assert (one.value, one.n) == (0.5, 1)
    assert math.isnan(one.low)
    assert math.isnan(one.high)
    same = stats.mean_interval([0.5, 0.5, 0.5])
    assert (same.low, same.high) == (0.5, 0.5)


def test_paired_by_hand_uses_differences_and_not_the_spread_between_seeds():
    # differences 1, 2, 3: mean 2, standard error 1 / sqrt(3), t(2, 0.975) = 4.302653
    e = stats.paired({0: 101, 1: 202, 2: 303}, {2: 300, 0: 100, 1: 200})
    assert isinstance(e, Estimate)
    assert e.value == 2
    assert e.high - e.value == pytest.approx(4.302653 / math.sqrt(3), abs=1e-5)
    assert scipy_stats.ttest_rel([101, 202, 303], [100, 200, 300]).confidence_interval().low == pytest.approx(e.low)


def test_fieller_by_hand():
    # the ends are where the paired t statistic of a - r b is exactly the critical value
    a, b = {0: 10.0, 1: 13.0, 2: 11.5, 3: 12.0}, {0: 5.0, 1: 6.0, 2: 5.6, 3: 6.2}
    e = stats.ratio(a, b)
    assert isinstance(e, Estimate)
    assert e.value == pytest.approx(46.5 / 22.8)
    for end in (e.low, e.high):
        d = np.array([a[s] - end * b[s] for s in a])
        assert abs(d.mean() / (d.std(ddof=1) / 2)) == pytest.approx(scipy_stats.t.ppf(0.975, 3), rel=1e-6)


def test_proportion_by_hand():
    # 5 of 5: the lower end solves p**5 = 0.025
    e = stats.proportion(5, 5)
    assert (e.low, e.high) == pytest.approx((0.025 ** (1 / 5), 1.0))
    assert stats.proportion(0, 4).high == pytest.approx(1 - 0.025 ** (1 / 4))
    # Wilson, 2 of 4: 0.5 -+ (z / (n + z2)) sqrt(n / 4 + z2 / 4) for the middle value
    z = 1.959964
    half = z / (4 + z * z) * math.sqrt(4 * 0.25 + z * z / 4)
    assert stats.proportion(2, 4, method="wilson").low == pytest.approx(0.5 - half, abs=1e-6)


@pytest.mark.parametrize(("hits", "n"), [(0, 1), (1, 1), (0, 5), (3, 5), (5, 5), (17, 40)])
def test_the_exact_interval_is_that_of_scipy(hits, n):
    wanted = scipy_stats.binomtest(hits, n).proportion_ci(0.9)
    assert stats.clopper_pearson(hits, n, 0.05) == pytest.approx((wanted.low, wanted.high), abs=1e-10)


def test_ranks_are_those_of_scipy():
    values = np.random.default_rng(0).integers(0, 9, 40) / 4
    assert stats.ranks(values).tolist() == scipy_stats.rankdata(values).tolist()
    assert stats.ranks([math.inf, 1.0, -math.inf]).tolist() == [3.0, 2.0, 1.0]
    assert stats.ranks(values.reshape(8, 5)).tolist() == scipy_stats.rankdata(values.reshape(8, 5), axis=0).tolist()


def test_rank_correlation():
    assert stats.rank_correlation([1, 5, 9], [2, 3, 100]) == pytest.approx(1)
    assert stats.rank_correlation([1, 2, 3], [1, math.inf, 2]) == pytest.approx(0.5)
    assert math.isnan(stats.rank_correlation([1, 1, 1], [1, 2, 3]))


# ---------------------------------------------------------------------------------------------------- refusals


def test_what_cannot_be_paired_is_refused_with_a_reason():
    refused = stats.paired({0: 1.0, 1: 2.0}, {0: 1.0, 2: 2.0})
    assert isinstance(refused, Refusal)
    assert refused.why == "seeds"
    assert "1, 2" in refused.text
    assert stats.paired({}, {0: 1.0}).why == "missing"  # type: ignore[union-attr]
    assert stats.ratio({0: 1.0, 1: 2.0}, {0: -1.0, 1: 1.0}).why == "denominator"  # type: ignore[union-attr]
    assert stats.ratio({0: 1.0, 1: 2.0}, {0: 0.5, 1: 3.0}).why == "denominator"  # type: ignore[union-attr]


def test_numbers_that_are_not_finite_are_a_mistake_here():
    with pytest.raises(ValueError, match="finite"):
        stats.mean_interval([1.0, math.nan])
    with pytest.raises(ValueError, match="finite"):
        stats.paired({0: math.inf}, {0: 1.0})


# ---------------------------------------------------------------------------------------------------- simulation


@pytest.mark.parametrize("n", [2, 3, 5, 10])
def test_t_intervals_cover_95_percent(n: int):
    x = np.random.default_rng(n).normal(3.0, 2.0, size=(3000, n))
    hit = [e.low <= 3.0 <= e.high for e in map(stats.mean_interval, x.tolist())]
    assert np.mean(hit) == pytest.approx(0.95, abs=0.013)  # 3.3 standard errors of 3000 trials


@pytest.mark.parametrize("n", [3, 5])
def test_paired_intervals_cover_though_seeds_differ_far_more_than_arms(n: int):
    rng = np.random.default_rng(50 + n)
    shared = rng.normal(0.0, 10.0, size=(2000, n))
    a, b = shared + rng.normal(0.3, 1.0, size=(2000, n)), shared + rng.normal(0.0, 1.0, size=(2000, n))
    found = [stats.paired(dict(enumerate(x)), dict(enumerate(y))) for x, y in zip(a, b, strict=True)]
    hit = [isinstance(e, Estimate) and e.low <= 0.3 <= e.high for e in found]
    assert np.mean(hit) == pytest.approx(0.95, abs=0.016)


def test_fieller_covers_the_ratio_of_means():
    rng = np.random.default_rng(7)
    b = rng.normal(10.0, 1.0, size=(2000, 5))
    a = 0.4 * b + rng.normal(0.0, 0.5, size=(2000, 5)) - 0.4 * (b - 10.0) * rng.normal(1.0, 0.1, size=(2000, 5))
    truth = 0.4
    found = [stats.ratio(dict(enumerate(x)), dict(enumerate(y))) for x, y in zip(a, b, strict=True)]
    hit = [isinstance(e, Estimate) and e.low <= truth <= e.high for e in found]
    assert np.mean(hit) == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_clopper_pearson_covers_at_least_95_percent(share: float):
    n = 5
    weights = scipy_stats.binom.pmf(range(n + 1), n, share)
    hit = [(e := stats.proportion(k, n)).low <= share <= e.high for k in range(n + 1)]
    assert float(np.dot(weights, hit)) >= 0.95


# ---------------------------------------------------------------------------------------------------- how many seeds


# ---------------------------------------------------------------------------------------------------- properties


@settings(max_examples=50)
@given(NUMBERS, st.floats(-50, 50).map(lambda x: round(x, 3)))
def test_a_shift_moves_the_interval_and_nothing_else(values: list[float], by: float):
    e, moved = stats.mean_interval(values), stats.mean_interval([v + by for v in values])
    assert moved.low == pytest.approx(e.low + by, abs=1e-6)
    assert moved.high - moved.low == pytest.approx(e.high - e.low, abs=1e-6)


@pytest.mark.parametrize("n", [2, 3, 5, 30])
def test_students_t_is_that_of_scipy_stats_to_the_last_bit(n: int) -> None:
    """`scipy.special` has it without half a second of import."""
    from scipy import special, stats

    for q in (0.975, 0.5, 1e-9, 0.0123):
        assert special.stdtrit(n - 1, q) == stats.t.ppf(q, n - 1)
        assert -special.stdtrit(n - 1, q) == stats.t.isf(q, n - 1)
    for x in (-3.0, 0.0, 1.7, 40.0):
        assert special.stdtr(n - 1, -x) == stats.t.sf(x, n - 1)
