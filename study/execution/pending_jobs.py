"""A plan's missing trials as jobs, and how they do while a run goes on. No Ray here."""

from __future__ import annotations

import time
from collections.abc import Hashable

from study.execution.progress import Progress
from study.planning.executor import OUT_OF_MEMORY, Assignment, RunContext, WorkQueue
from study.planning.planned_jobs import PlannedJob
from trainables.jobs.job import Job, StepReport
from trainables.records.epoch_columns import EpochColumns
from trainables.records.trial_record import TrialRecord


class PendingJobs(WorkQueue):
    """What is left of a run's jobs, and how they do; an executor works through it in a round, or in several."""

    def __init__(self, planned: list[PlannedJob], progress: Progress) -> None:
        self.planned, self.progress = planned, progress
        self.jobs = tuple(p.job for p in planned)
        self.left = list(range(len(planned)))
        self.failed: dict[int, str] = {}
        self.alone: list[int] = []
        """Jobs that were under way when memory ran out: each is tried again by itself."""
        self.running: set[int] = set()

    @property
    def over(self) -> bool:
        """See `WorkQueue`."""
        return not self.left

    def batch(self) -> tuple[int, ...]:
        """See `WorkQueue`."""
        self.at_once = 1 if self.alone else None
        return tuple(self.alone or self.left)

    def next(self) -> Assignment | None:
        """See `WorkQueue`."""
        number = next((n for n in self.batch() if n not in self.running), None)
        return None if number is None else Assignment(number, self.jobs[number])

    def label(self, number: int) -> str:
        """See `WorkQueue`."""
        return self.planned[number].label

    def group(self, number: int) -> Hashable:
        """See `WorkQueue`: the configuration without its seed."""
        return self.jobs[number].config.replace(seed=0)

    def epoch_seconds(self, number: int) -> float:
        """See `WorkQueue`."""
        return self.planned[number].cost / self.jobs[number].config.epochs

    def began(self, number: int) -> None:
        """See `TrialListener`."""
        self.running.add(number)
        self.progress.began(self.planned[number].label)

    def imported(self) -> None:
        """See `TrialListener`."""
        self.progress.imported()

    def reported(self, number: int, report: StepReport) -> None:
        """See `TrialListener`."""
        given = self.planned[number]
        total = given.job.config.epochs
        self.progress.update(
            str(number),
            given.label,
            report.epochs,
            total,
            given.cost,
            report.metrics,
            report.epoch_seconds,
            report.accuracies,
        )

    def returned(self, number: int) -> None:
        """See `TrialListener`."""
        self.running.discard(number)

    def completed(self, number: int, report: StepReport) -> None:
        """See `TrialListener`."""
        self.running.discard(number)
        if report.failed:
            self.lost(number, report.failed)
        elif report.done and not report.refused:
            self._end(number)
            self._told_of(number, "diverged" if report.diverged else "finished")

    def lost(self, number: int, reason: str) -> None:
        """See `TrialListener`."""
        if number in self.left:
            self._told_of(number, "failed")
        self.failed[number] = reason
        self._end(number)

    def _told_of(self, number: int, status: str) -> None:
        self.progress.end(str(number), status, self.planned[number].cost, self.planned[number].label)

    def _end(self, number: int) -> None:
        self.running.discard(number)
        for waiting in (self.left, self.alone):
            if number in waiting:
                waiting.remove(number)

    def out_of_memory(self) -> bool:
        """The jobs that ran go one at a time from now on; one that had been sent alone already has failed."""
        ran = [n for n in self.left if n in self.running] or list(self.alone[:1] or self.left)
        if len(ran) == 1 and ran[0] in self.alone:
            self.lost(ran[0], OUT_OF_MEMORY)
        self.alone += [n for n in ran if n not in self.alone and n in self.left]
        self.running.clear()
        self.progress.running.clear()
        return True


def record_failure(run: RunContext, job: Job, reason: str) -> None:
    """Keep on record that a job failed, and why; a later run tries it again."""
    for seed in job.seeds:
        config = job.config.replace(seed=seed)
        given = {"run": run.run_name, "ended": time.time()}
        run.store.write(TrialRecord(config, run.data.checksum, "failed", EpochColumns(), (), reason, given))
