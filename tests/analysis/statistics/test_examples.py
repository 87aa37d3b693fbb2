"""The margin of new examples: by hand, against scipy, and how often it covers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from analysis.statistics import examples


@pytest.mark.parametrize(("hits", "n"), [(133, 143), (0, 20), (20, 20), (7, 9)])
def test_a_level_is_clopper_and_pearsons(hits: int, n: int) -> None:
    found = examples.level([np.arange(n) < hits])
    wanted = stats.binomtest(hits, n).proportion_ci(0.95, "exact")
    assert [found.low, found.high] == pytest.approx([wanted.low, wanted.high])
    assert found.value == hits / n and found.n == n


def test_more_seeds_on_the_same_examples_do_not_narrow_it() -> None:
    one = np.arange(143) < 133
    assert examples.level([one] * 5) == examples.level([one])
    other = np.arange(143) % 15 != 0
    assert examples.level([one, other]).high - examples.level([one, other]).low > 0.06


def test_a_difference_comes_from_how_many_differ_and_for_whom() -> None:
    a, b = np.arange(1000) < 900, np.arange(1000) < 880
    found = examples.difference([a], [b])
    differ, ours = (stats.binomtest(20, n).proportion_ci(0.975, "exact") for n in (1000, 20))
    assert [found.low, found.high] == pytest.approx([differ.low * (2 * ours.low - 1), differ.high])
    assert examples.difference([b], [a]).high == pytest.approx(-found.low)
    assert found.high > found.value, "on new examples more of them could differ"


def test_where_no_pair_differs_a_rare_one_could() -> None:
    a = np.arange(100) < 90
    found = examples.difference([a], [a])
    assert found.value == 0 and 0.04 < found.high == -found.low < 0.045


@pytest.mark.parametrize(("ours", "theirs", "seeds"), [(0.1, 0.0, 1), (0.06, 0.03, 1), (0.06, 0.03, 5), (0.2, 0.2, 5)])
def test_the_interval_of_a_difference_covers_at_least_what_it_says(ours: float, theirs: float, seeds: int) -> None:
    rng = np.random.default_rng(2)
    inside = 0
    for _ in range(400):
        u = rng.random(200)  # of each example: for whom it is the easier one, for all seeds alike but for chance
        chance = 1.0 if seeds == 1 else 0.8
        kept = rng.random((2, seeds, 200)) < chance
        one = [(u < ours) & k for k in kept[0]]
        two = [(u > 1 - theirs) & k for k in kept[1]]
        found = examples.difference(one, two)
        inside += found.low <= chance * (ours - theirs) <= found.high
    assert inside / 400 >= 0.95


def test_the_interval_of_a_level_covers_at_least_what_it_says() -> None:
    rng = np.random.default_rng(1)
    inside = 0
    for _ in range(400):
        ability = rng.beta(9, 1, size=200)  # some examples are easy, some hard, for all seeds alike
        seeds = [rng.random(200) < ability for _ in range(5)]
        found = examples.level(seeds)
        inside += found.low <= 0.9 <= found.high
    assert inside / 400 >= 0.95


def test_the_intervals_of_a_ratio_and_of_a_share_of_seeds_cover_at_least_what_they_say() -> None:
    rng = np.random.default_rng(3)
    ratio = share = 0
    for _ in range(400):
        hard = rng.random(300)  # of each example: how hard, for both arms and all seeds alike but for chance
        one, two = ([(hard < right) ^ (rng.random(300) < 0.05) for _ in range(3)] for right in (0.9, 0.8))
        found = examples.ratio(one, two)
        assert found is not None
        true = [right * 0.95 + (1 - right) * 0.05 for right in (0.9, 0.8)]
        ratio += found.low <= true[0] / true[1] <= found.high
        each = [examples.level([bits], 0.025 / 3) for bits in one]
        held = examples.share_of_seeds(each, 0.86, None)  # it is true[0] 0.86 for all: just on the bound
        share += held.low <= 1.0 <= held.high
    assert ratio / 400 >= 0.95 and share / 400 >= 0.95


def test_a_ratio_over_what_could_be_nothing_has_none() -> None:
    none = np.zeros(50, dtype=bool)
    assert examples.ratio([~none], [none]) is None


def test_a_share_of_seeds_is_between_those_that_stay_and_those_that_could_be_there() -> None:
    seeds = [examples.share(value, 1000) for value in (0.95, 0.9, 0.8)]
    found = examples.share_of_seeds(seeds, 0.9, None)
    assert (found.value, found.low, found.high) == pytest.approx((2 / 3, 1 / 3, 2 / 3))
    narrow = examples.share_of_seeds([examples.share(0.9, 100)], 0.86, 0.87)
    assert (narrow.value, narrow.low, narrow.high) == (0.0, 0.0, 1.0), "it could lie between"
