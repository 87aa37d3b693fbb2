"""One-sided evidence of one bound, against numbers worked out by hand and by scipy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.statistics import one_sided, shares

SEEDS = st.lists(st.integers(-3000, 3000).map(lambda k: k / 100), min_size=2, max_size=12)
INF, NAN = math.inf, math.nan


@given(SEEDS, st.integers(-20, 20))
def test_t_is_scipys_after_every_seed(values: list[float], bound: int):
    above, below = one_sided.t_p_values(np.array(values), bound)
    for n in range(2, len(values) + 1):
        if len(set(values[:n])) > 1:
            expected = stats.ttest_1samp(values[:n], bound, alternative="greater").pvalue
            assert above[n - 1] == pytest.approx(expected, rel=1e-6, abs=1e-300)
            assert below[n - 1] == pytest.approx(1 - expected, rel=1e-6, abs=1e-9)


def test_t_by_hand():
    # 1, 2, 3, 4, 5 against 0: t = 3 / sqrt(0.5) = 4.2426 with 4 degrees of freedom
    above, _ = one_sided.t_p_values(np.array([1.0, 2.0, 3.0, 4.0, 5.0]), 0.0)
    assert above[4] == pytest.approx(0.006618, abs=1e-6)
    assert above[0] == 1.0


@pytest.mark.parametrize("bad", [INF, -INF, NAN])
def test_t_is_silent_from_the_first_diverged_seed_on(bad: float):
    values = np.array([1.0, 1.1, 1.2, bad, 1.0, 1.1])
    above, below = one_sided.t_p_values(values, 0.0)
    assert above[2] < 0.01
    assert (above[3:] == 1).all() and (below[3:] == 1).all()


@pytest.mark.parametrize("value", [0.0, 93.007, 1e-30, -1e300])
def test_t_is_silent_without_spread(value: float):
    above, below = one_sided.t_p_values(np.full(9, value), -1.0)
    assert (above == 1).all() and (below == 1).all()


def test_rounding_is_no_spread_and_no_distance_from_a_bound():
    differences = np.array([0.93 - 0.92, 0.94 - 0.93, 0.95 - 0.94, 0.90 - 0.89, 0.91 - 0.90])
    assert len(set(differences)) > 1
    assert (one_sided.t_p_values(differences, 0.005)[0] == 1).all()
    above, below = one_sided.count_p_values(differences, 0.01, closed=False)
    assert above[4] > 1 > below[4]


@pytest.mark.parametrize(("closed", "side"), [(True, 0), (False, 1)])
def test_on_the_bound_a_level_is_met_and_a_contrast_is_not(closed: bool, side: int):
    found = one_sided.count_p_values(np.full(8, 2.0), 2.0, closed=closed)
    # half of the stake on "always" doubles each time, half evenly on shares above a half: 2^8 x (1/2 + 1/2 x 511/2304)
    assert found[side][7] == pytest.approx(1 / (128 * (1 + 511 / 2304)))
    assert found[1 - side][7] > 1


def test_a_diverged_seed_counts_as_worst_and_two_as_a_tie_that_counts_for_neither():
    above, below = one_sided.count_p_values(np.array([INF, INF, -INF, NAN]), 0.0, closed=True)
    expected = [math.exp(-shares.log_wealth(*hits, 0.5)) for hits in ((2, 4), (1, 4))]
    assert [above[3], below[3]] == pytest.approx(expected)


@given(st.lists(st.sampled_from([-INF, -1.0, 0.0, 1.0, 2.0, INF, NAN]), min_size=1, max_size=20), st.booleans())
def test_turned_round_everything_is_the_other_side(values: list[float], closed: bool):
    x = np.array(values)
    ways = one_sided.t_p_values(x, 0.5), one_sided.t_p_values(-x, -0.5)[::-1]
    assert np.array(ways[0]) == pytest.approx(np.array(ways[1]))
    ways = one_sided.count_p_values(x, 1.0, closed=closed), one_sided.count_p_values(-x, -1.0, closed=not closed)[::-1]
    assert np.array(ways[0]) == pytest.approx(np.array(ways[1]))


@given(st.lists(st.sampled_from([-INF, -1.0, 0.5, 2.0, INF, NAN]), min_size=1, max_size=12))
def test_what_is_known_after_n_seeds_does_not_depend_on_later_ones(values: list[float]):
    whole, first = np.array(values), np.array(values)[: max(1, len(values) // 2)]
    for function in (one_sided.t_p_values, lambda x, b: one_sided.count_p_values(x, b, closed=True)):
        for a, b in zip(function(whole, 0.3), function(first, 0.3), strict=True):
            assert a[: len(first)] == pytest.approx(b)
