"""A job step by step: what a worker reports of several cheap epochs at once."""

from __future__ import annotations

import math
from typing import Any, cast

import pytest

from tests.trainables.jobs.test_job_runner import CONFIG, Kept, data, trained
from trainables.config.trial_config import TrialConfig
from trainables.data.dataset import DataSet
from trainables.jobs.job import Job, JobOptions
from trainables.jobs.job_steps import JobSteps
from trainables.training.loop import Training

__all__ = ["data"]


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


def to_the_end(steps: JobSteps) -> None:
    while not steps.step().done:
        steps.save()


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
@pytest.mark.parametrize("stacked", [False, True])
def test_an_epoch_that_breaks_off_midway_is_never_saved_as_the_state_of_the_one_before(
    monkeypatch: pytest.MonkeyPatch, data: DataSet, error: type[BaseException], stacked: bool
) -> None:
    job, whole, broken = Job(CONFIG, (0, 1, 2), stacked=stacked), Kept(), Kept()
    trained(data, whole, job)
    real = Training._evaluate
    left = 3 * 2 + 1  # evaluations until one breaks off, in the third or fourth epoch

    def evaluate(self: Training, *given: Any) -> Any:
        nonlocal left
        left -= 1
        if not left:
            raise error("midway")
        return real(self, *given)

    monkeypatch.setattr(Training, "_evaluate", evaluate)
    steps = JobSteps(job, None, data, broken, JobOptions())
    with pytest.raises(error):
        to_the_end(steps)
    steps.close()
    monkeypatch.setattr(Training, "_evaluate", real)
    to_the_end(JobSteps(job, None, data, broken, JobOptions()))
    assert {r.id: r.result_digest() for r in broken.records} == {r.id: r.result_digest() for r in whole.records}
