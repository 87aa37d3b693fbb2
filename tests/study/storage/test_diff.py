"""`study diff` sees a single bit, and nothing but results; `study merge` unites or refuses."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any

import pytest

from study.cli import folder_commands as care
from study.spec.study import Arm, Study
from study.storage import diff as compare
from study.storage.merge import Contradiction, merge
from study.storage.results_folder import ResultsFolder
from tests import synthetic
from trainables.config.errors import StoreError
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


def test_times_provenance_and_gathering_are_no_difference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a = fill(tmp_path / "a", record(0), record(1))
    b = fill(tmp_path / "b", nudged(record(0), seconds=99.0), dataclasses.replace(record(1), provenance={"host": "x"}))
    ResultsFolder(b).trials.gather()
    care.diff(a, b, common=False)
    assert "equal" in capsys.readouterr().out


def test_the_last_bit_is_a_difference_and_named(tmp_path: Path) -> None:
    changed = nudged(record(0), val_loss=math.nextafter(record(0).epochs["val_loss"][-1], 9))
    a, b = fill(tmp_path / "a", record(0), record(1)), fill(tmp_path / "b", changed, record(2))
    found = [d.what for d in compare.diff(a, b)]
    assert len(found) == 3 and f"trial {record(0).id}: val_loss in epoch 4" in found[2]
    assert [d.what for d in compare.diff(a, b, common=True)] == found[2:]
    with pytest.raises(care.FoldersDiffer) as caught:
        care.diff(a, b, common=False)
    assert caught.value.exit_code == 1


def test_another_claim_of_a_study_is_a_difference(tmp_path: Path) -> None:
    a, b = fill(tmp_path / "a"), fill(tmp_path / "b")
    study = Study(name="s", title="t", question="q", knobs=("lr",), epochs=1, arms=(Arm(name="x"),))
    ResultsFolder(a).studies.freeze(study)
    ResultsFolder(b).studies.freeze(dataclasses.replace(study, epochs=2))
    assert [d.what for d in compare.diff(a, b)] == ["study s: other arms or claims"]


def test_merge_unites_and_keeps_the_longer(tmp_path: Path) -> None:
    a = fill(tmp_path / "a", record(0), record(1))
    b = fill(tmp_path / "b", record(1), record(2, 6), synthetic.record(CONFIG.replace(seed=2)))
    assert merge(a, b, str(tmp_path / "c")) == (3, 1)
    merged = {r.config.seed: r.epochs_done for r in ResultsFolder(tmp_path / "c").trials.records()}
    assert merged == {0: 4, 1: 4, 2: 6}
    assert merge(a, str(tmp_path / "c"), str(tmp_path / "c"))[0] == 3


def test_merge_refuses_contradictions_and_writes_nothing(tmp_path: Path) -> None:
    other = dataclasses.replace(nudged(record(1), val_loss=0.5), provenance={"hardware": "another cpu"})
    a, b = fill(tmp_path / "a", record(0), record(1)), fill(tmp_path / "b", other)
    with pytest.raises(Contradiction, match=f"1 trials .*{record(1).id}.*another cpu"):
        merge(a, b, str(tmp_path / "c"))
    assert not (tmp_path / "c").exists()


def test_merge_of_two_machines_keeps_both_and_reads_the_older(tmp_path: Path) -> None:
    def of(host: str, ended: float, **changes: float) -> TrialRecord:
        one = nudged(synthetic.record(CONFIG, host=host), **changes)
        return dataclasses.replace(one, provenance={**one.provenance, "ended": ended})

    a, b = fill(tmp_path / "a", of("x", 2.0)), fill(tmp_path / "b", of("y", 1.0, val_loss=0.5))
    assert "processor of x" in compare.diff(a, b)[0].what
    assert merge(a, b, str(tmp_path / "c")) == (1, 1)
    assert merge(b, a, str(tmp_path / "c")) == (1, 1)
    both = ResultsFolder(tmp_path / "c")
    assert len(list(both.trials.all_records())) == 2
    assert next(both.trials.records()).epochs["val_loss"][-1] == 0.5
    assert compare.diff(b, both.folder.where) == []
    again = fill(tmp_path / "d", of("x", 3.0, val_loss=0.25))
    with pytest.raises(Contradiction, match="val_loss in epoch 4"):
        merge(again, str(tmp_path / "c"), str(tmp_path / "e"))
    assert not (tmp_path / "e").exists()


@pytest.mark.parametrize("status", ["stopped", "diverged"])
def test_how_many_epochs_a_trial_was_asked_for_is_no_contradiction(tmp_path: Path, status: Any) -> None:
    ten, more = (synthetic.record(CONFIG.replace(epochs=n), status, 3) for n in (10, 25))
    a, b = fill(tmp_path / "a", ten), fill(tmp_path / "b", more)
    assert ten.id == more.id and compare.diff(a, b) == []
    assert merge(a, b, str(tmp_path / "c")) == (1, 1)
    ResultsFolder(a).write(more)
    assert len(ResultsFolder(a).trials.loose()) == 1


def test_a_longer_run_must_begin_as_the_shorter(tmp_path: Path) -> None:
    long = record(0, 6)
    bent = synthetic.changed(long, 0, lr=0.5)
    assert conflict(record(0), long) == "" == conflict(long, record(0))
    assert "lr in epoch 1" in conflict(record(0), bent)
    diverged = synthetic.record(CONFIG, "diverged", 2)
    assert conflict(diverged, record(0)) != "" and conflict(diverged, diverged) == ""


def test_a_merge_that_is_refused_leaves_no_folder(tmp_path: Path) -> None:
    a, b = fill(tmp_path / "a", record(0)), fill(tmp_path / "b", nudged(record(0), val_loss=9.0))
    into = tmp_path / "c"
    for other, error in ((b, Contradiction), (str(tmp_path / "absent"), StoreError)):
        with pytest.raises(error):
            care.merge(a, other, str(into), wait=False)
        assert not into.exists()
    care.merge(a, fill(tmp_path / "d", record(1)), str(into), wait=False)
    before = sorted(p.name for p in (into / "trials").iterdir())
    with pytest.raises(Contradiction):
        care.merge(b, b, str(into), wait=False)
    assert sorted(p.name for p in (into / "trials").iterdir()) == before


def test_what_a_search_took_further_in_one_folder_is_no_difference_in_common(tmp_path: Path) -> None:
    long = record(0)
    short = dataclasses.replace(long, status="stopped", epochs=long.epochs.first(2), tensors=())
    wrong = dataclasses.replace(short, epochs=nudged(short, val_loss=9.0).epochs)
    a, b, c = fill(tmp_path / "a", long), fill(tmp_path / "b", short), fill(tmp_path / "c", wrong)
    assert compare.diff(a, b, common=True) == [] and len(compare.diff(a, b)) == 1
    assert len(compare.diff(a, c, common=True)) == 1
