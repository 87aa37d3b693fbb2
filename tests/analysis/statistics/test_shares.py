"""Shares of seeds by an e-process, against exact sums and by simulation."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.statistics import shares
from analysis.statistics.shares import SharePart
from analysis.statistics.verdict_rule import judge


def test_how_many_seeds_without_an_exception():
    assert [shares.seeds_without_exception(m) for m in (1, 6, 43)] == [16, 24, 33]
    assert [shares.seeds_without_exception(m, 0.5) for m in (1, 6, 43)] == [5, 8, 11]


@pytest.mark.parametrize("places", [1, 6, 43])
def test_the_rule_supports_with_so_many_and_not_one_fewer(places: int):
    n = shares.seeds_without_exception(places)
    assert judge([SharePart((True,) * n)], places).word == "supported"
    assert judge([SharePart((True,) * (n - 1))], places).word == "open"
    assert judge([SharePart((True,) * n)], places + 5).word == "open"


@pytest.mark.parametrize("declared", [0.5, 0.8, 0.9])
@pytest.mark.parametrize("n", [1, 4, 8])
def test_a_bet_is_fair_against_its_hypothesis(n: int, declared: float):
    for bet, limit in ((shares.log_wealth, declared), (shares.log_wealth_below, declared)):
        mean = sum(
            declared ** sum(held) * (1 - declared) ** (n - sum(held)) * math.exp(bet(sum(held), n, limit))
            for held in product((0, 1), repeat=n)
        )
        assert mean == pytest.approx(1.0)


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n))), st.floats(0.1, 0.9))
def test_more_hits_are_more_evidence(hits: tuple[int, int], declared: float):
    h, n = hits
    assert shares.log_wealth(h + 1, n, declared) > shares.log_wealth(h, n, declared)
    assert shares.log_wealth_below(h + 1, n, declared) < shares.log_wealth_below(h, n, declared)


def test_majority_is_the_same_bet_at_a_half():
    table = shares.majority(20)
    assert table[20, 17] == pytest.approx(math.exp(-shares.log_wealth(17, 20, 0.5)))
    assert not table.flags.writeable


def test_exceptions_refute_and_one_does_not():
    seldom = tuple(i % 3 == 0 for i in range(40))
    assert judge([SharePart(seldom)], 6).word == "refuted"
    assert judge([SharePart((True,) * 20 + (False,))], 6).word == "open"
    found = judge([SharePart((False,) * 5)], 6)
    assert (found.word, found.decided_at) == ("refuted", 5)


def test_the_interval_ends_where_the_rule_decides():
    n = shares.seeds_without_exception(6)
    found = judge([SharePart((True,) * n)], 6)
    assert found.interval is not None and found.plain is not None
    assert 0.8 < found.interval.low < 0.81 and found.interval.high == 1.0
    assert found.plain.low > found.interval.low
    assert shares.share_interval((True,) * 4, 0.05) is None
    assert shares.share_estimate(()) is None


def test_looks_at_every_seed_go_wrong_as_seldom_as_promised():
    held = np.random.default_rng(5).random((4000, 120)) < 0.8
    n, hits = np.arange(1, 121), held.cumsum(1)
    for bet in (shares.log_wealth, shares.log_wealth_below):
        assert (bet(hits, n, 0.8).max(1) >= math.log(20)).mean() <= 0.05


@pytest.mark.parametrize("declared", [0.0, 1.0, -1.0, math.nan])
def test_a_declared_share_lies_between_0_and_1(declared: float):
    with pytest.raises(ValueError, match="between 0 and 1"):
        SharePart((True,), declared)
