"""A table for people: lines on a terminal, HTML in a notebook, the numbers as they are in its frame."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd
import pytest

from study.app.shown_table import ShownTable
from trainables.config.errors import BadInput

FRAME = pd.DataFrame(
    {
        "study": ["s", "s"],
        "arm": ["<b>", "two"],
        "accuracy": [98.494, math.nan],
        "accuracy_half": [0.631, math.nan],
        "verdict": ["not-enough-seeds", "reduced"],
        "note": ["", ""],
    }
)


def lines(rows: Sequence[int]) -> list[str]:
    return [f"line {i}" for i in rows]


def test_some_of_its_rows_are_shown_as_whole_as_all_of_them() -> None:
    """pandas cut sentences of a frame, and showed NaN."""
    frame = FRAME.assign(finding=["It " + "does " * 40, "It does not."], change=[math.nan, 1.5])
    one = ShownTable("t", frame, lines).where("arm", "two")
    assert (str(one), len(one), len(ShownTable("t", frame, lines).where("arm", "two").where("study", "other"))) == (
        "line 1",
        1,
        0,
    )
    assert str(one.where("study", "s").where("arm", "two")) == "line 1" and list(one["change"]) == [1.5]
    first = ShownTable("t", frame, lines).where("arm", "<b>")._repr_html_()
    assert "does " * 40 in first and "NaN" not in first
    with pytest.raises(BadInput, match="did you mean verdict"):
        ShownTable("t", frame, lines).where("verdikt", "open")


def test_a_terminal_has_its_lines() -> None:
    assert str(ShownTable("t", FRAME, lines)) == repr(ShownTable("t", FRAME, lines)) == "line 0\nline 1"


def test_a_notebook_has_one_cell_a_number_and_the_words_of_a_verdict() -> None:
    table = ShownTable("<t>", FRAME, lambda _: ())
    text = table._repr_html_()
    assert "<b>&lt;t&gt;: s</b>" in text and "&lt;b&gt;" in text and "<b><b>" not in text
    assert "98.49 ± 0.63" in text and "accuracy_half" not in text and "NaN" not in text
    assert "not enough seeds" in text and "not judged (reduced)" in text and "not-enough-seeds" not in text
    assert ">note</th>" not in text and ">study</th>" not in text, "what says nothing is left out"
    assert table.frame is FRAME and FRAME["verdict"][0] == "not-enough-seeds", "the frame is as it was"


def test_in_a_notebook_words_stand_on_the_left_and_numbers_in_one_line() -> None:
    """Jupyter sets every cell to the right, and broke "11.00 ± 5.21" in two."""
    text = ShownTable("t", FRAME.assign(change=[-1.5, 2.0]), lambda _: ())._repr_html_()
    assert '<td style="text-align: right; white-space: nowrap">98.49 ± 0.63</td>' in text
    assert "\N{MINUS SIGN}1.50</td>" in text and '<td style="text-align: left; white-space: nowrap">two</td>' in text


def test_an_interval_that_is_cut_has_both_ends_in_a_notebook_as_on_a_terminal() -> None:
    frame = pd.DataFrame({"accuracy": [99.6], "accuracy_half": [1.1106], "gap": [-99.0], "gap_half": [1.5]})
    text = ShownTable("t", frame, lambda _: ())._repr_html_()
    number = '<td style="text-align: right; white-space: nowrap">'
    assert f"{number}99.60 (98.49 to 100.00)</td>" in text
    assert f"{number}\N{MINUS SIGN}99.00 (\N{MINUS SIGN}100.00 to \N{MINUS SIGN}97.50)</td>" in text


def test_python_goes_through_its_rows_and_takes_a_column() -> None:
    table = ShownTable("t", FRAME, lambda _: ())
    assert len(table) == 2 and [row.arm for row in table] == ["<b>", "two"]
    assert list(table["verdict"]) == ["not-enough-seeds", "reduced"]
