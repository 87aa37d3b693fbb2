"""Trials on record: which record counts, and that it comes back to the last bit."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any

import pytest

from study.storage.results_folder import ResultsFolder
from study.storage.trials import RecordedTrials, TrialOnRecord
from tests import synthetic
from tests.study.storage.test_results_folder import CONFIG, record
from trainables.config.errors import StoreError
from trainables.config.trial_config import TrialConfig
from trainables.records.epoch_columns import EpochColumns


@pytest.fixture
def store(tmp_path: Path) -> ResultsFolder:
    return ResultsFolder(tmp_path / "results", create=True)


def test_the_identity_of_a_record_that_is_read_is_computed_once(
    store: ResultsFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a folder of many records `study plan` spent most of its time on it."""
    store.write(record(0))
    asked = list[str]()

    def counted(config: TrialConfig, *given: Any) -> str:
        asked.append(identity(config, *given))
        return asked[-1]

    identity = TrialConfig.identity
    monkeypatch.setattr(TrialConfig, "identity", counted)
    (read,) = store.trials.records()
    assert [read.id, read.id] == asked * 2 and dataclasses.replace(read, code_version=7).id != read.id


def test_records_come_back_to_the_last_bit_loose_and_gathered(store: ResultsFolder) -> None:
    written = [record(0), record(1, status="diverged", done=2), record(2, status="stopped", done=1)]
    written.append(synthetic.changed(record(3), 0, val_loss=math.inf, penalty=-0.0, train_loss=5e-324))
    ends = [(math.nan, 1.0), (-math.inf, math.inf), (-1e308, 1e308), (1e308, 1e308), (-0.0, 5e-324)]
    strange = [
        dataclasses.replace(t, quantiles=(low, *t.quantiles[1:-1], high), histogram=())
        for t, (low, high) in zip(written[0].tensors, ends, strict=False)
    ]
    assert len(strange) == len(ends)
    written.append(dataclasses.replace(record(4), tensors=(*strange, *written[0].tensors[len(ends) :])))
    for one in written:
        store.write(one)
    loose = {r.id: r for r in store.trials.records()}
    assert store.trials.gather() == 5 and store.trials.loose() == []
    gathered = {r.id: r for r in store.trials.records()}
    for one in written:
        assert repr(loose[one.id]) == repr(gathered[one.id])
        assert loose[one.id].result_digest() == gathered[one.id].result_digest() == one.result_digest()
        assert loose[one.id].provenance == dict(one.provenance) and loose[one.id].message == one.message
    assert store.trials.on_record() == {r.id: TrialOnRecord(r.epochs_done, r.status) for r in written}


def test_a_tensor_may_be_called_like_a_number(store: ResultsFolder) -> None:
    made = record()
    odd = dataclasses.replace(made, tensors=tuple(dataclasses.replace(t, name="nan") for t in made.tensors))
    store.write(odd)
    assert made.tensors and store.trials.gather() == 1
    assert [r.result_digest() for r in store.trials.records()] == [odd.result_digest()]


def test_a_longer_record_outranks_a_shorter_and_failures_do_not_count(store: ResultsFolder) -> None:
    long = synthetic.record(CONFIG.replace(epochs=5))
    store.write(record())
    store.write(long)
    store.write(dataclasses.replace(record(7), status="failed", epochs=EpochColumns(), tensors=(), message="it broke"))
    assert store.trials.on_record() == {long.id: TrialOnRecord(5, "finished")}
    assert [r.epochs_done for r in store.trials.records()] == [5] and len(list(store.trials.all_records())) == 2
    assert [r.message for r in store.trials.failures()] == ["it broke"]


def test_the_same_result_again_is_no_change_and_another_is_refused(store: ResultsFolder) -> None:
    one = record()
    store.write(one)
    timed = dataclasses.replace(one, epochs=one.epochs.replace(seconds=(9.0,) * len(one.epochs)))
    store.write(dataclasses.replace(timed, provenance={"host": "another"}))
    assert next(store.trials.records()).provenance == dict(one.provenance)
    other = synthetic.changed(one, 0, val_loss=0.1)
    with pytest.raises(StoreError, match="gave another result"):
        store.write(other)


def test_a_record_under_another_trials_name_is_damage(store: ResultsFolder) -> None:
    store.write(record(0))
    name = store.trials.loose()[0]
    store.folder.move(name, "trials/" + "0" * 20 + name[27:])
    assert "does not fit" in store.trials.damage()[0].reason


def test_what_is_gathered_between_two_looks_still_tells_its_data(
    store: ResultsFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write(record(0))
    real = RecordedTrials.gathered

    def gathering(self: RecordedTrials) -> list[str]:
        found = real(self)
        monkeypatch.setattr(RecordedTrials, "gathered", real)
        store.trials.gather()
        return found

    monkeypatch.setattr(RecordedTrials, "gathered", gathering)
    assert store.trials.data_checksums() == [synthetic.CHECKSUM]
