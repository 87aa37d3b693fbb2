"""What a stop says: what is being saved, what cannot be in time, and where each trial goes on."""

from __future__ import annotations

import io
import json
import re
import time
from dataclasses import replace
from pathlib import Path

import pytest

from study.app import screen
from study.app.board import Board
from study.app.live_progress import LiveProgress
from study.app.live_view import render
from study.app.pace import Pace
from study.app.screen import read_snapshot
from study.app.signs_of_life import SignsOfLife, since_written
from study.app.snapshot import Snapshot
from study.app.start_phase import IMPORTS_HERE, STARTS_RAY
from study.planning.cost import END_SECONDS, START_SECONDS
from study.planning.executor import StopRequest
from study.planning.planned_jobs import plan_jobs
from study.storage.durable_files import Folder
from study.storage.trials import RecordedTrials, TrialOnRecord
from study.storage.unfinished import read_unfinished
from tests.study.app.test_live_view import CHECKSUM, plan_of
from tests.waiting import wait_until

METRICS = {"val_accuracy": 0.8, "train_accuracy": 0.9, "val_loss": 0.5}
SECONDS = 40.0


@pytest.fixture
def shown(tmp_path: Path) -> LiveProgress:
    """Two trials under way whose epochs take 40 s; one has a checkpoint, after epoch 2."""
    board = Board(plan_of(epochs=9), CHECKSUM, 2)
    made = LiveProgress(board, StopRequest(), Folder(tmp_path), "s", "study run s", stream=io.StringIO())
    for label in ("s/none, seed 0", "s/dropout, seed 0"):
        made.update(label, label, 3, 9, 1.0, METRICS)
    for trial in board.missing[:2]:
        trial.epoch_seconds = SECONDS
    first = next(t for t in board.missing if t.label == "s/none, seed 0")
    for epochs in (1, 2):
        (tmp_path / "checkpoints" / first.id).mkdir(parents=True, exist_ok=True)
        (tmp_path / "checkpoints" / first.id / f"{epochs:06d}.ckpt").write_bytes(b"")
    return made


def test_an_epoch_that_takes_longer_than_is_waited_for_is_said(shown: LiveProgress) -> None:
    lines = sorted(shown._late())
    assert lines == [
        "dropout, seed 0 needs about 40 s more for its epoch, and 8 s are given: it begins again: nothing of it is "
        "saved",
        "none, seed 0 needs about 40 s more for its epoch, and 8 s are given: it goes on from its last checkpoint, "
        "after epoch 2",
    ]
    for trial in shown.board.missing:
        trial.last_report = time.monotonic() - SECONDS + 2
    assert shown._late() == [], "what ends in 2 s is saved"


def test_a_later_part_of_a_command_has_its_clock(tmp_path: Path) -> None:
    board, since = Board(plan_of(epochs=9), CHECKSUM, 2), time.monotonic() - 25.0
    made = LiveProgress(board, StopRequest(), Folder(tmp_path), "s", "study run s", since=since, stream=io.StringIO())
    made.start()
    made.update("s/none, seed 0", "s/none, seed 0", 1, 9, 1.0, METRICS, 0.1)
    made._screen._keep("running")
    run = read_snapshot(Folder(tmp_path))
    assert run is not None and 25.0 <= run.now - run.began < 60.0
    assert run.events and all(when >= 25.0 for when, _ in run.events)
    made._screen._stop.signalled = True
    made.stop()
    assert "0:25  stopping" in made.stream.getvalue()  # type: ignore[attr-defined]


def test_a_stop_before_any_epoch_is_over_promises_no_saving(tmp_path: Path) -> None:
    """Nobody knows then how long an epoch takes on this machine, which may be busy."""
    board = Board(plan_of(epochs=9), CHECKSUM, 2)
    made = LiveProgress(board, StopRequest(), Folder(tmp_path), "s", "study run s", stream=io.StringIO())
    for label in ("s/none, seed 0", "s/dropout, seed 0"):
        made.began(label)
    said = "has 8 s to end its first epoch here, else it begins again: nothing of it is saved"
    assert made._saving() == [] and sorted(made._late()) == [f"dropout, seed 0 {said}", f"none, seed 0 {said}"]
    made.update("s/none, seed 0", "s/none, seed 0", 1, 9, 1.0, METRICS, 0.1)
    assert made._late() == [], "the other's pace tells"
    assert sorted(made._saving()) == ["dropout, seed 0 in epoch 1", "none, seed 0 in epoch 2"]


def test_the_time_left_has_the_end_of_ray_which_comes_after_the_last_trial(tmp_path: Path) -> None:
    """The last trial's end was taken for the run's: of a run of 13 s a sixth was promised too little on the way."""
    for phase, end in ((STARTS_RAY, END_SECONDS), ("importing PyTorch", 0.0)):
        board = Board(plan_of(epochs=9), CHECKSUM, 2, Pace(1.0))
        made = LiveProgress(board, StopRequest(), Folder(tmp_path), "s", "", phase=phase, stream=io.StringIO())
        made.update("s/none, seed 0", "s/none, seed 0", 1, 9, 1.0, METRICS, 0.1)
        training = board.seconds_left(time.monotonic())
        assert training is not None and made.snapshot().left == pytest.approx(training + end, abs=0.2)


def test_before_the_first_epoch_the_time_left_has_what_is_left_of_the_start(tmp_path: Path) -> None:
    board = Board(plan_of(epochs=9), CHECKSUM, 2, Pace(1.0, clock_factor=2.0))
    made = LiveProgress(board, StopRequest(), Folder(tmp_path), "s", "", phase=STARTS_RAY, stream=io.StringIO())
    training = board.seconds_left(time.monotonic())
    assert training is not None
    assert made.snapshot().left == pytest.approx(training + 2.0 * START_SECONDS, abs=1.0), "a busy machine's"
    made._began -= 3 * START_SECONDS
    assert made.snapshot().left == pytest.approx(training, abs=0.1), "a start that takes longer promises nothing"


def test_where_each_goes_on_is_said_when_all_ends_at_once(shown: LiveProgress) -> None:
    said = shown._screen._stop.unsaved("at once")
    assert said.startswith("0:00  ended at once: ") and shown._screen._stop.command == "study run s"
    assert shown._screen._stop.unsaved("after 8 s").startswith("0:00  ended after 8 s: ")
    assert "none, seed 0 goes on from its last checkpoint, after epoch 2" in said
    assert "dropout, seed 0 begins again: nothing of it is saved" in said


def test_after_a_stop_screen_and_status_name_the_epochs_that_were_saved(shown: LiveProgress, tmp_path: Path) -> None:
    """Three epochs were reported of two trials; after the second of them one was saved, the other never."""
    shown.start()
    shown._screen._stop.signalled = True
    shown.stop()
    assert isinstance(shown.stream, io.StringIO)
    assert "saved. 0 of 8 trials done, 1 goes on after epoch 2, 7 not begun." in shown.stream.getvalue()
    run = read_snapshot(Folder(tmp_path))
    assert run is not None and run.state == "interrupted" and run.epochs[0] == 2
    assert [(row.arm, row.epoch) for row in run.rows] == [("none", "2/9"), ("dropout", "")]


def test_a_trial_on_record_is_done_though_its_end_was_not_heard(
    shown: LiveProgress, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It said "7 not begun", and the next line "1 trial to go"."""
    there = {t.id: TrialOnRecord(9, "finished") for t in shown.board.missing[:6]}
    there[shown.board.missing[6].id] = TrialOnRecord(4, "diverged")
    monkeypatch.setattr(RecordedTrials, "on_record", lambda _: there)
    assert shown._saved() == "saved. 7 of 8 trials done, 1 not begun."


def test_what_trials_report_is_kept_for_the_live_page_until_they_end(shown: LiveProgress, tmp_path: Path) -> None:
    shown._screen._keep("running")
    trials = read_unfinished(Folder(tmp_path))
    assert {t.config.identity(CHECKSUM) for t in trials} == {t.id for t in shown.board.missing if t.done}
    assert all(dict(t.epochs) == {3: METRICS} for t in trials)
    shown.end("s/none, seed 0", "finished", 1.0)
    shown._screen._keep("running")
    assert len(read_unfinished(Folder(tmp_path))) == 1


def test_a_trial_that_reports_many_epochs_at_once_shows_all_of_them(shown: LiveProgress) -> None:
    label, rising = "s/none, seed 1", [(e, 0.1 * e, 0.1 * e + 0.05) for e in range(1, 9)]
    shown.update(label, label, 8, 9, 1.0, METRICS, 0.01, rising)
    trial = next(t for t in shown.board.missing if t.label == label)
    assert sorted(trial.curve) == list(range(1, 9)) and trial.done == 8
    assert trial.curve[3] == pytest.approx((0.3, 0.35))


def test_a_terminal_that_has_gone_keeps_nothing_from_being_said_to_others(tmp_path: Path) -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(5, "Input/output error")

    stop = StopRequest()
    made = LiveProgress(Board(plan_of(), CHECKSUM, 2), stop, Folder(tmp_path), "s", "study run s", stream=Gone())
    made.start()
    stop.signalled = True
    made.stop()
    assert b'"interrupted"' in (tmp_path / ".live.json").read_bytes()


def test_an_arm_whose_trials_all_diverged_has_its_line_too(tmp_path: Path) -> None:
    board, log = Board(plan_of(seeds=2), CHECKSUM, 2), io.StringIO()
    made = LiveProgress(board, StopRequest(), Folder(tmp_path), "s", "study run s", stream=log)
    for label in ("s/dropout, seed 0", "s/dropout, seed 1"):
        made.update(label, label, 1, 3, 1.0, METRICS)
        made.end(label, "diverged", 1.0)
    assert "dropout: 2 seeds, 2 diverged" in log.getvalue() and "none:" not in log.getvalue()


def test_the_start_names_what_is_done_and_ticks(tmp_path: Path) -> None:
    """It was one line, so that nobody saw which step was slow."""
    made = LiveProgress(
        Board(plan_of(), CHECKSUM, 2), StopRequest(), Folder(tmp_path), "s", "study run s", phase="starting Ray",
        stream=io.StringIO(),
    )  # fmt: skip
    assert [line.split()[1:] for line in render(made.snapshot(), 80)] == [["starting", "Ray"]]
    made._began -= 3.0
    made.began("s/none, seed 0")
    made._began -= 2.0
    made.began("s/dropout, seed 0")
    lines = render(made.snapshot(), 80)
    assert re.fullmatch(r"0:\d\d  Ray has started {18,19}\d+\.\d s", lines[0]), lines
    assert lines[1:] == ["      workers import PyTorch, then train"]
    made.imported()
    assert [line.split()[:3] for line in render(made.snapshot(), 80)[1:]] == [
        ["PyTorch", "is", "imported"], ["training:", "no", "epoch"]
    ]  # fmt: skip
    assert Snapshot.from_dict(json.loads(json.dumps(made.snapshot().to_dict()))).steps == made.snapshot().steps
    made.update("s/none, seed 0", "s/none, seed 0", 1, 3, 1.0, METRICS)
    assert "of 24 epochs" in render(made.snapshot(), 80)[0]


@pytest.mark.parametrize("jump", [-7200.0, 7200.0])
def test_a_clock_that_is_set_while_a_run_goes_on_makes_it_look_neither_over_nor_longer(
    jump: float, shown: LiveProgress, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that slept is the same: its steady clock stood still."""
    own = time.time
    before = shown.snapshot()
    monkeypatch.setattr(time, "time", lambda: own() + jump)
    after = shown.snapshot()
    assert SignsOfLife().goes_on(after) and since_written(after) < 60
    assert after.now - after.began == pytest.approx(before.now - before.began, abs=60)


def test_a_trial_that_was_lost_before_it_reported_is_no_longer_under_way(tmp_path: Path) -> None:
    board = Board(plan_of(epochs=9), CHECKSUM, 2)
    made = LiveProgress(board, StopRequest(), Folder(tmp_path), "s", "study run s", stream=io.StringIO())
    for label in ("s/none, seed 0", "s/dropout, seed 0"):
        made.began(label)
    made.end("0", "failed", 1.0, "s/none, seed 0")
    assert board.counts["failed"] == 1 == made.failed
    assert [t.label for t in board.missing if t.status == "running"] == ["s/dropout, seed 0"]


def test_a_job_of_several_seeds_on_a_gpu_is_named_in_words_and_each_of_its_trials_hears_of_it(tmp_path: Path) -> None:
    """It was labelled "seed 0, 1, 2", and that text was read back."""
    plan = plan_of(("none",), seeds=4, epochs=9)
    missing = tuple(replace(t, config=t.config.replace(device="cuda")) for t in plan.missing)
    plan = replace(plan, trials=missing)
    (job,) = plan_jobs(plan.missing)
    assert job.label == "s/none, seeds 0 to 3" and len(job.trials) == 4
    board = Board(plan, CHECKSUM, 2)
    made = LiveProgress(board, StopRequest(), Folder(tmp_path), "s", "", stream=io.StringIO())
    made.update(job.label, job.label, 3, 9, 1.0, METRICS)
    assert [(t.label, t.status, t.done) for t in board.missing] == [
        (f"s/none, seed {n}", "running", 3) for n in range(4)
    ]


@pytest.mark.parametrize("trains", [False, True])
def test_until_a_worker_trains_a_stop_waits_for_nothing(tmp_path: Path, *, trains: bool) -> None:
    """Once one does, epochs may be under way of which nobody has heard; they are saved."""
    stop, label = StopRequest(), "s/none, seed 0"
    board = Board(plan_of(epochs=9), CHECKSUM, 2)
    made = LiveProgress(board, stop, Folder(tmp_path), "s", "study run s", phase=STARTS_RAY, stream=io.StringIO())
    assert stop.nothing_yet()
    made.began(label)
    assert stop.nothing_yet(), "its worker imports PyTorch"
    if trains:
        made.imported()
    assert stop.nothing_yet() != trains and bool(made._saving() or made._late()) == trains
    said = "0:00  ended at once: none, seed 0 begins again: nothing of it is saved" if trains else ""
    assert stop.unsaved("at once") == said


def test_in_this_process_a_stop_saves_from_the_first_trial_on(tmp_path: Path) -> None:
    stop, board = StopRequest(), Board(plan_of(epochs=9), CHECKSUM, 2)
    made = LiveProgress(board, stop, Folder(tmp_path), "s", "study run s", phase=IMPORTS_HERE, stream=io.StringIO())
    assert stop.nothing_yet()
    made.began("s/none, seed 0")
    assert not stop.nothing_yet()


def test_an_end_at_once_is_kept_for_who_looks_on(shown: LiveProgress, tmp_path: Path) -> None:
    """`study status` said that the run goes on, then that it ended without a word; both times with a time left."""
    shown.start()
    shown._screen._stop.signalled = True
    said = shown._screen._stop.unsaved("at once")
    run = read_snapshot(Folder(tmp_path))
    assert said.startswith("0:00  ended at once: ") and run is not None
    assert (run.state, run.left, run.epochs[0]) == ("interrupted", None, 2)
    assert isinstance(shown.stream, io.StringIO) and "stopping" in shown.stream.getvalue()
    shown._screen._ticker.join(5)
    assert not shown._screen._ticker.is_alive(), "nothing is written over it"


def test_where_each_goes_on_is_as_wide_as_the_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Words were broken in their middle."""
    monkeypatch.setenv("COLUMNS", "60")
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: True)
    made = LiveProgress(Board(plan_of(epochs=9), CHECKSUM, 2), StopRequest(), Folder(tmp_path), "s", "", stream=stream)
    for label in ("s/none, seed 0", "s/dropout, seed 0"):
        made.began(label)
    lines = made._unsaved("after 8 s").splitlines()
    assert len(lines) > 1 and all(len(line) <= 60 for line in lines)
    assert " ".join(" ".join(lines).split()).count("begins again: nothing of it is saved") == 2


def test_who_looks_on_hears_of_a_stop_at_once(
    shown: LiveProgress, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It heard of it when the next writing was due."""
    monkeypatch.setattr(screen, "STATUS_SECONDS", 60.0)
    shown.start()

    def heard(state: str) -> bool:
        run = read_snapshot(Folder(tmp_path))
        return run is not None and run.state == state

    wait_until("the run shows itself", lambda: heard("running"), 20, every=0.02)
    shown._screen._stop.signalled = True
    wait_until("the stop shows itself", lambda: heard("stopping"), 20, every=0.02)
    shown.stop()
