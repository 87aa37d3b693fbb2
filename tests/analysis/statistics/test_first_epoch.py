"""First epochs in pairs: which pairs decide, and that nobody is given a number that was not measured."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.statistics.first_epoch import FirstEpochPart, Pair, outcome
from analysis.statistics.verdict_rule import judge

EPOCHS = st.one_of(st.none(), st.integers(1, 30))


@pytest.mark.parametrize(
    ("a", "b", "margin", "expected"),
    [
        (3, 5, 0, "met"),
        (5, 3, 0, "broken"),
        (4, 4, 0, "neither"),
        (3, 5, 2, "neither"),
        (3, 6, 2, "met"),
        (3, 4, 2, "broken"),
        (3, None, 0, "met"),
        (None, 3, 0, "broken"),
        (None, None, 0, "neither"),
        (10, None, 20, "met"),
        (11, None, 20, "neither"),
        (None, 30, -5, "neither"),
        (None, 20, -5, "broken"),
    ],
)
def test_pairs_by_hand(a, b, margin, expected):
    assert outcome(Pair(a, b, 30, 30), margin) == expected


@given(EPOCHS, EPOCHS, st.integers(-10, 10), st.integers(31, 60), st.integers(31, 60))
def test_what_is_decided_is_never_otherwise_with_more_epochs(a, b, margin, later_a, later_b):
    """Whatever epochs the arms reach it at later, or never, a decided pair stays as it is."""
    found = outcome(Pair(a, b, 30, 30), margin)
    later = outcome(Pair(a or later_a, b or later_b, 60, 60), margin)
    assert found in ("neither", later)


@given(EPOCHS, EPOCHS, st.integers(-10, 10))
def test_the_other_way_round(a, b, margin):
    other = {"met": "broken", "broken": "met", "neither": "neither"}
    assert outcome(Pair(b, a, 30, 30), -margin) == other[outcome(Pair(a, b, 30, 30), margin)]


def test_eight_pairs_of_one_kind_decide_in_a_family_of_six():
    for pair, word in ((Pair(3, 9, 30, 30), "supported"), (Pair(None, 9, 30, 30), "refuted")):
        assert judge([FirstEpochPart((pair,) * 8)], 6).word == word
        assert judge([FirstEpochPart((pair,) * 7)], 6).word == "open"


def test_pairs_that_never_got_there_count_among_all():
    never, first = Pair(None, None, 30, 30), Pair(3, None, 30, 30)
    found = judge([FirstEpochPart((never,) * 8 + (first,) * 8)], 6)
    assert (found.word, found.n) == ("open", 16)
    assert found.plain is not None and found.plain.value == 0.5
    assert judge([FirstEpochPart((never,) * 40)], 6).word == "open"


@pytest.mark.parametrize("pair", [Pair(3, 9, 30, 30), Pair(9, 3, 30, 30), Pair(None, None, 30, 30)])
@pytest.mark.parametrize("n", [7, 8, 20])
def test_the_interval_leaves_a_half_out_just_where_it_is_decided(pair, n):
    mixed = (Pair(9, 3, 30, 30), Pair(3, 9, 30, 30))
    for pairs in ((pair,) * n, (*mixed, *(pair,) * n)):
        found = judge([FirstEpochPart(pairs)], 6)
        assert found.interval is not None
        low, high = found.interval.low, found.interval.high
        assert (low > 0.5, high < 0.5) == (found.word == "supported", found.word == "refuted")
        assert low <= found.interval.value <= high
