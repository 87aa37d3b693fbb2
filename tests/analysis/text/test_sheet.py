"""A table as values."""

from __future__ import annotations

from analysis.text.sheet import Cell, Sheet


def test_a_column_with_any_number_in_it_is_set_flush_right() -> None:
    rows = (
        (Cell("a"), Cell("-"), Cell("1.5", 1.5)),
        (Cell("b"), Cell("0", 0.0), Cell("unknown")),
    )
    sheet = Sheet("t", ("arm", "seeds", "loss"), rows)
    assert [sheet.numeric(column) for column in range(3)] == [False, True, True], "0 is a number too"
    assert not Sheet("t", ("arm",), ()).numeric(0)
