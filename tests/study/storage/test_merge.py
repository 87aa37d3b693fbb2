"""Two folders become one: the longer record stays, contradictions are refused."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from study.spec.study import Arm, Study
from study.storage import diff as compare
from study.storage.merge import Contradiction, Merge
from study.storage.repair import repair
from study.storage.results_folder import ResultsFolder
from tests import synthetic
from tests.study.storage.test_diff import CONFIG, fill, nudged, record
from trainables.config.errors import BadInput, StoreError
from trainables.records.trial_record import TrialRecord


def test_merge_unites_and_keeps_the_longer(tmp_path: Path) -> None:
    a = fill(tmp_path / "a", record(0), record(1))
    b = fill(tmp_path / "b", record(1), record(2, 6), synthetic.record(CONFIG.replace(seed=2)))
    assert Merge(a, b).write(str(tmp_path / "c")) == (3, 1)
    merged = {r.config.seed: r.epochs_done for r in ResultsFolder(tmp_path / "c").trials.records()}
    assert merged == {0: 4, 1: 4, 2: 6}
    assert Merge(a, str(tmp_path / "c")).write(str(tmp_path / "c"))[0] == 3


def test_merge_refuses_contradictions_and_writes_nothing(tmp_path: Path) -> None:
    other = dataclasses.replace(nudged(record(1), val_loss=0.5), provenance={"hardware": "another cpu"})
    a, b = fill(tmp_path / "a", record(0), record(1)), fill(tmp_path / "b", other)
    with pytest.raises(Contradiction, match=f"records of 1 trial of .*{record(1).id}.*another cpu"):
        Merge(a, b).write(str(tmp_path / "c"))
    assert not (tmp_path / "c").exists()


def test_merge_of_two_machines_keeps_both_and_reads_the_older(tmp_path: Path) -> None:
    def of(host: str, ended: float, **changes: float) -> TrialRecord:
        one = nudged(synthetic.record(CONFIG, host=host), **changes)
        return dataclasses.replace(one, provenance={**one.provenance, "ended": ended})

    a, b = fill(tmp_path / "a", of("x", 2.0)), fill(tmp_path / "b", of("y", 1.0, val_loss=0.5))
    assert "processor of x" in compare.diff(a, b)[0].what
    assert Merge(a, b).write(str(tmp_path / "c")) == (1, 1)
    assert Merge(b, a).write(str(tmp_path / "c")) == (1, 1)
    both = ResultsFolder(tmp_path / "c")
    assert len(list(both.trials.all_records())) == 2
    assert next(both.trials.records()).epochs["val_loss"][-1] == 0.5
    assert compare.diff(b, both.folder.where) == []
    again = fill(tmp_path / "d", of("x", 3.0, val_loss=0.25))
    with pytest.raises(Contradiction, match="val_loss in epoch 4"):
        Merge(again, str(tmp_path / "c")).write(str(tmp_path / "e"))
    assert not (tmp_path / "e").exists()


@pytest.mark.parametrize("status", ["stopped", "diverged"])
def test_how_many_epochs_a_trial_was_asked_for_is_no_contradiction(tmp_path: Path, status: Any) -> None:
    ten, more = (synthetic.record(CONFIG.replace(epochs=n), status, 3) for n in (10, 25))
    a, b = fill(tmp_path / "a", ten), fill(tmp_path / "b", more)
    assert ten.id == more.id and compare.diff(a, b) == []
    assert Merge(a, b).write(str(tmp_path / "c")) == (1, 1)
    ResultsFolder(a).write(more)
    assert len(ResultsFolder(a).trials.loose()) == 1


def test_a_damaged_version_of_a_study_is_not_left_out_without_a_word(tmp_path: Path) -> None:
    a, b = (ResultsFolder(tmp_path / name, create=True) for name in "ab")
    one = Study(name="s", title="t", question="q?", knobs=("lr",), epochs=2, arms=(Arm(name="x", change={"lr": 0.1}),))
    a.studies.freeze(one)
    a.studies.freeze(dataclasses.replace(one, title="another"))
    (tmp_path / "a/studies/s/2.json").write_bytes(b"{}")
    with pytest.raises(StoreError, match=r"studies/s/2\.json in .* is damaged .*: `study repair .*` first"):
        Merge(str(tmp_path / "a"), str(tmp_path / "b")).write(str(tmp_path / "c"))
    assert not (tmp_path / "c").exists() and not b.studies.names()
    repair(str(tmp_path / "a"))
    Merge(str(tmp_path / "a"), str(tmp_path / "b")).write(str(tmp_path / "c"))
    assert [v.title for v in ResultsFolder(tmp_path / "c").studies.versions("s")][-1] == "another"


def test_two_studies_of_one_name_are_not_united(tmp_path: Path) -> None:
    def folder(name: str, study: Study) -> str:
        store = ResultsFolder(tmp_path / name, create=True)
        store.studies.freeze(study)
        return store.folder.where

    one = Study(name="s", title="t", question="q", knobs=("lr",), epochs=1, arms=(Arm(name="a", change={"lr": 0.1}),))
    a = folder("a", one)
    other = dataclasses.replace(one, title="u", question="r", arms=(Arm(name="a", change={"lr": 0.2}),))
    b, c = folder("b", other), folder("c", dataclasses.replace(one, name="S"))
    with pytest.raises(BadInput, match=r'it is another study in .*b, "u", than in .*a, "t": nothing was merged'):
        Merge(a, b).write(str(tmp_path / "x"))
    with pytest.raises(BadInput, match=r"got 'S'; .* has a study s, and some disks"):
        Merge(a, c).write(str(tmp_path / "x"))
    assert not (tmp_path / "x").exists()
    changed = folder("d", dataclasses.replace(one, title="better words"))
    assert Merge(a, changed).write(str(tmp_path / "x")) == (0, 0)
    with pytest.raises(BadInput, match="nothing was merged"):
        Merge(changed, b).write(str(tmp_path / "x"))
