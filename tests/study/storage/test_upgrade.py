"""A copy in format 2 says what the folder said."""

from __future__ import annotations

import shutil
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from analysis.data.load import load
from study.storage import diff, lock, repair
from study.storage import upgrade as upgrading
from study.storage.arms_table import write_arms
from study.storage.durable_files import Folder
from study.storage.results_folder import ResultsFolder
from study.storage.upgrade import upgrade
from trainables.config.errors import StoreError

KEPT = Path(__file__).parents[3] / "results" / "search-sgd-adam"


def test_a_copy_holds_what_the_folder_holds(tmp_path: Path) -> None:
    before = {p: p.read_bytes() for p in KEPT.rglob("*") if p.is_file()}
    count = upgrade(str(KEPT), str(tmp_path / "new"))
    old, new = ResultsFolder(KEPT), ResultsFolder(tmp_path / "new")
    assert count == len(list(old.trials.all_records())) == len(list(new.trials.all_records()))
    assert {r.format for r in new.trials.all_records()} == {2}
    assert diff.diff(str(KEPT), str(tmp_path / "new")) == []
    assert repair.verify(str(tmp_path / "new")).sound
    assert {p: p.read_bytes() for p in KEPT.rglob("*") if p.is_file()} == before
    one, two = (load(s).frames for s in (old, new))
    key = ["seed", "epoch", "val_loss", "val_accuracy", "accuracy_gap"]
    rows = [f.epochs.assign(trial=f.epochs["trial"].astype(str)).sort_values(["trial", "epoch"]) for f in (one, two)]
    assert rows[0][["trial", *key]].reset_index(drop=True).equals(rows[1][["trial", *key]].reset_index(drop=True))


def test_it_never_writes_where_something_is(tmp_path: Path) -> None:
    shutil.copytree(KEPT, tmp_path / "there")
    with pytest.raises(StoreError, match="is not empty"):
        upgrade(str(KEPT), str(tmp_path / "there"))


def test_a_copy_that_was_cut_short_is_none_and_the_same_command_makes_it_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new, other = str(tmp_path / "new"), str(tmp_path / "other")

    def stop(_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(upgrading, "write_arms", stop)
        with pytest.raises(KeyboardInterrupt):
            upgrade(str(KEPT), new)
    with pytest.raises(StoreError, match="is not a results folder"):
        ResultsFolder(new)
    for mend in (repair.repair, repair.verify):
        with pytest.raises(StoreError, match="a copy that `study upgrade` began and did not end; the same command"):
            mend(new)  # else it would count as a results folder with fewer trials
    ResultsFolder(other, create=True)
    with pytest.raises(StoreError, match="holds a copy of another folder that was cut short"):
        upgrade(other, new)
    assert upgrade(str(KEPT), new) == len(list(ResultsFolder(KEPT).trials.all_records()))
    assert diff.diff(str(KEPT), new) == [] and repair.verify(new).sound


def test_a_folder_that_goes_while_it_is_copied_gives_no_whole_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, new = tmp_path / "source", str(tmp_path / "new")
    shutil.copytree(KEPT, source)
    real = write_arms

    def gone(store: ResultsFolder) -> None:
        shutil.rmtree(source)
        real(store)

    monkeypatch.setattr(upgrading, "write_arms", gone)
    with pytest.raises(StoreError):
        upgrade(str(source), new)
    with pytest.raises(StoreError, match="a copy that `study upgrade` began and did not end"):
        ResultsFolder(new)


def test_a_copy_that_another_command_ends_meanwhile_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look at the copy's header and its lock: the whole copy was taken for one that was cut short."""
    new, real = str(tmp_path / "new"), lock.hold

    def cut(_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(upgrading, "write_arms", cut)
        with pytest.raises(KeyboardInterrupt):
            upgrade(str(KEPT), new)

    def after_the_other(folder: Folder) -> AbstractContextManager[None]:
        monkeypatch.setattr(lock, "hold", real)
        upgrade(str(KEPT), new)
        return real(folder)

    monkeypatch.setattr(lock, "hold", after_the_other)
    before = len(list(ResultsFolder(KEPT).trials.all_records()))
    with pytest.raises(StoreError, match="is not empty"):
        upgrade(str(KEPT), new)
    assert len(list(ResultsFolder(new).trials.all_records())) == before


def test_two_commands_that_begin_at_once_do_not_mix_their_copies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, new, real = ResultsFolder(tmp_path / "other", create=True), str(tmp_path / "new"), lock.hold

    def after_the_other(folder: Folder) -> AbstractContextManager[None]:
        monkeypatch.setattr(lock, "hold", real)
        upgrade(str(KEPT), new)
        return real(folder)

    monkeypatch.setattr(lock, "hold", after_the_other)
    with pytest.raises(StoreError, match="is not empty"):
        upgrade(other.folder.where, new)
    assert diff.diff(str(KEPT), new) == []
