"""A plan's missing trials, and any other work, through an executor to an outcome. No Ray here."""

from __future__ import annotations

import time

from study.execution.pending_jobs import PendingJobs, record_failure
from study.execution.progress import Progress
from study.planning.executor import Executor, Outcome, RunContext, WorkQueue
from study.planning.plan import Plan
from study.planning.planned_jobs import plan_jobs


def run_queue(work: WorkQueue, run: RunContext, executor: Executor, progress: Progress) -> None:
    """Work through some work, shown as it goes, until it is done or the run is asked to stop.

    Raises:
        EngineError: see `Executor.work_through`.
    """
    progress.start()
    try:
        with run.settings.stop.watched():
            executor.work_through(work, run)
    finally:
        progress.stop()


def run_plan(plan: Plan, run: RunContext, executor: Executor, progress: Progress) -> Outcome:
    """Train what is missing of a plan and record it; ends early when the run is asked to stop.

    Raises:
        EngineError: see `Executor.work_through`.
    """
    began = time.monotonic()
    if not plan.missing:
        return Outcome(0, (), False, 0.0)
    work = PendingJobs(plan_jobs(plan.missing), progress)
    run_queue(work, run, executor, progress)
    for number, reason in work.failed.items():
        record_failure(run, work.jobs[number], reason)
    failed = tuple((work.label(n), reason) for n, reason in sorted(work.failed.items()))
    interrupted = run.settings.stop.asked
    return Outcome(progress.finished + progress.diverged, failed, interrupted, time.monotonic() - began)
