"""The table over repeats of a search, on the page, in the terminal and in Python."""

from __future__ import annotations

from pathlib import Path

import pytest

import study as library
from analysis.report import search_section
from analysis.report.inputs import read_inputs
from analysis.report.page_tree import Paragraph, Table, walk
from analysis.searches.sentences import search_lines
from tests.analysis.searches.test_findings import searched_store


def test_page_terminal_and_python_show_them(tmp_path: Path) -> None:
    for seed, name in enumerate(("one", "two", "three")):
        store, _ = searched_store(tmp_path, ("val_accuracy",), name, seed)
    inputs = read_inputs(store)
    blocks = {n: list(walk(search_section.blocks(inputs, inputs.studies[n]))) for n in ("one", "two")}
    (sheet,) = [b.sheet for b in blocks["one"] if isinstance(b, Table) and b.name == "one-repeats"]
    assert [row[0].text for row in sheet.rows] == ["one", "two", "three", "mean of 3 repeats"]
    assert sheet.heads[2] == "Validation accuracy, selected on val, %" and "No verdict rests on it" in sheet.notes[0]
    notes = [b.text for b in blocks["two"] if isinstance(b, Paragraph)]
    assert "This is one of 3 repeats of a search. They stand together with one." in notes
    assert any(line.startswith("Over 3 repeats, searches that differ") for line in search_lines(store, "two"))
    frame = library.open(str(tmp_path)).repeats()
    assert list(frame["what"]) == ["repeat"] * 3 + ["mean"] and frame["n"].iloc[-1] == 3
    assert frame["estimate"].iloc[-1] == pytest.approx(frame["estimate"].iloc[:3].mean())
