"""Loose records are gathered into few files."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from study.planning.executor import StopRequest
from study.storage import repair as upkeep
from study.storage.gathering import gathering
from study.storage.results_folder import ResultsFolder
from study.storage.trials import RecordedTrials
from tests import synthetic
from tests.study.storage.test_results_folder import record
from trainables.config.errors import StoreError


@pytest.fixture
def store(tmp_path: Path) -> ResultsFolder:
    return ResultsFolder(tmp_path / "results", create=True)


def test_gathering_cut_short_leaves_nothing_twice(store: ResultsFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(3):
        store.write(record(seed))
    with monkeypatch.context() as patch:
        patch.setattr(type(store.folder), "delete", lambda self, name: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            store.trials.gather()
    assert len(store.trials.loose()) == 3 and len(store.trials.gathered()) == 1
    assert store.trials.gather() == 0 and store.trials.loose() == []
    assert len(list(store.trials.all_records())) == 3


def test_gathering_refuses_a_contradiction_and_keeps_both(store: ResultsFolder) -> None:
    one = record()
    store.write(one)
    store.trials.gather()
    store.write(synthetic.changed(one, 0, lr=1.0))
    with pytest.raises(StoreError, match="another result"):
        store.trials.gather()
    assert len(store.trials.loose()) == 1
    report = upkeep.verify(store.folder.where)
    assert not report.sound and "contradicts" in report.lines[0]


def test_long_runs_gather_on_the_way(store: ResultsFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(5):
        store.write(record(seed))
    stop, done, gather = StopRequest(), threading.Event(), RecordedTrials.gather

    def and_say_so(trials: RecordedTrials) -> int:
        count = gather(trials)
        done.set()
        return count

    monkeypatch.setattr(RecordedTrials, "gather", and_say_so)
    with gathering(store, stop.because, many=5, interval=0.01):
        assert done.wait(60)
    assert store.trials.loose() == [] and len(list(store.trials.records())) == 5 and not stop.asked
