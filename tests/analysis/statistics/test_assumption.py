"""What speaks against normal seeds: found where it is gross, seldom said where there is nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analysis.statistics.assumption import BY_CHANCE, doubts


def test_one_seed_far_from_the_rest():
    (found,) = doubts([0.89, 0.891, 0.2, 0.889, 0.892, 0.888])
    assert (found.what, found.places) == ("one seed far from the rest", (2,))


@pytest.mark.parametrize("turn", [1, -1])
def test_two_groups_of_seeds(turn: int):
    found = doubts([turn * v for v in (0.89, 0.20, 0.891, 0.21, 0.889, 0.892, 0.205)])
    assert [(d.what, d.places) for d in found] == [("two groups of seeds", (1, 3, 6))]


@pytest.mark.parametrize("values", [(), (1.0,) * 4, (1.0,) * 9, (1.0, 2.0, 3.0, 4.0, math.inf), (0, 0, 1, 1)])
def test_where_nothing_can_be_said_nothing_is(values):
    assert doubts(values) == ()


def test_four_seeds_alike_and_one_that_is_not():
    (found,) = doubts([1.0, 1.0, 1.0, 1.0, 2.0])
    assert found.places == (4,)


@pytest.mark.parametrize("n", [5, 10, 20])
def test_normal_seeds_are_seldom_doubted(n: int):
    x = np.random.default_rng(n).standard_normal((1000, n))
    share = np.mean([bool(doubts(v)) for v in x.tolist()])
    assert abs(share - BY_CHANCE) <= 3 * math.sqrt(BY_CHANCE / 1000)
