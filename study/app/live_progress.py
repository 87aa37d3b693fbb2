"""What a run of a plan shows: hears of its trials, and gives a `Snapshot` of them to the `Screen`."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TextIO

from study.app.board import Board
from study.app.claims_so_far import provisional_lines
from study.app.gpu_in_use import GpuInUse
from study.app.live_view import ASCII, measure_texts
from study.app.screen import Screen, memory_in_use
from study.app.snapshot import ACCURACY_PERCENT, DIFFERENCE_POINTS, Measure, Snapshot, State
from study.app.start_phase import STARTS_RAY, StartPhase
from study.app.trial_state import TrialState
from study.execution.progress import Progress, duration
from study.execution.signals import STOP_GRACE_SECONDS
from study.planning.cost import END_SECONDS, INLINE_START_SECONDS, START_SECONDS
from study.planning.executor import StopRequest
from study.planning.planned_jobs import plan_jobs
from study.storage.checkpoints import saved_epochs
from study.storage.durable_files import Folder
from study.storage.search_answer import ANSWER
from study.storage.this_machine import signature
from study.storage.trials import RecordedTrials, TrialOnRecord
from study.storage.unfinished import UnfinishedTrial
from trainables.config.errors import StudyError
from trainables.config.plurals import counted, noun

SEARCH_IS_OVER = "the search is over; the best are trained again under fresh seeds"
"""What is done while a search's answer is trained."""
MAX_TRIALS_NAMED = 4
"""Trials that are named in a line."""


class LiveProgress(Progress):
    """A run of a plan, shown.

    Args:
        board: what is known of its trials.
        stop: asked whether the run is to end.
        folder: the results folder.
        title: names of the studies.
        command: goes on from here.
        quiet: show nothing but failures.
        phase: what is done before the first trial begins.
        since: when the command began, by the monotonic clock, where this is a later part of it.
    """

    def __init__(
        self,
        board: Board,
        stop: StopRequest,
        folder: Folder,
        title: str,
        command: str,
        *,
        quiet: bool = False,
        phase: str = "starting",
        since: float | None = None,
        stream: TextIO | None = None,
    ) -> None:
        super().__init__(len(board.missing), board.plan.seconds_to_train, stream=stream or sys.stderr)
        self.board, self.title, self.command = board, title, command
        self.start_phase = StartPhase(phase)
        self._answers = any(s.name.endswith(ANSWER) for s in board.plan.studies)
        self._start_seconds = board.clock_factor * (START_SECONDS if phase == STARTS_RAY else INLINE_START_SECONDS)
        self._end_seconds = board.clock_factor * END_SECONDS if phase == STARTS_RAY else 0.0
        self._gpu = GpuInUse()
        self._by_label: dict[str, tuple[TrialState, ...]] = {t.label: (t,) for t in board.missing}
        for job in plan_jobs(board.plan.missing):  # on a GPU one of several seeds
            self._by_label[job.label] = tuple(board.trials[t] for t in job.trials)
        self._lock = threading.RLock()
        self._shown_done = {(r.study, r.arm) for r in board.rows() if r.epoch == "done"}
        self._began = time.monotonic()
        self._configs = {t.id: t.config for t in board.plan.missing}
        self._epochs: dict[str, dict[int, Mapping[str, float]]] = {}
        self._screen = Screen(
            self.snapshot, self._saving, stop, folder, self.stream, quiet=quiet, under_way=self._under_way,
            late=self._late, since=since,
        )  # fmt: skip
        self._folder = folder
        stop.unsaved, stop.command = self._unsaved, command
        stop.nothing_yet = lambda: self.start_phase.nothing_trained

    # -- what is heard ---------------------------------------------------------------------------------------------

    def start(self) -> None:
        """See `Progress`."""
        self._began = time.monotonic()
        self._screen.enter(f"{self.title}: {counted(self.trials, 'trial')}")

    def began(self, label: str) -> None:
        """A trial was handed to a worker."""
        with self._lock:
            self.start_phase.began(self._elapsed)
            for trial in self._trials(label):
                self.board.began(trial, time.monotonic())

    def imported(self) -> None:
        """See `Progress`."""
        with self._lock:
            self.start_phase.imported(self._elapsed)

    def update(
        self,
        trial: str,
        label: str,
        done: int,
        total: int,
        cost: float,
        metrics: Mapping[str, float] | None = None,
        epoch_seconds: float = 0.0,
        accuracies: Sequence[tuple[int, float, float]] = (),
    ) -> None:
        """See `Progress`."""
        with self._lock:
            super().update(trial, label, done, total, cost)
            if self.start_phase.phase:
                self._screen.line(f"training on {counted(self.board.cores, 'core')}")
            self.start_phase.over()
            point = None
            if metrics and "val_accuracy" in metrics and "train_accuracy" in metrics:
                point = (float(metrics["val_accuracy"]), float(metrics["train_accuracy"]))
            for state in self._trials(label):
                self.board.report(state, done, point, time.monotonic(), self._elapsed, epoch_seconds)
                state.curve.update((epoch, (val, train)) for epoch, val, train in accuracies)
                if metrics and done:
                    self._epochs.setdefault(state.id, {})[done] = dict(metrics)

    def end(self, trial: str, status: str, cost: float, label: str = "") -> None:
        """See `Progress`."""
        with self._lock:
            label = label or (self.running[trial][0] if trial in self.running else "")
            super().end(trial, status, cost, label)
            for state in self._trials(label):
                self.board.end(state, status, self._elapsed, time.monotonic())
                self._epochs.pop(state.id, None)
            if not self._screen.draws:
                self._say_arms()

    def stop(self) -> None:
        """See `Progress`."""
        self._screen.leave(self._saved)

    def _saved(self) -> str:
        """What is on disk, and where each trial goes on; the last view shows that too."""
        with self._lock:
            self._note_recorded()
            self.board.keep_saved(self._checkpoints())
            counts = self.board.counts
            on = [t.saved for t in self.board.missing if t.status == "running"]
        done = counts["finished"] + counts["diverged"]
        left = left_words(self.trials - done - counts["failed"], on)
        return f"saved. {done} of {counted(self.trials, 'trial')} done, {left}."

    def _note_recorded(self) -> None:
        """A trial that is on record is over, though its end was not heard of any more."""
        recorded: Mapping[str, TrialOnRecord] = {}
        with contextlib.suppress(StudyError):
            recorded = RecordedTrials(self._folder).on_record()
        for t in self.board.missing:
            there = recorded.get(t.id)
            if there is None or t.status not in ("running", "waiting"):
                continue
            if there.status == "diverged" or there.epochs >= t.epochs:
                t.status = "diverged" if there.status == "diverged" else "finished"

    def _saving(self) -> list[str]:
        with self._lock:
            late = {t.id for t, _ in self._not_sure()}
            running = [t for t in self._running() if t.id not in late]
            return [f"{self.board.short_label(t)} in epoch {min(t.done + 1, t.epochs)}" for t in running]

    def _late(self) -> list[str]:
        """Trials whose epoch may take longer than is waited for: they lose what came after their last checkpoint."""
        with self._lock:
            late = self._not_sure()
        saved = self._checkpoints()
        return [f"{self.board.short_label(t)} {why} it {_goes_on(saved.get(t.id))}" for t, why in late]

    def _not_sure(self) -> list[tuple[TrialState, str]]:
        """Trials that a stop may not save, and why; each is one before any epoch of the run is over."""
        given, now, found = duration(STOP_GRACE_SECONDS), time.monotonic(), []
        pace = [t.epoch_seconds / t.expected_epoch_seconds for t in self.board.missing if t.epoch_seconds is not None]
        slower = max(pace, default=1.0)
        for t in self._running():
            more = (t.epoch_seconds or slower * t.expected_epoch_seconds) - (now - t.last_report)
            if more > STOP_GRACE_SECONDS:
                found.append((t, f"needs about {duration(more)} more for its epoch, and {given} are given:"))
            elif not pace:
                found.append((t, f"has {given} to end its first epoch here, else"))
        return found

    def _unsaved(self, when: str) -> str:
        """All ends now: where trials under way go on; `when`: how that is said."""
        saved = self._checkpoints()
        with self._lock:
            running = self._running()
            self.board.keep_saved(saved)
        some = [f"{self.board.short_label(t)} {_goes_on(saved.get(t.id))}" for t in running[:MAX_TRIALS_NAMED]]
        more = [f"and {len(running) - MAX_TRIALS_NAMED} more"] if len(running) > MAX_TRIALS_NAMED else []
        return self._screen.end_now(f"ended {when}: " + "; ".join([*some, *more]) if running else "")

    def _running(self) -> list[TrialState]:
        """Trials under way; none while no worker trains."""
        return [] if self.start_phase.nothing_trained else [t for t in self.board.missing if t.status == "running"]

    def _checkpoints(self) -> dict[str, int]:
        """Epochs behind the last checkpoint of each trial that has one."""
        with contextlib.suppress(StudyError):
            return saved_epochs(self._folder)
        return {}

    def _under_way(self) -> Iterator[UnfinishedTrial]:
        with self._lock:
            there = {trial: dict(epochs) for trial, epochs in self._epochs.items()}
        return (UnfinishedTrial(self._configs[t], self.board.checksum, e) for t, e in there.items())

    def _show(self) -> None:
        """Nothing at each report: the screen draws."""

    # -- what is shown ---------------------------------------------------------------------------------------------

    @property
    def _elapsed(self) -> float:
        return time.monotonic() - self._began

    def _trials(self, label: str) -> tuple[TrialState, ...]:
        """Of the label of a job: one a seed."""
        return self._by_label.get(label, ())

    def snapshot(self, state: State = "running") -> Snapshot:
        """Return the run as it stands now."""
        gpu = self._gpu.words() if self.board.plan.device == "cuda" else ""
        with self._lock:
            now, clock, counts = time.monotonic(), time.time(), self.board.counts
            busy = min(counts["running"], self.board.cores)
            return Snapshot(
                title=self.title,
                began=clock - self._elapsed,
                now=clock,  # the clock may have been set since: who looks on compares with it
                epochs=self.board.epochs,
                trials=(counts["finished"] + counts["diverged"], self.trials),
                failed=counts["failed"],
                diverged=counts["diverged"],
                left=self._seconds_left(now) if state == "running" else None,
                phase=self.start_phase.phase,
                steps=self.start_phase.steps,
                rows=self.board.rows(),
                caption=self.board.caption(),
                running=self.board.running(now),
                events=tuple(self.board.events)[-3:],
                machine=f"{busy} of {counted(self.board.cores, 'core')} busy{memory_in_use()}{gpu}",
                found=(*([SEARCH_IS_OVER] if self._answers else []), *provisional_lines(self.board)),
                state=state,
                command=self.command,
                **signature()._asdict(),
            )

    def _seconds_left(self, now: float) -> float | None:
        """Seconds until all is over, Ray's end too; before the first epoch, with what is left of the start."""
        left = self.board.seconds_left(now)
        if left is None:
            return left
        return left + (max(0.0, self._start_seconds - self._elapsed) if self.start_phase.phase else self._end_seconds)

    def _say_arms(self) -> None:
        """A line for each arm that is whole since it was last asked."""
        for row in self.board.rows():
            if row.epoch == "done" and (row.study, row.arm) not in self._shown_done and not row.same_as:
                self._shown_done.add((row.study, row.arm))
                name = row.arm if len(self.board.plan.studies) == 1 else f"{row.study}/{row.arm}"
                ends = row.accuracy and row.gap and f"{_plain(row.accuracy, ACCURACY_PERCENT)} %, gap {_plain(row.gap)}"
                said = (counted(row.done, "seed"), ends, row.note)
                self._screen.line(f"{name}: " + ", ".join(s for s in said if s))


def resumed_words(saved: Sequence[int]) -> str:
    """How many trials go on, and after which epochs, the farthest first; nothing of none.

    >>> resumed_words([7, 22]), resumed_words([]), resumed_words([1, 2, 3, 4, 5, 6])
    ('2 go on after epochs 22 and 7, ', '', '6 go on after epochs 1 to 6, ')
    """
    if not saved:
        return ""
    epochs = sorted(saved, reverse=True)
    words = f"{epochs[-1]} to {epochs[0]}" if len(epochs) > MAX_TRIALS_NAMED else " and ".join(map(str, epochs))
    several = len(set(epochs))
    after = f"{noun(several, 'epoch')} {words if several > 1 else epochs[0]}"
    return f"{counted(len(epochs), 'goes', 'go')} on after {after}, "


def left_words(lost: int, saved: Sequence[int]) -> str:
    """Of so many that are not over, which go on and how many have not begun.

    >>> left_words(3, [7, 22]), left_words(3, []), left_words(1, [6])
    ('2 go on after epochs 22 and 7, 1 not begun', '3 not begun', '1 goes on after epoch 6')
    """
    rest = max(0, lost - len(saved))
    return f"{resumed_words(saved)}{rest} not begun" if rest or not saved else resumed_words(saved).removesuffix(", ")


def _goes_on(saved: int | None) -> str:
    return f"goes on from its last checkpoint, after epoch {saved}" if saved else "begins again: nothing of it is saved"


def _plain(m: Measure, within: tuple[float, float] = DIFFERENCE_POINTS) -> str:
    return measure_texts([m], ASCII, within)[0]
