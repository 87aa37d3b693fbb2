"""A verdict has one word for programs and one for people, and whatever shows verdicts knows all of them."""

from __future__ import annotations

import re

import pytest

from analysis.chapter.findings import HEADS
from analysis.claims.recorded import Recorded
from analysis.claims.words import ASCII_MARKS, MARKS, VERDICTS, WORDS, VerdictWord
from analysis.figures.claims_overview import LOOKS
from analysis.report.html import MEANINGS
from tests.test_architecture import ROOT


def test_they_are_those_of_the_project() -> None:
    asked = {"supported", "refuted", "open", "not-enough-seeds", "reduced", "missing", "mechanism"}
    assert set(VERDICTS) == asked | {"no-place", "not-judged"}


def test_whatever_shows_them_knows_all() -> None:
    legend = [word for word, _ in MEANINGS if word != "none"]
    for known in (WORDS, MARKS, ASCII_MARKS, LOOKS, legend, [word for word, _ in HEADS]):
        assert set(known) == set(VERDICTS)
    assert all(mark.isascii() for mark in ASCII_MARKS.values())


@pytest.mark.parametrize("word", VERDICTS)
def test_pages_and_documents_name_each(word: VerdictWord) -> None:
    marks = (ROOT / "analysis/report/assets/marks.html").read_text()
    assert f'id="m-{word}"' in marks and f'id="p-{word}"' in marks
    assert f"| {WORDS[word]} |" in (ROOT / "docs/guides/reading-the-report.md").read_text()
    assert f"*{WORDS[word]}*" in (ROOT / "docs/contributing/words.md").read_text()
    for text in ("docs/glossary.md", "docs/guides/own-study.md"):
        assert f"`{word}`" in (ROOT / text).read_text(), text


def test_no_document_has_a_word_of_its_own() -> None:
    """Generated ones follow with the next `make docs`."""
    texts = [*(ROOT / "docs/guides").glob("*.md"), *(ROOT / "docs").glob("*.md")]
    found = [p.name for p in texts if re.search(r"\binconclusive\b|too few seeds", p.read_text())]
    assert found == []


def test_a_verdict_on_record_has_its_word_too() -> None:
    assert Recorded("s", "c", "", "not-enough-seeds", "It is so.").word == "not enough seeds"
