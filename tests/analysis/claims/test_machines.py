"""Which seeds of two arms have times that may be compared."""

from __future__ import annotations

from analysis.claims.machines import elsewhere


def test_seeds_of_another_kind_of_machine_than_the_first_that_counts_are_left_out() -> None:
    a = {0: "old", 1: "new", 2: "new", 3: "old"}
    b = {**a, 2: "old"}
    seeds = sorted(a)
    assert sorted(elsewhere(seeds, a, b)) == [1, 2]
    assert sorted(elsewhere(seeds, a, b, 1)) == [0, 2, 3]
    assert sorted(elsewhere(seeds, a, b, 9)) == [1, 2], "none counts yet: the first on record"
    assert elsewhere(seeds, a, b)[1].text == "times were measured on different machines: new, old"


def test_what_is_no_time_and_what_has_no_seed_leaves_none_out() -> None:
    assert elsewhere([0, 1], {}, {}) == {} and elsewhere([], {}, {}) == {}
