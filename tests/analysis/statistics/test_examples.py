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


def test_a_difference_comes_from_the_pairs_that_differ() -> None:
    a, b = np.arange(1000) < 900, np.arange(1000) < 880
    found = examples.difference([a], [b])
    theta = stats.binomtest(20, 20).proportion_ci(0.95, "exact")
    assert [found.low, found.high] == pytest.approx([0.02 * (2 * theta.low - 1), 0.02])
    assert examples.difference([b], [a]).high == pytest.approx(-found.low)


def test_where_no_pair_differs_a_rare_one_could() -> None:
    a = np.arange(100) < 90
    found = examples.difference([a], [a])
    assert found.value == 0 and 0.03 < found.high == -found.low < 0.04


def test_the_interval_of_a_level_covers_at_least_what_it_says() -> None:
    rng = np.random.default_rng(1)
    inside = 0
    for _ in range(400):
        ability = rng.beta(9, 1, size=200)  # some examples are easy, some hard, for all seeds alike
        seeds = [rng.random(200) < ability for _ in range(5)]
        found = examples.level(seeds)
        inside += found.low <= 0.9 <= found.high
    assert inside / 400 >= 0.95
