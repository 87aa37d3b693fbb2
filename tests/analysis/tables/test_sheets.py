"""Frames as sheets with words: whole even without numbers."""

from __future__ import annotations

import re

from analysis.data.frames import from_records
from analysis.tables import effects, sheets
from analysis.tables import overfitting as tables
from analysis.tables import runs as runs_module
from analysis.tables.measures import MEASURES
from analysis.text import render_sheet as render
from study.spec.study import Arm, Study
from tests.analysis.tables.test_overfitting import DROPOUT
from tests.synthetic import Ending, changed, records


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


def test_of_two_seeds_a_mean_has_their_range_as_beside_the_curves() -> None:
    """It was "91.8 to 91.9" beside the curves and "91.8 ± 0.7" in the table below."""
    arms = (Arm(name="a"), Arm(name="b", change={"lr": 0.1}))
    study = Study(name="s", title="t", question="q", knobs=("lr",), epochs=2, arms=arms, baseline="a")
    sheets_of = []
    for seeds in ((0, 1), (0, 1, 2)):
        made = from_records(records(study, seeds, noise=0.02))
        sheets_of.append(sheets.overfitting_sheet(tables.overfitting(study, made), "c"))
    two, three = ([cell.text for row in sheet.rows for cell in row] for sheet in sheets_of)
    assert any(" to " in text for text in two) and not any("±" in text for text in two)
    assert any("±" in text for text in three) and not any(re.fullmatch(r"[\d.]+ to [\d.]+", text) for text in three)
    assert [sheets.OF_TWO in sheet.notes[-1] for sheet in sheets_of] == [True, False]


def test_an_arm_without_trials_has_one_note() -> None:
    """It was "b: no trials." and "b: b has no trials."."""
    arms = (Arm(name="a"), Arm(name="b", change={"lr": 0.1}))
    study = Study(name="s", title="t", question="q", knobs=("lr",), epochs=2, arms=arms, baseline="a")
    made = from_records(r for r in records(study, (0, 1)) if r.config.lr != 0.1)
    table = tables.overfitting(study, made, None, effects.effects(study, made))
    notes = sheets.overfitting_sheet(table, "c").notes
    assert [note for note in notes if note.startswith("b")] == ["b: no trials."]


def test_a_column_has_one_number_of_decimals() -> None:
    """A loss of 0.0000139 stood above one of 0.52, and 88 above 88.21."""
    arms = (Arm(name="a"), Arm(name="b", change={"lr": 0.002}), Arm(name="c", change={"lr": 0.003}))
    study = Study(name="s", title="t", question="q", knobs=("lr",), epochs=2, arms=arms)
    made = [
        changed(r, -1, val_loss=0.0000139 * (1 + 0.1 * r.config.seed)) if r.config.lr == 0.002 else r
        for r in records(study, range(5), noise=0.001)
    ]
    sheet = sheets.overfitting_sheet(tables.overfitting(study, from_records(made)), "c")
    for place, head in enumerate(sheet.heads):
        found = {len(n.partition(".")[2]) for row in sheet.rows for n in re.findall(r"\d+\.?\d*", row[place].text)}
        if place >= 3:
            whole = head.startswith(("Best epoch", "Epochs after"))
            assert found == {3 if "loss" in head.lower() else 0 if whole else 1}, head
