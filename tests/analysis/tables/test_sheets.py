"""Frames as sheets with words: whole even without numbers."""

from __future__ import annotations

from analysis.data.frames import from_records
from analysis.tables import overfitting as tables
from analysis.tables import runs as runs_module
from analysis.tables import sheets
from analysis.tables.measures import MEASURES
from analysis.text import render_sheet as render
from study.spec.study import Arm, Study
from tests.analysis.tables.test_overfitting import DROPOUT
from tests.synthetic import Ending, records


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


def test_an_arm_that_diverged_has_one_note() -> None:
    """It was "b: 2 diverged, left out." and "b: b diverged in 2 of 2 seeds."."""
    arms = (Arm(name="a"), Arm(name="b", change={"lr": 0.1}))
    study = Study(name="s", title="t", question="q", knobs=("lr",), epochs=2, arms=arms)
    endings: dict[tuple[str, int], Ending] = {("b", seed): ("diverged", 1) for seed in (0, 1)}
    sheet = sheets.overfitting_sheet(
        tables.overfitting(study, from_records(records(study, (0, 1), endings=endings))), "c"
    )
    said = [note for note in sheet.notes if "diverged" in note and note.startswith("b")]
    assert said == ["b: 2 diverged, left out."]
