"""An answer of a search as the results folder keeps it; one of an older version lacks what came later."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.storage.search_answer import FILE, ChosenProposal, ExampleCounts, RacedProposal, SearchAnswer

NUMBERS, WORDS = st.integers(0, 10**6), st.text(max_size=8)
ANSWERS = st.builds(
    SearchAnswer,
    WORDS,
    st.lists(NUMBERS, max_size=3).map(tuple),
    st.lists(st.builds(ChosenProposal, WORDS, WORDS, NUMBERS), max_size=3).map(tuple),
    st.lists(st.builds(RacedProposal, WORDS, NUMBERS, NUMBERS), max_size=3).map(tuple),
    st.none() | st.builds(ExampleCounts, NUMBERS, NUMBERS),
)


@given(ANSWERS)
def test_what_is_written_is_read_back_as_it_was(answer: SearchAnswer) -> None:
    assert SearchAnswer.from_json(json.loads(json.dumps(answer.to_json()))) == answer


def test_what_an_older_version_did_not_write_is_empty() -> None:
    old: dict[str, Any] = {"study": "s", "seeds": [1000], "arms": [{"arm": "winner", "proposal": 3}]}
    found = SearchAnswer.from_json(old)
    assert found.arms == (ChosenProposal("winner", "", 3),) and found.raced == () and found.examples is None


@pytest.mark.parametrize("arms", [[{"arm": "winner"}], [{"arm": "winner", "proposal": "3"}], ["winner"], 7])
def test_what_is_no_answer_is_refused(arms: object) -> None:
    with pytest.raises((ValueError, TypeError, AttributeError)):
        SearchAnswer.from_json({"study": "s", "arms": arms})


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("searches/s/answer.json", True),
        ("searches/s/answer-reduced.json", True),
        ("searches/s/p/answer.json", False),
        ("searches/s/answer.json.old", False),
    ],
)
def test_its_file_is_known_by_its_name(name: str, *, fits: bool) -> None:
    assert (FILE.fullmatch(name) is not None) == fits
