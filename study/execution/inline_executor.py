"""Trials in this process, one after the other, to the same bits as in a worker: for what takes less than Ray's start.

What a trial does to its process it does to this one: a hanging trial cannot be ended (after a while that is said), and
one that exits takes the run with it. The same command then goes on from the last checkpoint.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager

from study.execution.liveness import LivenessMonitor
from study.planning import gpu_share
from study.planning.executor import Assignment, RunContext, WorkQueue
from trainables.config.errors import EngineError, StorageRefused, StudyError
from trainables.jobs.job import JobOptions
from trainables.jobs.job_steps import JobSteps


class InlineExecutor:
    """Trains in this process; see `study.planning.executor.Executor`."""

    name = "inline"
    steps: type[JobSteps] = JobSteps

    def session(self, run: RunContext) -> AbstractContextManager[None]:
        """Nothing has to be started."""
        return contextlib.nullcontext()

    def work_through(self, work: WorkQueue, run: RunContext) -> None:
        """See `Executor`."""
        from trainables.training.device_arrays import training_process

        gpu_share.check_graphs(run.settings.cuda_graphs, run.device)
        stop = run.settings.stop
        watch: LivenessMonitor[int] = LivenessMonitor(work.group, work.epoch_seconds, run.settings.stall_seconds)
        with training_process(), _told_of_hanging(watch, work):
            while not stop.asked and (given := work.next()) is not None:
                work.began(given.number)
                self._train(given, work, run, watch)

    def _train(self, given: Assignment, work: WorkQueue, run: RunContext, watch: LivenessMonitor[int]) -> None:
        reason = ""
        for _ in range(run.settings.retries + 1):
            if run.settings.stop.asked:
                break
            watch.begin(given.number)
            reason = self._attempt(given, work, run, watch)
            watch.over(given.number)
            if not reason:
                return
        if run.settings.stop.asked:
            work.returned(given.number)
        else:
            work.lost(given.number, reason)

    def _attempt(self, given: Assignment, work: WorkQueue, run: RunContext, watch: LivenessMonitor[int]) -> str:
        """Train it to its end, or until the run is to stop; why it ended in an error, if it did."""
        settings, stop = run.settings, run.settings.stop
        options = JobOptions(settings.checkpoint_seconds, settings.keep_checkpoints, run.run_name, settings.cuda_graphs)
        steps = self.steps(given.job, given.until, run.data, run.store, options)
        try:
            while not stop.asked:
                try:
                    report = steps.step()
                except (Exception, SystemExit) as error:  # whatever a trial does wrong is the trial's
                    return _in_words(error)
                watch.report(given.number, report.epoch_seconds)
                work.reported(given.number, report)
                if report.refused:
                    stop.because(report.refused, EngineError if report.foreign else StorageRefused)
                if report.done:
                    work.completed(given.number, report)
                    return ""
            work.returned(given.number)
            return ""
        finally:
            steps.close()


def _in_words(error: BaseException) -> str:
    """The last line of an error, as it ends a traceback."""
    lines = [line for line in str(error).strip().splitlines() if line.strip()]
    if isinstance(error, StudyError):
        return lines[-1] if lines else type(error).__name__
    return f"{type(error).__name__}: {lines[-1].strip()}" if lines else type(error).__name__


@contextlib.contextmanager
def _told_of_hanging(watch: LivenessMonitor[int], work: WorkQueue, every: float = 1.0) -> Iterator[None]:
    """Within, it is said of a trial that gives no sign of life; nothing here could end it."""
    over = threading.Event()

    def look() -> None:
        while not over.wait(every):
            for number in watch.overdue():
                sys.stderr.write(
                    f"{work.label(number)}: {watch.hung[number]}; a trial in this process cannot be ended. Ctrl-C ends "
                    "the run; with --executor ray the same command ends such a trial by itself\n"
                )

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
