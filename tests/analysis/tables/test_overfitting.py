"""Tables hold what can be worked out by hand, say what is missing, and come out escaped in every format."""

from __future__ import annotations

import csv
import io
import math
import re

import numpy as np
import pytest

from analysis.claims import verdicts as claims
from analysis.data.frames import from_records
from analysis.report import overview
from analysis.tables import claims as claims_module
from analysis.tables import effects as effects_module
from analysis.tables import overfitting as tables
from analysis.tables import runs as runs_module
from analysis.tables import sheets
from analysis.tables.measures import MEASURES
from analysis.text import numbers
from analysis.text import render_sheet as render
from analysis.text.sheet import Cell, Sheet
from study.spec.registry import load_study
from tests.synthetic import Ending, record, records

DROPOUT, LR, BATCH = load_study("dropout"), load_study("learning-rate"), load_study("batch-size")
ARMS = ("none", "dropout-0.25")
NASTY = 'a|b <script>alert("x")</script> & 5 % _of_ \\x{y} *z* [l](u)\nnext ± 1'


@pytest.fixture(scope="module")
def made():
    return from_records(r for s in (DROPOUT, LR) for r in records(s, range(3)))


def _row(table, arm, measure):
    return table[(table["arm"] == arm) & (table["measure"] == measure)].iloc[0]


def test_overfitting_by_hand(made):
    table = tables.overfitting(DROPOUT, made)
    runs = [record(DROPOUT.config("none", seed=s)).epochs for s in range(3)]
    last = [e["val_accuracy"][-1] for e in runs]
    found = _row(table, "none", "val_accuracy")
    assert found["estimate"] == pytest.approx(np.mean(last))
    assert found["high"] - found["estimate"] == pytest.approx(4.302653 * np.std(last, ddof=1) / math.sqrt(3), rel=1e-5)
    best = [int(np.argmax(e["val_accuracy"])) for e in runs]
    assert _row(table, "none", "best_epoch")["estimate"] == pytest.approx(np.mean([b + 1 for b in best]))
    assert _row(table, "none", "epochs_past_best")["estimate"] == pytest.approx(np.mean([29 - b for b in best]))
    gaps = [e["train_accuracy"][b] - e["val_accuracy"][b] for e, b in zip(runs, best, strict=True)]
    assert _row(table, "none", "accuracy_gap_best")["estimate"] == pytest.approx(np.mean(gaps))
    assert set(table["measure"]) == set(MEASURES)
    assert set(table["n"]) == {0, 3}  # 0: the baseline's change against itself


def test_changes_are_paired_at_the_last_epoch_that_both_have(made):
    table = tables.overfitting(LR, made)
    change = _row(table, "lr-0.1", "accuracy_gap_change")
    gaps = []
    for seed in range(3):
        both = (record(LR.config(arm, seed=seed)).epochs for arm in ("lr-0.1", "lr-0.001"))
        a, b = (e["train_accuracy"][9] - e["val_accuracy"][9] for e in both)
        gaps.append(a - b)
    assert change["estimate"] == pytest.approx(np.mean(gaps))
    assert (change["note"], change["n"]) == ("at epoch 10", 3)
    assert _row(table, "lr-0.001", "accuracy_gap_change")["note"] == "the baseline"


def test_what_did_not_finish_is_left_out_counted_and_named():
    endings: dict[tuple[str, int], Ending] = {("batch-10000", 0): ("diverged", 3), ("batch-32", 1): ("stopped", 2)}
    made = from_records(records(BATCH, range(4), endings=endings))
    table = tables.overfitting(BATCH, made)
    row = _row(table, "batch-10000", "val_accuracy")
    assert (row["n"], row["diverged"], row["note"]) == (3, 1, "1 diverged, left out")
    assert _row(table, "batch-32", "val_accuracy")["note"] == "1 ended early, left out"
    change = _row(table, "batch-10000", "accuracy_gap_change")
    assert math.isnan(change["estimate"])
    assert "seed 1 of batch-32 ended early" in change["note"]
    effects = effects_module.effects(
        BATCH, from_records(records(BATCH, range(4), endings={("batch-10000", 0): ("diverged", 3)}))
    )
    assert (effects["refused"] == "batch-10000 diverged in 1 of 4 seeds").all()
    assert effects["estimate"].isna().all()


def test_effects_by_hand(made):
    effects = effects_module.effects(DROPOUT, made)
    row = effects[effects["metric"] == "val_loss"].iloc[0]
    last = {arm: [record(DROPOUT.config(arm, seed=s)).epochs["val_loss"][-1] for s in range(3)] for arm in ARMS}
    assert row["estimate"] == pytest.approx(np.mean(np.subtract(last[ARMS[1]], last[ARMS[0]])))
    assert (row["n"], row["p"], row["refused"], row["epoch"]) == (3, 0.25, "", 30)


def test_one_seed_has_numbers_but_no_interval():
    table = tables.overfitting(DROPOUT, from_records(records(DROPOUT, [4])))
    row = _row(table, "none", "train_loss")
    assert math.isfinite(row["estimate"])
    assert math.isnan(row["low"])
    assert row["n"] == 1


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


def test_runs_are_one_row_an_arm_and_seed(made):
    runs = runs_module.runs([DROPOUT, LR], made)
    assert len(runs) == 6 + 9
    row = runs.iloc[0]
    epochs = record(DROPOUT.config("none")).epochs
    assert row["seconds"] == pytest.approx(sum(epochs["seconds"]))
    assert row["val_loss"] == epochs["val_loss"][-1]
    assert (row["epochs"], row["epochs_done"], row["status"]) == (30, 30, "finished")


def test_the_claims_table_has_every_claim(made):
    verdicts = claims.judge(DROPOUT, made)
    table = claims_module.claims(verdicts)
    assert table["id"].tolist() == ["overfit-1", "dropout-1"]
    assert "annealing" in table["reason"].iloc[0]
    text = render.to_markdown(overview.claims_sheet(verdicts))
    assert "overfit-1" in text
    assert "missing" in text


# ---------------------------------------------------------------------------------------------------- digits


@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        (0.853219, 0.846, 0.860, "0.853 ± 0.007"),
        (0.853219, 0.840, 0.866, "0.853 ± 0.013"),
        (0.853219, 0.824, 0.882, "0.853 ± 0.029"),
        (0.853219, 0.816, 0.890, "0.85 ± 0.04"),
        (123.4, 66.0, 180.0, "120 ± 60"),
        (99.96, 98.99, 100.93, "100.0 ± 1.0"),
        (0.0, -0.05, 0.05, "0.00 ± 0.05"),
        (5.0, 5.0, 5.0, "5 ± 0"),
        (1 / 3, 1 / 3, 1 / 3, "0.3333 ± 0.0000"),
        (1 / 3, 1 / 3 - 1e-12, 1 / 3 + 1e-12, "0.33333 ± 0.00000"),
        (1 / 3, math.nan, math.nan, "0.333"),
        (math.nan, math.nan, math.nan, "-"),
    ],
)
def test_as_many_digits_as_the_interval_allows(value, low, high, expected):
    assert numbers.plus_minus(value, low, high) == expected


def test_infinite_and_negative_zero():
    assert numbers.written(math.inf, 2) == "infinite"
    assert numbers.written(-0.0004, 2) == "0.00"
    assert numbers.with_interval(0.5, 0.4, 0.6, percent=True) == "50 (40 to 60)"


# ---------------------------------------------------------------------------------------------------- formats


def _sheet() -> Sheet:
    rows = ((Cell(NASTY), Cell("1.5 ± 0.2", 1.5)), (Cell("plain"), Cell("-")))
    return Sheet(NASTY, ("Arm", NASTY), rows, (NASTY,))


def test_markdown_keeps_one_line_a_row_and_shows_no_markup():
    lines = render.to_markdown(_sheet()).splitlines()
    rows = [line for line in lines if line.startswith("|")]
    assert len(rows) == 4
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 3 for row in rows)
    assert "<script" not in "".join(lines)
    assert "\\*z\\*" in rows[2]


def test_latex_escapes_everything_special():
    text = render.to_latex(_sheet())
    body = text.replace("\\\\", "")
    assert not re.findall(r"(?<!\\)[%_#&](?!.*tabular)", re.sub(r" & ", " ", body))
    assert "\\textbackslash{}x\\{y\\}" in text
    assert text.count("\\\\") == 3
    assert "$\\pm$" in text


def test_csv_has_all_digits_and_no_formula(made):
    table = tables.overfitting(DROPOUT, made)
    rows = list(csv.DictReader(io.StringIO(render.to_csv(table))))
    assert float(rows[0]["estimate"]) == table["estimate"].iloc[0]
    table.loc[0, "note"] = "=HYPERLINK(1)"
    assert "'=HYPERLINK(1)" in render.to_csv(table)


def test_arms_that_were_asked_other_seeds_are_compared_over_those_of_both():
    made = from_records([*records(DROPOUT, range(5)), *records(DROPOUT, (5, 6), skip=[("none", 5), ("none", 6)])])
    asked = {"dropout/none": range(5), "dropout/dropout-0.25": (0, 1, 2, 3, 4, 5, 6)}
    effects = effects_module.effects(DROPOUT, made, asked)
    same = effects_module.effects(DROPOUT, from_records(records(DROPOUT, range(5))))
    assert effects.equals(same) and set(effects["n"]) == {5}
    table = tables.overfitting(DROPOUT, made, asked)
    assert [_row(table, arm, "val_accuracy")["n"] for arm in ARMS] == [5, 7], "a mean is over all that an arm has"
    assert _row(table, "dropout-0.25", "accuracy_gap_change")["n"] == 5
    none = effects_module.effects(DROPOUT, made, {"dropout/none": (0, 1), "dropout/dropout-0.25": (5, 6)})
    assert set(none["refused"]) == {"dropout-0.25 and none have no seed in common"}
