"""Missing trials as jobs; on a GPU all seeds of a configuration in one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from study.planning.plan import PlannedTrial
from study.planning.seeds import seeds_named
from trainables.jobs.job import Job


@dataclass(frozen=True)
class PlannedJob:
    """A job, what people call it, and the seconds it should take."""

    job: Job
    label: str
    cost: float
    trials: tuple[str, ...] = ()
    """The identities of the trials in it."""


def plan_jobs(missing: tuple[PlannedTrial, ...]) -> list[PlannedJob]:
    """A job a trial on a CPU; on a GPU all seeds of a configuration in one, stacked."""
    groups: dict[Any, list[PlannedTrial]] = {}
    for trial in missing:
        stacked = trial.config.device == "cuda"
        alike = (trial.config.replace(seed=0), trial.test, trial.test_after, trial.best_within)
        groups.setdefault(alike if stacked else trial.id, []).append(trial)
    jobs = []
    for group in groups.values():
        seeds = tuple(t.config.seed for t in group)
        label = f"{group[0].wanted_by[0]}, {seeds_named(seeds)}"
        seconds = sum(t.seconds for t in group)
        first = group[0]
        how = {"test": first.test, "test_best": bool(first.best_within)}
        job = Job(first.config, seeds, stacked=len(seeds) > 1, test_after=first.test_after, **how)
        jobs.append(PlannedJob(job, label, seconds, tuple(t.id for t in group)))
    return jobs
