"""`study diff` sees a single bit, and nothing but results."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from study.spec.study import Arm, Study
from study.storage import diff as compare
from study.storage.results_folder import ResultsFolder
from tests import synthetic
from trainables.config.trial_config import TrialConfig
from trainables.records.agreement import conflict
from trainables.records.trial_record import TrialRecord

CONFIG = TrialConfig(epochs=4, hidden=(8,))


def record(seed: int, epochs: int = 4) -> TrialRecord:
    return synthetic.record(CONFIG.replace(seed=seed, epochs=epochs))


def fill(where: Path, *records: TrialRecord) -> str:
    store = ResultsFolder(where, create=True)
    for one in records:
        store.write(one)
    return str(where)


def nudged(one: TrialRecord, **changes: Any) -> TrialRecord:
    return synthetic.changed(one, -1, **changes)


def test_another_claim_of_a_study_is_a_difference(tmp_path: Path) -> None:
    a, b = fill(tmp_path / "a"), fill(tmp_path / "b")
    study = Study(name="s", title="t", question="q", knobs=("lr",), epochs=1, arms=(Arm(name="x"),))
    ResultsFolder(a).studies.freeze(study)
    ResultsFolder(b).studies.freeze(dataclasses.replace(study, epochs=2))
    assert [d.what for d in compare.diff(a, b)] == ["study s: other arms or claims"]


def test_a_longer_run_must_begin_as_the_shorter(tmp_path: Path) -> None:
    long = record(0, 6)
    bent = synthetic.changed(long, 0, lr=0.5)
    assert conflict(record(0), long) == "" == conflict(long, record(0))
    assert "lr in epoch 1" in conflict(record(0), bent)
    diverged = synthetic.record(CONFIG, "diverged", 2)
    assert conflict(diverged, record(0)) != "" and conflict(diverged, diverged) == ""


def test_what_a_search_took_further_in_one_folder_is_no_difference_in_common(tmp_path: Path) -> None:
    long = record(0)
    short = dataclasses.replace(long, status="stopped", epochs=long.epochs.first(2), tensors=())
    wrong = dataclasses.replace(short, epochs=nudged(short, val_loss=9.0).epochs)
    a, b, c = fill(tmp_path / "a", long), fill(tmp_path / "b", short), fill(tmp_path / "c", wrong)
    assert compare.diff(a, b, common=True) == [] and len(compare.diff(a, b)) == 1
    assert len(compare.diff(a, c, common=True)) == 1


def test_a_trial_that_one_folder_alone_has_is_called_by_its_arm_and_seed(tmp_path: Path) -> None:
    """One of no arm that is on record has its identity alone."""
    study = Study(
        name="s", title="t", question="q", knobs=("lr",), epochs=4, base={"hidden": [8]}, arms=(Arm(name="x"),)
    )
    mine, odd = synthetic.record(study.config("x", seed=3)), synthetic.record(CONFIG.replace(lr=0.5))
    a, b = fill(tmp_path / "a", mine, odd), fill(tmp_path / "b")
    for where in (a, b):
        ResultsFolder(where).studies.freeze(study)
    said = {d.what for d in compare.diff(a, b)}
    assert said == {f"trial {mine.id} (s/x, seed 3): only in {a}", f"trial {odd.id}: only in {a}"}
