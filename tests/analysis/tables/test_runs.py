"""The table of runs."""

from __future__ import annotations

import pytest

from analysis.data.frames import from_records
from analysis.tables import runs as runs_module
from tests.analysis.tables.test_overfitting import DROPOUT, LR
from tests.synthetic import record, records


@pytest.fixture(scope="module")
def made():
    return from_records(r for s in (DROPOUT, LR) for r in records(s, range(3)))


def test_runs_are_one_row_an_arm_and_seed(made):
    runs = runs_module.runs([DROPOUT, LR], made)
    assert len(runs) == 6 + 9
    row = runs.iloc[0]
    epochs = record(DROPOUT.config("none")).epochs
    assert row["seconds"] == pytest.approx(sum(epochs["seconds"]))
    assert row["val_loss"] == epochs["val_loss"][-1]
    assert (row["epochs"], row["epochs_done"], row["status"]) == (30, 30, "finished")
