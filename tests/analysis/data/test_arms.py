"""The trials of an arm: cut at its epochs, of one version of code and data."""

from __future__ import annotations

import dataclasses

import pytest

from analysis.data import frames as fr
from analysis.data.arms import arm_epochs, arm_frame, arm_tensors
from tests.analysis.data.test_frames import ANNEALING, BATCH_NORM, DROPOUT
from tests.synthetic import CHECKSUM, record, records


@pytest.fixture(scope="module")
def made() -> fr.Frames:
    return fr.from_records(r for s in (DROPOUT, BATCH_NORM, ANNEALING) for r in records(s, range(3)))


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


def test_what_is_done_to_a_frame_of_arms_is_done_to_no_later_one(made):
    for arms in (None, ["none"]):
        frame = arm_frame(made, DROPOUT, arms)
        frame["status"] = "lost"
        frame.loc[0, "seed"] = 9
        again = arm_frame(made, DROPOUT, arms)
        assert set(again["status"]) == {"finished"}
        assert again["seed"].iloc[0] == 0


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


def test_no_two_arms_of_a_study_are_read_on_different_data():
    """Of one arm there are more trials on the data as they were, of the other on the data as they are now."""
    plain, dropout = DROPOUT.config("none"), DROPOUT.config("dropout-0.25")
    was = [record(c.replace(seed=s)) for c in (plain, dropout) for s in range(5)]
    now = [record(plain.replace(seed=s)) for s in range(6)] + [record(dropout.replace(seed=s)) for s in range(3)]
    now = [dataclasses.replace(r, data_checksum="6" * 64) for r in now]
    for records_ in ([*was, *now], [*now, *was]):
        arms = arm_frame(fr.from_records(records_), DROPOUT)
        assert sorted(arms["trial"]) == sorted(r.id for r in was)
        assert arm_frame(fr.from_records(records_), DROPOUT, ["none"])["trial"].tolist() == [r.id for r in was[:5]]


def test_no_two_arms_of_a_study_are_read_as_different_code_trained_them():
    """One arm had trials of the newest code, the other took those of the code before, and both were compared."""
    plain, dropout = DROPOUT.config("none"), DROPOUT.config("dropout-0.25")
    old = [dataclasses.replace(record(c.replace(seed=s)), code_version=0) for c in (plain, dropout) for s in range(5)]
    new = [record(plain.replace(seed=0))]
    assert arm_frame(fr.from_records([*old, *new]), DROPOUT)["trial"].tolist() == [r.id for r in new]
    assert len(arm_frame(fr.from_records(old), DROPOUT)) == 10


def test_reduced_runs_are_marked():
    small = dataclasses.replace(DROPOUT, base={**DROPOUT.base, "train_images": 6000}, reduced=("*",))
    made = fr.from_records(records(small, [0]))
    assert arm_frame(made, small)["reduced"].all()
    assert not arm_frame(made, dataclasses.replace(small, reduced=()))["reduced"].any(), "the study says it"
