"""A plan's missing trials as jobs, and how they do while a run goes on. No Ray here."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from study.execution.liveness import LivenessMonitor
from study.execution.progress import Progress
from study.planning.executor import OUT_OF_MEMORY, StopRequest, TrialListener
from study.planning.planned_jobs import PlannedJob
from study.storage.results_folder import ResultsFolder
from trainables.jobs.job import Job
from trainables.records.epoch_columns import EpochColumns
from trainables.records.trial_record import TrialRecord


class PendingJobs(TrialListener):
    """What is left of a run's jobs, and how they do; Ray Tune works through it in a round, or in several."""

    def __init__(self, jobs: list[PlannedJob], progress: Progress, stop: StopRequest, stall_seconds: float) -> None:
        self.jobs, self.progress, self.stop = jobs, progress, stop
        self.left = list(range(len(jobs)))
        self.failed: dict[int, str] = {}
        self.alone: list[int] = []
        """Jobs that were under way when memory ran out: each is tried again by itself."""
        self.watch: LivenessMonitor[int] = LivenessMonitor(
            lambda j: jobs[j].job.config.replace(seed=0),
            lambda j: jobs[j].cost / jobs[j].job.config.epochs,
            stall_seconds,
        )

    def reported(self, job: int, trial: str, result: Mapping[str, Any]) -> None:
        """See `TrialListener`."""
        given = self.jobs[job]
        epochs = int(result.get("epochs", 0))
        self.progress.update(trial, given.label, epochs, given.job.config.epochs, given.cost, result)

    def completed(self, job: int, trial: str, result: Mapping[str, Any]) -> None:
        """See `TrialListener`."""
        if failure := result.get("failed"):
            self.end(job, str(failure))
            self.progress.end(trial, "failed", self.jobs[job].cost)
        elif result.get("done") and not result.get("refused"):
            self.end(job)
            lost = result.get("val_loss") != result.get("val_loss")
            self.progress.end(trial, "diverged" if lost else "finished", self.jobs[job].cost)

    def lost(self, job: int, trial: str, reason: str) -> None:  # noqa: ARG002
        """See `TrialListener`."""
        self.progress.end(trial, "failed", self.jobs[job].cost)

    def end(self, job: int, failure: str = "") -> None:
        """A job is over for good."""
        self.watch.over(job)
        if failure:
            self.failed[job] = failure
        for waiting in (self.left, self.alone):
            if job in waiting:
                waiting.remove(job)

    def out_of_memory(self) -> None:
        """Ray killed a worker for memory and gave up: the jobs that ran go one at a time from now on.

        One that had been sent alone already has failed.
        """
        ran = [j for j in self.left if j in self.watch.running] or list(self.alone[:1] or self.left)
        if len(ran) == 1 and ran[0] in self.alone:
            self.end(ran[0], OUT_OF_MEMORY)
        self.alone += [j for j in ran if j not in self.alone and j in self.left]
        self.watch.running.clear()
        self.progress.running.clear()


def record_failure(store: ResultsFolder, job: Job, checksum: str, reason: str, provenance: dict[str, Any]) -> None:
    """Keep on record that a job failed, and why; a later run tries it again."""
    for seed in job.seeds:
        config = job.config.replace(seed=seed)
        given = {**provenance, "ended": time.time()}
        store.write(TrialRecord(config, checksum, "failed", EpochColumns(), (), reason, given))
