"""Frames hold every record once, and an arm takes exactly its own trials, cut at its own epochs."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from analysis.data import frames as fr
from analysis.data.arms import arm_epochs, arm_frame, arm_tensors
from study.spec.registry import load_study
from tests.synthetic import CHECKSUM, record, records
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


def test_the_longer_run_serves_the_shorter_arm_cut_at_its_epochs(made):
    arms = arm_frame(made, DROPOUT)
    assert arms["arm"].tolist() == ["none"] * 3 + ["dropout-0.25"] * 3
    assert arms["seed"].tolist() == [0, 1, 2] * 2
    assert arms["trial"].tolist()[:3] == [DROPOUT.config("none", seed=s).identity(CHECKSUM) for s in range(3)]
    assert set(arms["epochs_done"]) == {30}
    longer = made.trials.set_index("trial").loc[arms["trial"].iloc[0], "epochs_done"]
    assert longer == 100
    rows = arm_epochs(made, DROPOUT)
    assert rows.groupby(["arm", "seed"]).size().tolist() == [30] * 6
    assert arm_tensors(made, DROPOUT)["epoch"].max() == 30


def test_of_two_records_of_a_trial_the_longer_counts():
    config = DROPOUT.config("none")
    short, long = record(config, "stopped", 4), record(config)
    for both in ([short, long], [long, short]):
        made = fr.from_records(both)
        assert made.trials["epochs_done"].tolist() == [30]
        assert len(made.epochs) == 30


@pytest.mark.parametrize(
    ("status", "done", "expected"),
    [
        ("finished", 100, "finished"),
        ("stopped", 30, "finished"),
        ("stopped", 29, "stopped"),
        ("failed", 50, "finished"),
        ("failed", 3, "failed"),
        ("diverged", 31, "finished"),
        ("diverged", 30, "diverged"),
        ("diverged", 5, "diverged"),
        ("finished", 10, "stopped"),
    ],
)
def test_a_status_is_read_at_the_arms_cut(status, done, expected):
    config = ANNEALING.config("constant")
    made = fr.from_records([record(config, status, done)])
    assert arm_frame(made, DROPOUT, ["none"])["status"].tolist() == [expected]


def test_arms_without_trials_have_no_row_and_nothing_breaks_without_records():
    empty = fr.from_records([])
    assert list(arm_frame(empty, DROPOUT).columns)[:3] == ["arm", "seed", "trial"]
    assert len(arm_frame(empty, DROPOUT)) == 0
    assert len(arm_epochs(empty, DROPOUT)) == 0
    assert "arm" in arm_tensors(empty, DROPOUT).columns
    one = fr.from_records(records(DROPOUT, [0], skip=[("none", 0)]))
    assert arm_frame(one, DROPOUT)["arm"].tolist() == ["dropout-0.25"]


def test_versions_of_code_and_data_are_never_mixed():
    config = DROPOUT.config("none")
    new = [record(config.replace(seed=s)) for s in range(2)]
    old = [dataclasses.replace(record(config.replace(seed=s)), code_version=0) for s in range(4)]
    other = [dataclasses.replace(record(config.replace(seed=s)), data_checksum="6" * 64) for s in range(1)]
    arms = arm_frame(fr.from_records([*old, *other, *new]), DROPOUT)
    assert arms["trial"].tolist() == [r.id for r in new]


def test_reduced_runs_are_marked():
    small = dataclasses.replace(DROPOUT, base={**DROPOUT.base, "train_images": 6000}, reduced=("*",))
    made = fr.from_records(records(small, [0]))
    assert arm_frame(made, small)["reduced"].all()
    assert not arm_frame(made, dataclasses.replace(small, reduced=()))["reduced"].any(), "the study says it"


def test_only_keeps_what_it_is_asked_for(made):
    chosen = made.trials["trial"].iloc[[2, 5]]
    small = made.only(chosen)
    assert set(small.trials["trial"]) == set(small.epochs["trial"]) == set(small.tensors["trial"]) == set(chosen)
    assert np.isin(small.epochs["epoch"], range(1, 101)).all()
