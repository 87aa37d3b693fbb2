"""Planned jobs as work that an executor takes."""

from __future__ import annotations

import io

from study.app import run_studies as commands
from study.execution.pending_jobs import PendingJobs
from study.execution.progress import Progress
from study.planning.planned_jobs import PlannedJob
from trainables.config.trial_config import TrialConfig
from trainables.jobs.job import UNTRAINABLE, Job, StepReport


def test_a_planned_job_that_is_refused_is_over() -> None:
    progress = Progress(1, 1.0, io.StringIO())
    progress.start()
    work = PendingJobs([PlannedJob(Job(TrialConfig(), (0,)), "a", 1.0)], progress)
    work.completed(0, StepReport(done=True, failed=UNTRAINABLE + "why"))
    assert work.over and work.failed == {0: UNTRAINABLE + "why"} and progress.failed == 1
    assert "cannot be trained" in commands._again((("a", UNTRAINABLE + "why"),))
    assert "tries them again" in commands._again((("a", "it hung"), ("b", UNTRAINABLE + "why")))
