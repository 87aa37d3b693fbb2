"""Frames hold every record once, and an arm takes exactly its own trials, cut at its own epochs."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.data import frames as fr
from study.spec.registry import load_study
from tests.synthetic import record, records
from trainables.config.trial_config import KNOBS

DROPOUT, BATCH_NORM, ANNEALING = load_study("dropout"), load_study("batch-norm"), load_study("annealing")


@pytest.fixture(scope="module")
def made() -> fr.Frames:
    return fr.from_records(r for s in (DROPOUT, BATCH_NORM, ANNEALING) for r in records(s, range(3)))


def test_one_row_a_trial_with_every_knob(made):
    assert list(made.trials.columns) == list(fr.TRIAL_COLUMNS)
    assert made.trials["trial"].is_unique
    assert len(made.trials) == 18  # the three studies' plain arms are one configuration
    assert set(KNOBS) <= set(made.trials.columns)
    assert set(made.trials["hidden"]) == {"1000"}
    assert (made.trials.groupby("group")["seed"].nunique() == 3).all()


def test_epochs_and_tensors_are_the_records_own(made):
    r = record(DROPOUT.config("dropout-0.25", seed=1))
    rows = made.epochs[made.epochs["trial"] == r.id]
    assert rows["val_loss"].tolist() == list(r.epochs["val_loss"])
    assert rows["accuracy_gap"].tolist() == np.subtract(r.epochs["train_accuracy"], r.epochs["val_accuracy"]).tolist()
    assert rows["loss_gap"].tolist() == np.subtract(r.epochs["val_loss"], r.epochs["train_loss_eval"]).tolist()
    last = made.tensors[(made.tensors["trial"] == r.id) & (made.tensors["epoch"] == 30)]
    assert last["name"].tolist() == [t.name for t in r.tensors if t.epoch == 30]
    assert last["quantiles"].iloc[0] == r.tensors[-len(last)].quantiles


def test_of_two_records_of_a_trial_the_longer_counts():
    config = DROPOUT.config("none")
    short, long = record(config, "stopped", 4), record(config)
    for both in ([short, long], [long, short]):
        made = fr.from_records(both)
        assert made.trials["epochs_done"].tolist() == [30]
        assert len(made.epochs) == 30


def test_only_keeps_what_it_is_asked_for(made):
    chosen = made.trials["trial"].iloc[[2, 5]]
    small = made.only(chosen)
    assert set(small.trials["trial"]) == set(small.epochs["trial"]) == set(small.tensors["trial"]) == set(chosen)
    assert np.isin(small.epochs["epoch"], range(1, 101)).all()
