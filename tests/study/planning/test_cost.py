"""What trials are expected to cost, against what was measured; tiny networks too, whose products cost nothing."""

from __future__ import annotations

import pytest

from study.planning.cost import TRIAL_SECONDS, expected_search_seconds, expected_seconds, point_costs
from study.planning.plan import plan_trials
from study.planning.protocol import Protocol
from study.spec.registry import load_study
from study.spec.study import Arm, Study
from tests.synthetic import FASHION
from trainables.config.trial_config import TrialConfig

TINY = TrialConfig(hidden=(8,), train_images=1000, batch_size=200, epochs=3)


@pytest.mark.parametrize(
    ("config", "measured"),
    [
        (TINY, 0.07),  # processor seconds of the epochs of one of 40 trials, AMD EPYC
        (TrialConfig(hidden=(), epochs=1), 0.235),  # of `results/chapter`, Intel Xeon
        (TrialConfig(hidden=(1000,), epochs=1), 3.86),
    ],
)
def test_epochs_take_about_what_was_measured(config: TrialConfig, measured: float) -> None:
    assert measured / 2.2 < expected_seconds(config, FASHION) < 1.5 * measured


def test_a_trial_takes_something_beside_its_epochs() -> None:
    study = Study(
        name="tiny",
        title="t",
        question="q",
        knobs=("lr",),
        epochs=3,
        arms=(Arm(name="a"),),
        base={"hidden": [8], "train_images": 1000, "batch_size": 200},
    )
    plan = plan_trials([study], Protocol(tuple(range(40))), "x", {}, FASHION)
    assert 40 * 0.129 / 2 < plan.seconds_to_train < 40 * 0.129 * 1.5
    assert plan.seconds_to_train == pytest.approx(sum(t.seconds for t in plan.missing) + 40 * TRIAL_SECONDS)


def test_so_does_each_trial_of_a_search() -> None:
    study = load_study("search-sgd-adam")
    assert study.search is not None
    trials = len(study.search.parts()) * study.search.trials * study.search.seeds
    each = point_costs(study, FASHION)
    assert expected_search_seconds(study, FASHION) == pytest.approx(trials * (TRIAL_SECONDS + sum(each) / len(each)))
