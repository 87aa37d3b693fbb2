"""A schedule that does nothing within an arm's epochs is said before anything is trained."""

from __future__ import annotations

from typing import Any

import pytest

from study.planning.protocol import Protocol
from study.planning.schedule_note import schedule_note
from study.spec import registry
from study.spec.study import Arm, Study

FULL = Protocol((0,))


def of(epochs: int, **knobs: Any) -> Study:
    arms = tuple(Arm(name=name, change={"lr": lr}) for name, lr in (("slow", 0.01), ("fast", 0.1)))
    return Study(name="s", title="T", question="Q?", knobs=("lr",), epochs=epochs, base=knobs, arms=arms)


@pytest.mark.parametrize(
    ("epochs", "knobs", "says"),
    [
        (
            4,
            {"schedule": "step", "step_size": 30},
            "the schedule of slow (step, 4 epochs), fast (step, 4 epochs) never",
        ),
        (31, {"schedule": "step", "step_size": 30}, ""),
        (31, {"schedule": "step", "step_size": 30, "step_gamma": 1.0}, "never changes the learning rate"),
        (10, {"schedule": "plateau", "plateau_patience": 10}, "slow (plateau, 10 epochs)"),
        (10, {"schedule": "plateau", "plateau_patience": 2}, ""),
        (10, {"schedule": "cosine"}, ""),
        (1, {"schedule": "cosine"}, ""),
        (10, {}, ""),
    ],
)
def test_it_is_said_of_arms_whose_rate_stays(epochs: int, knobs: dict[str, Any], says: str) -> None:
    note = schedule_note(of(epochs, **knobs), FULL)
    assert says in note and bool(says) == bool(note)


def test_no_study_of_the_catalogue_has_such_an_arm_and_a_reduced_run_says_nothing() -> None:
    assert not [note for name in registry.names() if (note := schedule_note(registry.load_study(name), FULL))]
    assert schedule_note(of(4, schedule="step", step_size=30), Protocol((0,), quick=True)) == ""
