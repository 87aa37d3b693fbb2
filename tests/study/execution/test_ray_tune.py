"""What Ray Tune is given besides a trainable. Ray is imported, and not started."""

from __future__ import annotations

import copy
import pickle
from types import SimpleNamespace
from typing import Any

import pytest

from study.execution.ray_tune import each_once, in_order_scheduler, name_of, work_searcher
from study.planning.executor import Assignment, WorkQueue
from trainables.config.trial_config import TrialConfig
from trainables.jobs.job import Job

JOB = Job(TrialConfig(epochs=4), (0,))


@pytest.fixture(scope="module")
def ray() -> Any:
    import ray.tune  # noqa: F401  # which brings `ray`

    return __import__("ray")


class HandedOut(WorkQueue):
    """Hands out some assignments; None where there is nothing to do at the moment."""

    def __init__(self, *left: Assignment | None) -> None:
        self.left = list(left)

    @property
    def over(self) -> bool:
        return not self.left

    def next(self) -> Assignment | None:
        return self.left.pop(0) if self.left else None

    def label(self, number: int) -> str:
        return str(number)

    def group(self, number: int) -> None:
        return None

    def epoch_seconds(self, number: int) -> float:
        return 1.0

    def out_of_memory(self) -> bool:
        return False


def test_the_searcher_asks_for_work_waits_where_there_is_none_and_ends_where_all_is_done(ray: Any) -> None:
    from ray.tune.search import Searcher

    made = work_searcher(HandedOut(Assignment(7, JOB, 2), None, Assignment(8, JOB)))
    assert made.suggest("x") == {"number": 7, "job": JOB, "until": 2}
    assert made.suggest("x") is None
    assert made.suggest("y") == {"number": 8, "job": JOB, "until": None}
    assert made.suggest("z") == Searcher.FINISHED
    assert copy.deepcopy(made) is made, "Ray copies its searcher; the queue is one"
    assert isinstance(pickle.loads(pickle.dumps(made)), Searcher), "and keeps it on disk"  # our own bytes


def test_each_number_comes_once_in_order(ray: Any) -> None:
    domain = each_once(ray, (4, 2, 9))
    assert [domain.sample() for _ in range(3)] == [4, 2, 9]


def test_trials_go_in_the_order_of_their_making_and_none_that_is_over(ray: Any) -> None:
    made = in_order_scheduler(ray)
    trials = [SimpleNamespace(trial_id=str(n), status="PENDING") for n in range(4)]
    for trial in trials:
        made.on_trial_add(None, trial)
    order = []
    for end in (made.on_trial_remove, made.on_trial_error, lambda c, t: made.on_trial_complete(c, t, {})):
        order.append(made.choose_trial_to_run(None).trial_id)
        end(None, trials[len(order) - 1])
    trials[3].status = "RUNNING"
    assert order == ["0", "1", "2"] and made.choose_trial_to_run(None) is None


def test_a_trial_has_the_name_of_its_job_or_of_its_proposal_and_epoch() -> None:
    assert name_of(SimpleNamespace(config={"number": 3})) == "job-3"
    assert name_of(SimpleNamespace(config={"number": 3, "until": 9})) == "proposal-3-9"
