"""The table of effects: paired by seed, against the baseline."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analysis.data.frames import from_records
from analysis.tables import effects as effects_module
from analysis.tables import overfitting as tables
from tests.analysis.tables.test_overfitting import BATCH, DROPOUT, LR, _row
from tests.synthetic import Ending, record, records


@pytest.fixture(scope="module")
def made():
    return from_records(r for s in (DROPOUT, LR) for r in records(s, range(3)))


ARMS = ("none", "dropout-0.25")


def test_what_did_not_finish_is_left_out_counted_and_named():
    endings: dict[tuple[str, int], Ending] = {("batch-10000", 0): ("diverged", 3), ("batch-32", 1): ("stopped", 2)}
    made = from_records(records(BATCH, range(4), endings=endings))
    table = tables.overfitting(BATCH, made)
    row = _row(table, "batch-10000", "val_accuracy")
    assert (row["n"], row["diverged"], row["note"]) == (3, 1, "1 diverged, left out")
    assert _row(table, "batch-32", "val_accuracy")["note"] == "1 ended early, left out"
    change = _row(table, "batch-10000", "accuracy_gap_change")
    assert math.isnan(change["estimate"])
    assert "seed 1 of batch 32 ended early" in change["note"]
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
    assert set(none["refused"]) == {"dropout and the plain network have no seed in common"}
