"""A results folder of a stranger's reaches nothing outside itself; a folder that is not ours is left alone."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from study.storage import lock
from study.storage import repair as upkeep
from study.storage.integrity import HEADER_FILE
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import RunRecord, read_runs, write_run
from tests import synthetic
from trainables.config.errors import StoreError
from trainables.config.trial_config import TrialConfig

TRIAL = "ab" * 10
FOLDERS = ("trials", "failures", "studies", "runs", "searches", "checkpoints", "quarantine")
RECORD = synthetic.record(TrialConfig(epochs=1, hidden=(4,)))


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder of somebody's with a file in it that must stay as it is."""
    place = tmp_path / "outside"
    place.mkdir()
    (place / "dear.json").write_text("dear")
    return place


@pytest.fixture
def store(tmp_path: Path) -> ResultsFolder:
    return ResultsFolder(tmp_path / "results", create=True)


def untouched(outside: Path) -> bool:
    return [p.name for p in outside.iterdir()] == ["dear.json"] and (outside / "dear.json").read_text() == "dear"


WRITES: dict[str, Callable[[ResultsFolder], object]] = {
    "trials": lambda s: s.write(RECORD),
    "runs": lambda s: write_run(s.folder, "dear", RunRecord(studies=("a",), seeds=(0,))),
    "checkpoints": lambda s: s.save_checkpoint(TRIAL, 1, b"state"),
    f"checkpoints/{TRIAL}": lambda s: s.save_checkpoint(TRIAL, 1, b"state"),
    "quarantine": lambda s: s.folder.move("runs/a.json", "quarantine/runs__a.json"),
    "studies/s": lambda s: s.folder.write("studies/s/1.json", b"x"),
    "searches/s/all-0": lambda s: s.folder.write("searches/s/all-0/000000.json", b"x"),
}


@pytest.mark.parametrize("link", WRITES)
def test_nothing_is_written_through_a_folder_that_is_a_link(store: ResultsFolder, outside: Path, link: str) -> None:
    store.folder.write("runs/a.json", b"{}") if not link.startswith("runs") else None
    at = Path(store.folder.path(link))
    at.parent.mkdir(parents=True, exist_ok=True)
    at.symlink_to(outside)
    with pytest.raises(StoreError, match=r"is a link to another place; a results folder holds its own files"):
        WRITES[link](store)
    assert untouched(outside)


@pytest.mark.parametrize("under", FOLDERS)
def test_nothing_is_read_listed_swept_or_deleted_through_a_link(
    store: ResultsFolder, outside: Path, under: str
) -> None:
    (outside / ".dear.0123abcd.tmp").write_text("dear")
    Path(store.folder.path(under)).symlink_to(outside)
    for act in (lambda: store.folder.names(under), lambda: store.folder.read(f"{under}/dear.json")):
        with pytest.raises(StoreError, match="is a link"):
            act()
    for act in (lambda: store.folder.delete(f"{under}/dear.json"), lambda: store.folder.delete_folder(f"{under}/x")):
        with pytest.raises(StoreError, match="is a link"):
            act()
    with pytest.raises(StoreError, match="is a link"):
        upkeep.tidy(store)
    assert (outside / ".dear.0123abcd.tmp").exists() and (outside / "dear.json").read_text() == "dear"


@pytest.mark.parametrize("name", ["runs/a.json", "trials/" + "0" * 20 + "-000001-finished.json", "failures/x.json"])
def test_a_file_that_is_a_link_is_not_read_but_named_and_put_aside(
    store: ResultsFolder, outside: Path, name: str
) -> None:
    at = Path(store.folder.path(name))
    at.parent.mkdir()
    at.symlink_to(outside / "dear.json")
    assert store.folder.names(deep=True) == [HEADER_FILE] and read_runs(store.folder) == []
    with pytest.raises(StoreError, match="is a link"):
        store.folder.read(name)
    found = upkeep.verify(store.folder.where)
    assert not found.sound and found.lines[0].startswith(f"{name}: it is a link")
    assert upkeep.repair(store.folder.where).sound and untouched(outside)
    store.folder.write(name, b"ours")
    assert not at.is_symlink() and untouched(outside)


def test_to_write_where_a_file_is_a_link_replaces_the_link(store: ResultsFolder, outside: Path) -> None:
    at = Path(store.folder.path("runs/a.json"))
    at.parent.mkdir()
    at.symlink_to(outside / "dear.json")
    store.folder.write("runs/a.json", b"ours")
    assert at.read_bytes() == b"ours" and not at.is_symlink() and untouched(outside)


@pytest.mark.parametrize("kind", ["link", "dangling", "pipe", "folder"])
def test_a_lock_that_is_no_file_is_refused_in_one_line(store: ResultsFolder, outside: Path, kind: str) -> None:
    at = Path(store.folder.path(lock.NAME))
    if kind == "pipe":
        os.mkfifo(at)
    elif kind == "folder":
        at.mkdir()
    else:
        at.symlink_to(outside / ("dear.json" if kind == "link" else "new.json"))
    with pytest.raises(StoreError, match=r"\.lock is (a link|not a file)") as caught, lock.hold(store.folder):
        pass
    assert untouched(outside) and "\n" not in str(caught.value)


def test_a_lock_that_is_somebody_elses_file_too_is_not_written(store: ResultsFolder, outside: Path) -> None:
    os.link(outside / "dear.json", store.folder.path(lock.NAME))
    with lock.hold(store.folder):
        pass
    assert untouched(outside)


def test_the_folder_itself_may_be_reached_by_a_link(tmp_path: Path, store: ResultsFolder) -> None:
    (tmp_path / "short").symlink_to(tmp_path / "results")
    other = ResultsFolder(tmp_path / "short")
    other.write(RECORD)
    assert [r.id for r in store.trials.records()] == [RECORD.id]


def test_a_temporary_name_that_stands_there_is_not_written_through(
    store: ResultsFolder, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Known:
        hex = "0123abcd" * 4

    monkeypatch.setattr("study.storage.local_tree.uuid.uuid4", Known)
    (Path(store.folder.path(".a.json.0123abcd.tmp"))).symlink_to(outside / "dear.json")
    with pytest.raises(StoreError, match="cannot write"):
        store.folder.write("a.json", b"ours")
    assert untouched(outside)


def test_a_folder_of_folders_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    """It was once swept for names that look like ours."""
    (tmp_path / "papers" / "data").mkdir(parents=True)
    (tmp_path / "trials").mkdir()
    (tmp_path / "papers" / "data" / ".notes.0123abcd.tmp").write_text("dear")
    (tmp_path / "trials" / "list.csv").write_text("dear")
    with pytest.raises(StoreError, match=r"is not a results folder: it holds papers but no study-results\.json"):
        ResultsFolder(tmp_path, create=True)
    assert not (tmp_path / HEADER_FILE).exists()


def test_in_our_own_folder_only_our_own_folders_are_swept(tmp_path: Path, store: ResultsFolder) -> None:
    mine = [".notes.0123abcd.tmp", "papers/.notes.0123abcd.tmp", "report/.notes.0123abcd.tmp"]
    ours = ["trials/.x.json.0123abcd.tmp", "searches/a/b/.x.json.0123abcd.tmp", f".{HEADER_FILE}.0123abcd.tmp"]
    for name in (*mine, *ours):
        at = tmp_path / "results" / name
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_text("x")
    upkeep.tidy(store)
    assert all((tmp_path / "results" / n).exists() for n in mine)
    assert not any((tmp_path / "results" / n).exists() for n in ours)


def test_an_empty_disk_is_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "lost+found").mkdir()
    (tmp_path / ".Trash").mkdir()
    assert ResultsFolder(tmp_path, create=True).trials.on_record() == {}


@pytest.mark.parametrize("name", FOLDERS)
def test_a_file_where_a_folder_belongs_is_said_before_anything_is_trained(store: ResultsFolder, name: str) -> None:
    way = Path(store.folder.path(name))
    way.write_text("x")
    with pytest.raises(StoreError, match=f"{name} is a file where a folder belongs; move it away"):
        store.refuse_unwritable()
    with pytest.raises(StoreError, match="is a file where a folder belongs"):
        store.folder.names(name)
    with pytest.raises(StoreError, match="is a file where a folder belongs"):
        store.folder.write(f"{name}/x.json", b"x")
    assert way.read_text() == "x"


def test_what_could_not_be_kept_is_refused_before_it_is_trained(
    store: ResultsFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write(RECORD)
    store.refuse_unwritable()
    own = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: own(path, mode) and not str(path).endswith("/trials"))
    with pytest.raises(StoreError, match=r"no permission to write in .*/trials .*; allow it, or choose another"):
        store.refuse_unwritable()


@pytest.mark.parametrize("create", [True, False])
@pytest.mark.parametrize("below", ["", "/r"])
def test_a_link_to_nothing_is_said(tmp_path: Path, create: bool, below: str) -> None:
    (tmp_path / "x").symlink_to("nowhere")
    with pytest.raises(StoreError, match=r"cannot be a results folder: .*/x is a link to nowhere, which is not there"):
        ResultsFolder(f"{tmp_path}/x{below}", create=create)
    assert [p.name for p in tmp_path.iterdir()] == ["x"]


def test_two_users_of_a_group_can_lock_one_folder(store: ResultsFolder) -> None:
    before = os.umask(0o002)
    try:
        with lock.hold(store.folder):
            assert Path(store.folder.path(lock.NAME)).stat().st_mode & 0o777 == 0o664
    finally:
        os.umask(before)


def test_a_folder_that_becomes_a_link_while_it_is_used_is_not_followed(store: ResultsFolder, outside: Path) -> None:
    """Whoever may write beside it could put a link in its place."""
    store.write(RECORD)
    ours = Path(store.folder.where)
    ours.rename(ours.with_name("aside"))
    ours.symlink_to(outside)
    for act in (lambda: store.folder.write("report/index.html", b"x"), lambda: store.folder.read(HEADER_FILE)):
        with pytest.raises(StoreError, match=r"results has become a link; bring the folder back"):
            act()
    assert untouched(outside)
    ours.unlink()
    ours.with_name("aside").rename(ours)
    assert [r.id for r in store.trials.records()] == [RECORD.id]


@pytest.mark.parametrize(
    ("name", "size", "says"),
    [
        ("runs/a.json", 10**9, r"runs/a\.json is none of ours: it has 1\.0 GB; remove it"),
        (HEADER_FILE, 10**13, "is none of ours: it has 10000.0 GB"),
        (
            "trials/gathered-" + "0" * 64 + ".parquet",
            10**13,
            r"has 10000\.0 GB, and \d+\.\d GB of memory are free here",
        ),
    ],
)
def test_a_file_of_holes_is_not_read_into_memory(store: ResultsFolder, name: str, size: int, says: str) -> None:
    at = Path(store.folder.path(name))
    at.parent.mkdir(exist_ok=True)
    with at.open("wb") as stream:
        stream.truncate(size)
    with pytest.raises(StoreError, match=says):
        store.folder.read(name)


def test_a_folder_that_was_there_and_cannot_be_opened_any_more_is_named(
    store: ResultsFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever looks whether it is still there was shown "Input/output error: 'trials'" with a traceback."""
    store.folder.write("trials/a.json", b"{}")
    real = os.open

    def broken(path: str, *args: int, **kwargs: int) -> int:
        if path == "trials":
            raise OSError(errno.EIO, os.strerror(errno.EIO), path)
        return real(path, *args, **kwargs)

    monkeypatch.setattr(os, "open", broken)
    with pytest.raises(StoreError, match=r"cannot read .*/trials: input/output error"):
        store.folder.refuse_gone(HEADER_FILE)
