"""A job step by step: what a worker reports of several cheap epochs at once."""

from __future__ import annotations

import math
from typing import Any, cast

import pytest

from trainables.config.trial_config import TrialConfig
from trainables.jobs.job import Job
from trainables.jobs.job_steps import JobSteps


class Runner:
    """Three epochs; the second measures nothing."""

    diverged, epochs_by_all = False, 0

    def __init__(self, *_: object) -> None:
        self.done = 0

    @property
    def over(self) -> bool:
        return self.done == 3

    def means(self) -> dict[str, float]:
        measured = {"val_accuracy": 0.1 * self.done, "train_accuracy": 0.2 * self.done} if self.done != 2 else {}
        return {**measured, "epochs": float(self.done), "seconds": math.nan}

    def epoch(self) -> dict[str, float]:
        self.done += 1
        return self.means()


def test_a_step_of_several_epochs_gives_the_accuracies_of_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainables.jobs.job_runner.JobRunner", Runner)
    steps = JobSteps(Job(TrialConfig(), (0,)), None, cast(Any, None), cast(Any, None), cast(Any, None), 60.0)
    said = steps.step()
    assert (said.done, said.epochs) == (True, 3)
    assert [n for n, _, _ in said.accuracies] == [1, 3]
    assert [v for _, v, _ in said.accuracies] == pytest.approx([0.1, 0.3])
