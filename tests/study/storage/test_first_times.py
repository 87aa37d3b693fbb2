"""Times on record cannot be drawn again: at every door the first epochs of a longer record have those on record."""

from __future__ import annotations

from pathlib import Path

import pytest

from study.app.plan_studies import PlanRequest
from study.app.run_studies import RunOptions, run
from study.app.run_view import RunView
from study.storage.merge import Merge
from study.storage.repair import repair, verify
from study.storage.results_folder import ResultsFolder
from study.storage.upgrade import upgrade
from tests import synthetic
from tests.study import own
from tests.trainables.records.test_kept_times import of


def times(where: Path) -> tuple[float, ...]:
    """Seconds of each epoch of the one trial of a folder, as they are read."""
    (record,) = ResultsFolder(where).trials.records()
    return tuple(record.epochs["seconds"])


def folder(where: Path, *lengths: tuple[int, float, float], host: str = "a") -> Path:
    """A folder with records of one trial as an earlier version wrote them: epochs, seconds an epoch, when it ended."""
    store = ResultsFolder(where, create=True)
    for epochs, seconds, ended in lengths:
        store.trials.write(of(epochs, seconds, host, ended))
    return where


@pytest.mark.parametrize("gathered", [False, True])
def test_a_longer_record_takes_over_the_times_on_record(tmp_path: Path, gathered: bool) -> None:
    store = ResultsFolder(folder(tmp_path / "r", (2, 1.0, 1.0)))
    for epochs, seconds in ((4, 7.0), (6, 9.0)):
        if gathered:
            store.trials.gather()
        store.write(of(epochs, seconds))
    assert times(tmp_path / "r") == (1.0, 1.0, 7.0, 7.0, 9.0, 9.0)
    store.trials.gather()
    assert times(tmp_path / "r") == (1.0, 1.0, 7.0, 7.0, 9.0, 9.0) and verify(str(tmp_path / "r")).sound
    assert upgrade(str(tmp_path / "r"), str(tmp_path / "new")) == 3
    assert times(tmp_path / "new") == times(tmp_path / "r")


def test_what_is_on_record_is_read_as_it_was(tmp_path: Path) -> None:
    where = folder(tmp_path / "r", (2, 1.0, 1.0), (4, 7.0, 2.0))
    ResultsFolder(where).trials.gather()
    assert times(where) == (7.0,) * 4
    Merge(str(where), str(folder(tmp_path / "old", (2, 1.0, 1.0)))).write(str(tmp_path / "both"))
    assert times(tmp_path / "both") == (7.0,) * 4, "the shorter one is its own, and it reads the longer"


def test_a_contradiction_that_is_settled_leaves_the_times(tmp_path: Path) -> None:
    store = ResultsFolder(folder(tmp_path / "r", (2, 1.0, 1.0)))
    store.write(synthetic.changed(of(4, 7.0, "b", 2.0), 0, val_loss=0.5))
    assert "contradicts" in " ".join(repair(str(tmp_path / "r")).lines)
    assert times(tmp_path / "r") == (1.0, 1.0, 7.0, 7.0) and len(list(store.trials.all_records())) == 1


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(("first", "expected"), [(True, (1.0, 1.0, 7.0, 7.0)), (False, (7.0,) * 4)])
def test_of_two_folders_the_times_are_those_of_the_first_training(
    tmp_path: Path, turned: bool, first: bool, expected: tuple[float, ...]
) -> None:
    a = folder(tmp_path / "a", (2, 1.0, 1.0 if first else 3.0))
    b = folder(tmp_path / "b", (4, 7.0, 2.0), host="b")
    one, other = (b, a) if turned else (a, b)
    Merge(str(one), str(other)).write(str(tmp_path / "c"))
    assert times(tmp_path / "c") == expected and verify(str(tmp_path / "c")).sound
    Merge(str(b), str(a)).write(str(tmp_path / "c"))
    assert times(tmp_path / "c") == expected and len(list(ResultsFolder(tmp_path / "c").trials.all_records())) == 2


def test_three_folders_each_give_what_was_trained_first(tmp_path: Path) -> None:
    into = folder(tmp_path / "into", (3, 5.0, 2.0))
    a, b = folder(tmp_path / "a", (2, 1.0, 1.0)), folder(tmp_path / "b", (4, 7.0, 3.0))
    Merge(str(b), str(a)).write(str(into))
    assert times(into) == (1.0, 1.0, 5.0, 7.0)


def test_a_trial_that_is_really_trained_again_has_the_seconds_on_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    own.data(tmp_path, "small", 60, 30)
    for epochs in (1, 3):
        own.study(tmp_path, "mine", "lr", [0.1], epochs=epochs, data="small")
        ask = PlanRequest(("mine.yaml",), seeds=1, results="r", data_dir=tmp_path)
        run(ask, RunOptions(executor="inline", cpus=1), RunView(quiet=True))
    short, long = sorted(ResultsFolder("r").trials.all_records(), key=lambda r: r.epochs_done)
    for name in ("seconds", "eval_seconds"):
        assert long.epochs[name][:1] == short.epochs[name] and len(set(long.epochs[name])) == 3
    assert long.provenance["timed_by"][0]["run"] == short.provenance["run"]
