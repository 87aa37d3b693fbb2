"""The table of overfitting: worked out by hand, with what is missing said."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analysis.data.frames import from_records
from analysis.tables import overfitting as tables
from analysis.tables.measures import MEASURES
from study.spec.registry import load_study
from tests.synthetic import record, records

DROPOUT, LR, BATCH = load_study("dropout"), load_study("learning-rate"), load_study("batch-size")


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


def test_one_seed_has_numbers_but_no_interval():
    table = tables.overfitting(DROPOUT, from_records(records(DROPOUT, [4])))
    row = _row(table, "none", "train_loss")
    assert math.isfinite(row["estimate"])
    assert math.isnan(row["low"])
    assert row["n"] == 1


# ---------------------------------------------------------------------------------------------------- digits


# ---------------------------------------------------------------------------------------------------- formats
