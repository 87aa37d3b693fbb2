"""Frames as sheets with words: whole even without numbers."""

from __future__ import annotations

from analysis.data.frames import from_records
from analysis.tables import overfitting as tables
from analysis.tables import runs as runs_module
from analysis.tables import sheets
from analysis.tables.measures import MEASURES
from analysis.text import render_sheet as render
from tests.analysis.tables.test_overfitting import DROPOUT


def test_nothing_gives_whole_tables_without_numbers():
    empty = from_records([])
    table = tables.overfitting(DROPOUT, empty)
    assert len(table) == 2 * len(MEASURES)
    assert table["estimate"].isna().all()
    assert (table["n"] == 0).all()
    assert len(runs_module.runs([DROPOUT], empty)) == 0
    assert list(tables.overfitting_of_studies([], empty).columns) == list(tables.OVERFITTING_COLUMNS)
    sheet = sheets.overfitting_sheet(table, "Overfitting")
    assert all(c.text in ("-", "0", "30", "none", "dropout-0.25") for row in sheet.rows for c in row)
    assert "no trials" in render.to_markdown(sheet)
