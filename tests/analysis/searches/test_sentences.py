"""How a search went, in sentences."""

from __future__ import annotations

import dataclasses

from analysis.searches import findings as searches
from analysis.searches import sentences as search_words
from analysis.searches.best_so_far import best_so_far
from study.spec.point import Point
from tests.analysis.searches.test_findings import made


def test_the_edge_is_warned_of() -> None:
    part = made("none", 3)
    part.proposals[0].point = Point((("lr", 0.99),))
    part.proposals[0].curves = {"val_accuracy": [0.99] * 9}
    found = searches.findings_of_part(part, rounds=2)
    assert found.edges["lr"] == "high"
    said = best_so_far(found)
    assert said.startswith("The best so far has 99.00 % validation accuracy, selected on val: lr "), said
    assert any("high end of the range of lr" in s and "Widen" in s for s in search_words.edges(found))


def test_a_configuration_under_way_is_not_tried_yet() -> None:
    """The page said 3 of a search of which the terminal said that 2 of 3 were tried."""
    part = made("none", 3)
    whole = search_words.sentences(searches.findings_of_part(part, rounds=2))[0]
    assert "tried 3 configurations" in whole and "under way" not in whole
    part.proposals[2].state = "running"
    said = search_words.sentences(searches.findings_of_part(part, rounds=2))[0]
    assert "tried 2 configurations" in said and "none diverged, 1 more is under way. " in said


def test_a_search_that_has_just_begun_has_no_shares() -> None:
    """It said "TPE tried 0 configurations ... That took 0 epochs a seed, 0 % of training all to the end"."""
    part = made("none", 3)
    under_way = tuple(dataclasses.replace(p, state="running", curves={}) for p in part.proposals)
    for shown, said in ((under_way[:1], "configuration"), (under_way, "3 configurations")):
        found = searches.findings_of_part(dataclasses.replace(part, proposals=shown))
        assert search_words.sentences(found) == [f"Random search tries the first {said}."]
