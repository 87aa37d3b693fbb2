"""How far a folder is, in the terminal."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from study.app.live_view import UNICODE, render
from study.app.screen import SNAPSHOT_FILE, remove_snapshot, write_snapshot
from study.app.snapshot import Snapshot
from study.app.status import FolderStatus, status_of
from study.cli import status_text, wait_for_run
from study.storage import repair, this_machine
from study.storage.durable_files import Folder
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import RunRecord, write_run
from study.storage.this_machine import signature
from tests.analysis import stores
from tests.study.app.test_status import SMALL
from trainables.config.errors import StoreError
from trainables.data.facts import FASHION_MNIST

RECORDED = Path(__file__).parents[3] / "results" / "search-sgd-adam"


def test_a_search_that_is_over_shows_its_answer(tmp_path: Path) -> None:
    where = str(shutil.copytree(RECORDED, tmp_path / "r"))
    status, said = status_of(where), status_text.status_lines(where)
    assert [s.over for s in status.searches] == [True] and status.missing == (0, 10)
    assert said[-1] == f"next  study report {where}" == f"next  {status.next_command}"
    assert any(line.startswith("adam ") for line in said)
    (tmp_path / "r" / "searches" / "search-sgd-adam" / "answer.json").unlink()
    assert not status_of(where).searches[0].over, "the best are not chosen yet"


def test_what_was_interrupted_before_it_trained_is_named_and_said_once(tmp_path: Path) -> None:
    """It said "0 trials on record, 0 epochs" and "4 of 4 trials: 4 not begun", and no name of the study."""
    for folder in ("r", "small"):
        store = ResultsFolder(tmp_path / folder, create=True)
        store.studies.freeze(SMALL)
        write_run(store.folder, "20260101T000000-000000", replace(stores.run([SMALL], (0, 1)), data=FASHION_MNIST))
        where = str(tmp_path / folder)
        lines = status_text.status_lines(where)
        assert lines[:2] == ["not running.", f"{where}: no trial is on record"]
        assert any(line.startswith("missing  all 4 trials") for line in lines)
        assert ("small" in lines) == (folder == "r"), "the folder's name says it"


def test_studies_stand_in_the_order_in_which_they_were_planned(tmp_path: Path) -> None:
    """They stood by the alphabet, and the page, the plan and the end of a run had them in another order."""
    studies = [replace(SMALL, name=name, base={"lr": lr}) for name, lr in (("zebra", 0.1), ("ape", 0.2), ("mule", 0.3))]
    stores.store_of(tmp_path / "r", studies, (0,))
    status = status_of(str(tmp_path / "r"))
    assert [s.name for s in status.studies] == ["zebra", "ape", "mule"]
    assert [b.plan.studies[0].name for b in status.boards] == ["zebra", "ape", "mule"]
    said = [line for line in status_text.status_lines(str(tmp_path / "r")) if line in ("zebra", "ape", "mule")]
    assert said == ["zebra", "ape", "mule"]


def test_a_view_that_stays_shows_what_the_terminal_can(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rich puts something in the place of standard output while it draws, and that has no encoding."""
    run = Snapshot("small", 0.0, 1.0, (1, 2), (0, 1), 0, 0, 3.0, "", (), "", (), (), "")
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert any("━" in line for line in status_text.run_lines(run, 100, letters=UNICODE)), (
        "not what the stand-in can show"
    )


def test_an_empty_and_a_damaged_folder_name_the_command_that_mends_them(tmp_path: Path) -> None:
    """The one named no command, the other the page; `--json` named another command than the text."""

    def named() -> str:
        told = json.loads(status_text.as_json(where))["next"]
        assert status_text.status_lines(where)[-1].removeprefix("next").strip() == told
        return str(told)

    where = str(tmp_path / "r")
    store = stores.store_of(tmp_path / "r", [SMALL], (0,))
    write_run(
        store.folder,
        "20260101T000000-abcdef",
        RunRecord(command=("study", "run", "small"), studies=("small",), seeds=(0,)),
    )
    for name in store.folder.names("trials"):
        store.folder.write(name, b"rubbish")
    assert named() == f"study repair {where}"
    repair.repair(where)
    assert named() == f"study run small --results {where}"


@pytest.mark.parametrize("ask", [status_text.status_lines, status_text.as_json, status_text._next_part])
def test_between_two_parts_of_a_run_the_next_one_is_waited_for(
    ask: Callable[[str], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between a search and its answer it said "not running", and its watch ended."""
    folder = stores.store_of(tmp_path / "r", [SMALL], (0,)).folder
    looks = list[float]()

    def sleep(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 2:
            now, me = time.time(), signature()._asdict()
            write_snapshot(folder, Snapshot("s", now, now, (1, 2), (0, 1), 0, 0, 3.0, "", (), "", (), (), "", **me))

    monkeypatch.setattr(status_text, "holder_lives", lambda _: len(looks) < 9)
    monkeypatch.setattr(time, "sleep", sleep)
    said = str(ask(str(folder.where)))
    assert len(looks) == 2 and ("running for" in said or '"running": true' in said or "alive=True" in said)
    remove_snapshot(folder)
    ask(str(folder.where))
    assert len(looks) == 9, "who holds the folder no longer is not waited for"


def test_whoever_uses_the_folder_without_a_word_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While `study merge` wrote, it said "not running", and `study run` was refused."""
    where = str(stores.store_of(tmp_path / "r", [SMALL], (0,)).folder.where)
    assert status_text.status_lines(where)[0] == "not running."
    monkeypatch.setattr(status_text, "BETWEEN_PARTS_SECONDS", 0.0)
    monkeypatch.setattr(status_text, "holder_lives", lambda _: True)
    assert status_text.status_lines(where)[0] == "not running, but another process uses the folder."


def test_a_screen_has_one_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """It stood twice: "about 1 min 40 s left", and below it "1:37 left"."""
    run = Snapshot("small", 0.0, 1.0, (1, 2), (0, 1), 0, 0, 30.0, "", (), "", (), (), "")
    monkeypatch.setattr(status_text, "since_written", lambda _: 4.0)
    (head,), (line, *_) = status_text._running(run), status_text.run_lines(run, 100, letters=UNICODE)
    assert "left" not in head and "26 s left" in line


def test_the_first_line_says_where_a_run_goes_on_and_since_when(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Snapshot("small", 0.0, 25.0, (0, 2), (0, 1), 0, 0, 30.0, "workers import PyTorch", (), "", (), (), "")
    monkeypatch.setattr(status_text, "since_written", lambda _: 0.0)
    monkeypatch.setattr(time, "strftime", lambda *_: "10:00")
    assert status_text._running(replace(run, host="vm")) == ["running for 25 s on vm, since 10:00"]
    assert status_text._running(replace(run, host="vm", phase="", state="stopping")) == [
        "stopping after 25 s on vm, since 10:00"
    ]
    assert status_text._running(replace(run, host="vm", phase="")) == ["running for 25 s on vm, since 10:00"]


def test_of_a_run_that_is_over_no_time_is_left(tmp_path: Path) -> None:
    """`--json` said "running": false and 118.9 s left."""
    where = str(stores.store_of(tmp_path / "r", [SMALL], (0,)).folder.where)
    run = Snapshot("small", 0.0, 9.0, (1, 2), (0, 1), 0, 0, 118.9, "", (), "", (), (), "")
    for one, how in (
        (run, "It ended without a word"),
        (replace(run, state="stopping"), "Interrupted"),
        (replace(run, state="interrupted"), "Interrupted"),
    ):
        write_snapshot(Folder(where), one)
        told = json.loads(status_text.as_json(where))
        assert told["running"] is False and told["run"]["left"] is None
        assert status_text.status_lines(where)[0].startswith(f"not running. {how} after 9 s")


def test_who_looks_on_sees_the_machine_that_the_run_shows() -> None:
    machine = "2 of 2 cores busy, 5.1 of 24 GB"
    run = Snapshot("small", 0.0, 1.0, (1, 2), (0, 1), 0, 0, 3.0, "", (), "", (), (), machine)
    assert status_text.run_lines(run, 100, letters=UNICODE)[-1] == machine == render(run, 100)[-1].partition("  ")[0]


def test_on_a_terminal_watch_waits_for_a_folder_and_for_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Beside `study run` that had not written yet it ended: with an error, or with how the run before had ended."""
    where, waited = str(tmp_path / "r"), list[str]()
    run = Snapshot("small", 0.0, 9.0, (1, 2), (0, 1), 0, 0, 3.0, "", (), "", (), (), "", state="interrupted")
    goes_on = replace(run, state="running", now=time.time(), began=time.time() - 3.0, title="the new run")

    def appear(_: float) -> None:
        waited.append("folder" if not waited else "run")
        if len(waited) == 1:
            write_snapshot(stores.store_of(tmp_path / "r", [SMALL], (0,)).folder, run)
        elif len(waited) == 2:
            write_snapshot(Folder(where), replace(goes_on, host=this_machine.signature().host, pid=os.getpid()))

    def over(_: float) -> None:
        Folder(where).delete(SNAPSHOT_FILE)

    monkeypatch.setattr(wait_for_run, "sleep", appear)
    monkeypatch.setattr(time, "sleep", over)
    monkeypatch.setattr(status_text, "can_redraw", lambda _: True)
    status_text.watch(where)
    said = capsys.readouterr()
    err = " ".join(said.err.split())
    assert waited == ["folder", "run"] and f"there are no results in {where} yet: waiting" in err
    assert "not running. Interrupted after 9 s" in said.out and f"waiting for a run to begin in {where}." in err
    assert said.out.rstrip().endswith(f"next  study report {where}"), "it ends when that run is over"


def test_a_run_that_begins_between_two_looks_is_followed_at_once_and_no_command_is_named_that_one_is_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It said "running for 1 s", then its own command as the next, then "waiting for a run to begin"."""
    folder = stores.store_of(tmp_path / "r", [SMALL], (0,)).folder
    now, me = time.time(), signature()._asdict()
    run = Snapshot("the new run", now, now, (1, 2), (0, 1), 0, 0, 3.0, "", (), "", (), (), "", **me)
    looks = list[bool]()

    def look(where: str, *, check: bool = True, metrics: tuple[str, ...] = ()) -> FolderStatus:
        found = status_of(where, check=check, metrics=metrics)
        looks.append(found.alive)
        if len(looks) == 1:
            write_snapshot(folder, run)
        elif len(looks) == 3:  # it is over, and another one begins before the last look
            write_snapshot(folder, replace(run, now=time.time()))
        return found

    monkeypatch.setattr(status_text, "status_of", look)
    monkeypatch.setattr(wait_for_run, "sleep", lambda _: pytest.fail("it waits"))
    monkeypatch.setattr(time, "sleep", lambda _: remove_snapshot(folder))
    monkeypatch.setattr(status_text, "can_redraw", lambda _: True)
    status_text.watch(folder.where)
    said = capsys.readouterr()
    assert looks == [False, True, False, True] and "waiting for a run" not in said.err
    assert "running for" in said.out and "--watch" not in said.out
    assert f"next  study status {folder.where} --watch" in status_text.status_lines(folder.where)


def test_a_script_that_watches_waits_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(wait_for_run, "sleep", lambda _: pytest.fail("it waits"))
    with pytest.raises(StoreError, match="no results"):
        status_text.watch(str(tmp_path / "none"))
    where = str(stores.store_of(tmp_path / "r", [SMALL], (0,)).folder.where)
    status_text.watch(where)
    assert capsys.readouterr().out.startswith("not running.")
