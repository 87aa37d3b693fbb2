"""An executor that trains nothing, for tests of what plans, searches and purchases do with one."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable
from contextlib import AbstractContextManager

from study.planning.executor import Assignment, RunContext, WorkQueue
from trainables.config.trial_config import TrialConfig
from trainables.jobs.job import StepReport
from trainables.records.mean_curves import mean_curves
from trainables.records.trial_record import TrialRecord


class MadeUp:
    """See `study.planning.executor.Executor`; each trial comes out as `trained` says of its configuration and epoch.

    Of its tensors it keeps two: their histograms are most of a record, and nothing that it is used for asks for them.
    """

    name = "made up"

    def __init__(self, trained: Callable[[TrialConfig, int], TrialRecord]) -> None:
        self.trained = trained

    def session(self, run: RunContext) -> AbstractContextManager[None]:
        return contextlib.nullcontext()

    def work_through(self, work: WorkQueue, run: RunContext) -> None:
        while not run.settings.stop.asked and (given := work.next()) is not None:
            work.began(given.number)
            self.do(given, work, run)
        assert work.over or run.settings.stop.asked

    def do(self, given: Assignment, work: WorkQueue, run: RunContext) -> None:
        """One assignment, to its end."""
        until = given.until or given.job.config.epochs
        made = [self.trained(given.job.config.replace(seed=s), until) for s in given.job.seeds]
        for record in made:
            run.store.write(dataclasses.replace(record, data_checksum=run.data.checksum, tensors=record.tensors[:2]))
        curves = mean_curves([r.epochs for r in made], until)
        work.completed(given.number, StepReport(done=True, epochs=until, curves=curves))
