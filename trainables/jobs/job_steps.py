"""A job, or a segment of one, step by step: what every executor's worker goes through; the first step imports torch."""

from __future__ import annotations

import contextlib
import math
import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from trainables.config.errors import BadInput, DataError, StorageRefused, StudyError
from trainables.data.dataset import DataSet
from trainables.jobs.job import UNTRAINABLE, Job, JobOptions, RecordSink, StepReport
from trainables.records.mean_curves import mean_curves

if TYPE_CHECKING:
    from trainables.jobs.job_runner import JobRunner


def import_training() -> bool:
    """Import what trains, with PyTorch; whether this process had not yet."""
    new = "trainables.jobs.job_runner" not in sys.modules
    import trainables.jobs.job_runner  # noqa: F401

    return new


class JobSteps:
    """A job under way; reading what was saved is part of the first step, for it may hang or fail too.

    Args:
        job: what to train.
        until: a segment ends after that epoch, or where a replicate diverges, with records marked `stopped` and
            checkpoints kept, so that a later segment goes on from there; None for the whole job.
        data: the whole data set.
        sink: where records and checkpoints go.
        options: how.
        report_seconds: a step is one epoch, or as many cheap ones as fit into so long.
    """

    def __init__(
        self,
        job: Job,
        until: int | None,
        data: DataSet,
        sink: RecordSink,
        options: JobOptions,
        report_seconds: float = 0.0,
    ) -> None:
        self.job, self.until, self.sink = job, until, sink
        self._data, self._options, self._report_seconds = data, options, report_seconds
        self.run: JobRunner | None = None
        self._refused = False
        self._within_an_epoch = False
        self.waited_for = False
        """Whether somebody waits for the next step, so that it is one epoch; then it is no longer so."""

    def step(self) -> StepReport:
        """Train some epochs, and report how the job does.

        Where the results folder takes nothing more, the run as a whole has to end: `refused` says why. What can never
        be trained is not tried again: `failed` says why.
        """
        try:
            if self.run is None:
                from trainables.jobs.job_runner import JobRunner

                self.run = JobRunner(self.job, self._data, self.sink, self._options)
            return self._step(self.run)
        except StorageRefused as error:
            self._refused = True
            return StepReport(done=True, refused=str(error))
        except (BadInput, DataError) as error:
            return StepReport(done=True, failed=f"{UNTRAINABLE}{error}")

    def _step(self, run: JobRunner) -> StepReport:
        until = time.monotonic() + (0.0 if self.waited_for else self._report_seconds)
        self.waited_for = False
        means: Mapping[str, float] = run.means()
        accuracies: list[tuple[int, float, float]] = []
        while not self._ended(run):
            self._within_an_epoch = True
            means = run.epoch()
            self._within_an_epoch = False
            if "val_accuracy" in means and "train_accuracy" in means:
                accuracies.append((int(means["epochs"]), means["val_accuracy"], means["train_accuracy"]))
            if time.monotonic() >= until:
                break
        ended = self._ended(run)
        seconds = (means.get("seconds") or 0.0) + (means.get("eval_seconds") or 0.0)
        curves: Mapping[str, list[float]] = {}
        if ended and self.until is not None:
            curves = self._end_segment(run, self.until)
        return StepReport(
            done=ended,
            epochs=int(means.get("epochs", 0)),
            epoch_seconds=seconds if math.isfinite(seconds) else 0.0,
            metrics={k: v for k, v in means.items() if k not in ("epochs", "seconds", "eval_seconds")},
            accuracies=tuple(accuracies),
            diverged=run.diverged,
            curves=curves,
        )

    def _ended(self, run: JobRunner) -> bool:
        return run.over or (self.until is not None and (run.diverged or run.epochs_by_all >= self.until))

    def _end_segment(self, run: JobRunner, until: int) -> dict[str, list[float]]:
        if not run.over:
            run.stop(message="another seed diverged" if run.diverged else f"paused by the search at epoch {until}")
        return mean_curves(run.history(), until)

    def save(self) -> None:
        """Keep the state of what is under way, for whoever goes on; not of an epoch that broke off.

        Half of an epoch's updates would be taken for the state after the epoch before; that was saved in time, or is
        trained again.

        Raises:
            StudyError: the results folder does not take it.
        """
        if self.run is not None and not self.run.over and not self._refused and not self._within_an_epoch:
            self.run.checkpoint()

    def close(self) -> None:
        """Save what can be saved, and let go of the arrays."""
        with contextlib.suppress(StudyError):
            self.save()
        self.run = None
