"""The tree of a page: every block is come by, and every place has a name that a link can carry."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from analysis.report.page_tree import (
    Answer,
    Details,
    Finding,
    Paragraph,
    Section,
    StudyFold,
    Table,
    Trials,
    anchor,
    walk,
)
from analysis.text.sheet import Sheet

TABLES = [Table(name, Sheet(name, ("x",), ())) for name in ("why", "parts", "answer", "trials")]


def test_what_lies_within_other_blocks_is_come_by_once_in_the_order_of_the_page() -> None:
    why, parts, answer, trials = TABLES
    finding = Finding("f", "c", "s.", "open", "Open.", parts=parts, why_table=why)
    asked = Answer("q", 1, "Why?", (), table=answer)
    folded = Details("more", (Section("in", "Inner", (finding,), 3),))
    study = StudyFold("s", "t", "m", "q", "a", (folded, Trials("t", trials, ())))
    last = Paragraph("end")
    found = list(walk([study, asked, last]))
    inner = folded.blocks[0]
    assert found == [study, folded, inner, finding, why, parts, study.blocks[1], trials, asked, answer, last]


@given(st.lists(st.text(), min_size=1, max_size=3))
def test_a_place_is_a_name_that_a_link_can_carry(words: list[str]) -> None:
    name = anchor(*words)
    assert re.fullmatch(r"[a-z0-9.][a-z0-9.-]*", name) and anchor(name) == name


def test_how_trials_ended_is_said_once_each() -> None:
    rows = (("a", "a", "finished"), ("a", "", "diverged"), ("b", "b", "finished"))
    assert Trials("t", TABLES[3], rows).ends == ("finished", "diverged")
