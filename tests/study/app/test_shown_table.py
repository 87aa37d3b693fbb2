"""A table for people: lines on a terminal, HTML in a notebook, the numbers as they are in its frame."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from typing import NamedTuple

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


class Row(NamedTuple):
    study: str
    arm: str
    accuracy: float
    accuracy_half: float
    verdict: str
    note: str


def table(frame: pd.DataFrame = FRAME, title: str = "t") -> ShownTable[Row]:
    return ShownTable(title, frame, lines, Row)


def test_some_of_its_rows_are_shown_as_whole_as_all_of_them() -> None:
    """pandas cut sentences of a frame, and showed NaN."""
    frame = FRAME.assign(finding=["It " + "does " * 40, "It does not."], change=[math.nan, 1.5])
    one = table(frame).where("arm", "two")
    assert (str(one), len(one), len(table(frame).where("arm", "two").where("study", "other"))) == (
        "line 1",
        1,
        0,
    )
    assert str(one.where("study", "s").where("arm", "two")) == "line 1" and list(one["change"]) == [1.5]
    first = table(frame).where("arm", "<b>")._repr_html_()
    assert "does " * 40 in first and "NaN" not in first
    with pytest.raises(BadInput, match="did you mean verdict"):
        table(frame).where("verdikt", "open")


def test_a_terminal_has_its_lines() -> None:
    assert str(table()) == repr(table()) == "line 0\nline 1"


def test_a_notebook_has_one_cell_a_number_and_the_words_of_a_verdict() -> None:
    shown = table(title="<t>")
    text = shown._repr_html_()
    assert "<b>&lt;t&gt;: s</b>" in text and "&lt;b&gt;" in text and "<b><b>" not in text
    assert "98.5 ± 0.6" in text and "accuracy_half" not in text and "NaN" not in text
    assert "not enough seeds" in text and "not judged (reduced)" in text and "not-enough-seeds" not in text
    assert ">note</th>" not in text and ">study</th>" not in text, "what says nothing is left out"
    assert shown.frame is FRAME and FRAME["verdict"][0] == "not-enough-seeds", "the frame is as it was"


def test_in_a_notebook_words_stand_on_the_left_and_numbers_in_one_line() -> None:
    """Jupyter sets every cell to the right, and broke "11.00 ± 5.21" in two."""
    text = table(FRAME.assign(change=[-1.5, 2.0]))._repr_html_()
    assert '<td style="text-align: right; white-space: nowrap">98.5 ± 0.6</td>' in text
    assert "\N{MINUS SIGN}1.50</td>" in text and '<td style="text-align: left; white-space: nowrap">two</td>' in text


def test_an_interval_that_is_cut_has_both_ends_in_a_notebook_as_on_a_terminal() -> None:
    frame = pd.DataFrame({"accuracy": [99.6], "accuracy_half": [1.1106], "gap": [-99.0], "gap_half": [1.5]})
    text = table(frame)._repr_html_()
    number = '<td style="text-align: right; white-space: nowrap">'
    assert f"{number}99.6 (98.5 to 100.0)</td>" in text
    assert f"{number}\N{MINUS SIGN}99.0 (\N{MINUS SIGN}100.0 to \N{MINUS SIGN}97.5)</td>" in text


def test_python_goes_through_its_rows_and_takes_a_row_or_a_column() -> None:
    shown = table()
    assert len(shown) == 2 and [row.arm for row in shown] == ["<b>", "two"]
    assert shown[0].arm == "<b>" and shown[-1] is not shown[1] and shown[-1].arm == "two"
    assert list(shown["verdict"]) == ["not-enough-seeds", "reduced"]
    with pytest.raises(IndexError):
        _ = shown[2]


def test_what_a_table_has_not_is_said_with_how_the_frame_has_it() -> None:
    """It was `KeyError: 0`, `KeyError: 'wide'` and "'ShownTable' object has no attribute 'columns'"."""
    shown = table()
    with pytest.raises(BadInput, match=r"column: got 'verdikt'; expected one of study, .*did you mean verdict\?"):
        _ = shown["verdikt"]
    with pytest.raises(BadInput, match=r'column: got \'two\'; .*the rows that have it: `\.where\("arm", "two"\)`'):
        _ = shown["two"]
    for name, said in (
        ("columns", "`.frame` is the whole table as a DataFrame: `.frame.columns`"),
        ("to_csv", "`.frame` is the whole table as a DataFrame: `.frame.to_csv`"),
        ("verdict", 'a column is `["verdict"]`'),
        ("nothing", "`.frame` is the whole table as a DataFrame"),
    ):
        with pytest.raises(AttributeError) as caught:
            getattr(shown, name)
        assert str(caught.value) == f"the table 't' has no '{name}'; {said}"
    assert copy.copy(shown).frame is FRAME and not hasattr(shown, "_repr_svg_")
