"""Which numbers were selected on the validation part, and which claims speak of them."""

from __future__ import annotations

import pytest

from study.catalog import CHAPTER
from study.spec.claims import Quantity
from study.spec.registry import load_study
from study.spec.selection import selected_claims, why_arms_select, why_selected
from study.spec.study import Arm, Study
from trainables.config.trial_config import TrialConfig

PLAIN, PLATEAU = TrialConfig(), TrialConfig(schedule="plateau")


@pytest.mark.parametrize(
    ("metric", "at", "config", "selected"),
    [
        ("val_accuracy", "last", PLAIN, False),
        ("val_accuracy", 3, PLAIN, False),
        ("val_accuracy", "best", PLAIN, True),
        ("val_accuracy", "max", PLAIN, True),
        ("val_accuracy", "min", PLAIN, False),
        ("val_accuracy", "mean", PLAIN, False),
        ("val_loss", "min", PLAIN, True),
        ("val_loss", "max", PLAIN, False),
        ("accuracy_gap", "best", PLAIN, True),
        ("train_accuracy", "best", PLAIN, False),
        ("train_accuracy", "max", PLAIN, False),
        ("test_accuracy", "last", PLAIN, False),
        ("val_accuracy", "last", PLATEAU, True),
        ("val_loss", "mean", PLATEAU, True),
        ("accuracy_gap", 3, PLATEAU, True),
        ("train_loss", "last", PLATEAU, False),
        ("test_accuracy", "last", PLATEAU, False),
        ("val_accuracy", "last", TrialConfig(schedule="step"), False),
    ],
)
def test_what_selects(metric: str, at: object, config: TrialConfig, *, selected: bool) -> None:
    assert bool(why_selected(Quantity(arm="a", metric=metric, at=at), config)) is selected  # type: ignore[arg-type]


def test_an_answer_was_chosen_on_the_validation_part_and_not_on_the_test_part() -> None:
    for metric, selected in (("val_accuracy", True), ("test_accuracy", False), ("train_accuracy", False)):
        assert bool(why_selected(Quantity(arm="a", metric=metric), PLAIN, "mine.answer")) is selected


def test_of_the_chapter_three_claims_do() -> None:
    found = [claim for name in CHAPTER for claim in selected_claims(load_study(name))]
    assert sorted(found) == ["annealing-2", "lr-7", "optimizer-1"]


def test_why_arms_select_is_said_once_and_not_once_an_arm() -> None:
    """It was "the search chose front-1 by it; the search chose front-2 by it; ..."."""

    def why(name: str, *schedules: str) -> str:
        arms = tuple(Arm(name=f"a{i}", change={"schedule": s, "lr": 0.1 + i}) for i, s in enumerate(schedules))
        study = Study(name=name, title="t", question="q?", knobs=("schedule", "lr"), epochs=2, arms=arms)
        return why_arms_select(study)

    assert why("s.answer", "constant", "constant") == "the search chose both arms by it"
    assert why("s.answer", *["constant"] * 4) == "the search chose all 4 arms by it"
    assert why("s.answer", "constant") == "the search chose a0 by it"
    mixed = "the plateau schedule of a0 follows the validation loss; the search chose a1 by it"
    assert why("s.answer", "plateau", "constant") == mixed
    assert why("s", "plateau", "plateau") == "the plateau schedules of a0, a1 follow the validation loss"
    assert why("s", "constant", "constant") == ""
