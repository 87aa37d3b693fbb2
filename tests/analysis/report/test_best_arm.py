"""Of many arms one sentence names the best, with its number, its interval and how sure that is."""

from __future__ import annotations

import dataclasses

import pytest

from analysis.report.best_arm import best_arm, best_words
from study.spec.claims import Claim, Contrast, Quantity
from study.spec.study import Arm, Effect, Study
from tests.analysis.report.test_headline import STUDY, measured, short

RATES = (0.001, 0.002, 0.003, 0.004, 0.005, 0.006)
MANY = dataclasses.replace(
    STUDY, baseline="lr-0.001", arms=tuple(Arm(name=f"lr-{rate:g}", change={"lr": rate}) for rate in RATES)
)
AHEAD = {"lr-0.004": 0.1}


def test_the_best_of_many_is_the_answer_and_its_change_is_the_number() -> None:
    found = short(MANY, measured(MANY, shift=AHEAD))
    assert found.row.answer.startswith("Of 6 arms lr-0.004 ends highest, at ")
    assert " validation accuracy, selected on val. The best was chosen for being best, so expect less." in (
        found.row.answer
    )
    assert found.measured is not None and found.measured.effect.a.arm == "own/lr-0.004"
    assert found.measured.effect.what.endswith("lr-0.004 against lr-0.001, selected on val")
    assert found.measured.found.estimate.value == pytest.approx(10, abs=1)


def test_what_is_not_known_of_the_first_comparison_does_not_stand_before_the_best() -> None:
    """It began "We do not know whether ...", and the best arm came second."""
    part = Contrast(
        a=Quantity(arm="lr-0.002", metric="val_accuracy"), b=Quantity(arm="lr-0.001", metric="val_accuracy"), low=0.0
    )
    study = dataclasses.replace(MANY, claims=(Claim(id="c", statement="It helps.", parts=(part,)),))
    said = short(study, measured(study, shift={"lr-0.004": 0.9})).row.answer
    assert said.startswith("Of 6 arms lr-0.004 ends highest, at ") and "We do not know whether lr-0.002" in said


def test_where_the_baseline_is_the_best_the_number_is_that_of_the_next() -> None:
    found = short(MANY, measured(MANY, shift={"lr-0.001": 0.2, "lr-0.005": 0.1}))
    assert found.row.answer.startswith("Of 6 arms lr-0.001 ends highest, at ")
    assert found.measured is not None and found.measured.effect.a.arm == "own/lr-0.005"


def test_of_few_arms_the_best_is_said_beside_the_first_comparison() -> None:
    said = short(STUDY, measured(STUDY)).row.answer
    assert "the fast one" in said.lower() and "Of 3 arms plain and slow end highest, both at " in said


def test_how_many_others_may_be_as_good_is_said() -> None:
    alike = best_arm(MANY, measured(MANY, shift={"lr-0.004": 0.0001}))
    clear = best_arm(MANY, measured(MANY, shift={"lr-0.004": 0.9}))
    same = best_arm(MANY, measured(MANY, shift=AHEAD))  # all seeds differ alike, so nothing is known of their spread
    assert same is not None and same.rivals == 5
    assert alike is not None and alike.rivals and clear is not None and clear.rivals == 0
    assert best_words(MANY, alike).endswith("may be as good.") and "as good" not in best_words(MANY, clear)
    alone = best_arm(MANY, measured(MANY, (0,)))
    assert alone is not None and alone.rivals is None and "(" not in best_words(MANY, alone)


def test_a_level_that_is_alike_in_every_seed_has_no_interval() -> None:
    """It was "(72.0 to 72.0)"."""
    best = best_arm(MANY, measured(MANY, noise=0.0))
    assert best is not None and " % (in all 3 seeds) validation accuracy" in best_words(MANY, best)


def test_arms_that_end_equally_high_are_all_named_and_none_is_the_winner() -> None:
    """ "wide ends highest, at 100 %", and linear had 100 % in all seeds too."""
    full = {"lr-0.004": 10.0, "lr-0.002": 10.0}  # cut at 100 %
    best = best_arm(MANY, measured(MANY, shift=full))
    assert best is not None and best_words(MANY, best) == (
        "Of 6 arms lr-0.002 and lr-0.004 end highest, both at 100 % (in all 3 seeds) validation accuracy, "
        "selected on val. They were chosen for being best, so expect less."
    )
    every = best_arm(MANY, measured(MANY, shift={arm.name: 10.0 for arm in MANY.arms}))
    assert every is not None and best_words(MANY, every).startswith("Of 6 arms 6 end highest, all at 100 %")


@pytest.mark.parametrize(
    "study",
    [
        dataclasses.replace(STUDY, arms=STUDY.arms[:2]),
        dataclasses.replace(MANY, arms=(*MANY.arms[:-1], dataclasses.replace(MANY.arms[-1], epochs=3))),
    ],
)
def test_of_two_arms_or_of_unequal_training_none_is_named(study: Study) -> None:
    assert best_arm(study, measured(study)) is None


def test_an_arm_that_diverged_is_not_the_best() -> None:
    found = best_arm(MANY, measured(MANY, shift=AHEAD, endings={("lr-0.004", 1): ("diverged", 2)}))
    assert found is not None and found.name != "lr-0.004"


def test_a_study_that_says_what_its_effect_is_keeps_it() -> None:
    told = dataclasses.replace(MANY, effect=Effect(arm="lr-0.002", metric="val_accuracy"))
    found = short(told, measured(told, shift=AHEAD))
    assert "Of 6 arms" not in found.row.answer and found.measured is not None
    assert found.measured.effect.a.arm == "own/lr-0.002"
