"""Slots of an answer, filled from the records or not said."""

from __future__ import annotations

import dataclasses

import pytest

from analysis.claims.queries import NotMeasured
from analysis.report import plain_words as words
from study.spec.claims import Quantity
from tests.analysis.report.test_headline import STUDY, measured, short


def test_slots_are_filled_from_the_records() -> None:
    measurements = measured(STUDY)
    said = words.filled_answer(
        "It ends at {val_accuracy of fast}, at first {val_accuracy of fast at 1}.", STUDY, measurements
    )
    last, first = (
        measurements.estimate(Quantity(arm="own/fast", metric="val_accuracy", at=at)).value for at in ("last", 1)
    )
    assert said == f"It ends at {100 * last:.1f} %, at first {100 * first:.1f} %."


def test_a_slot_that_the_records_contradict_is_not_said() -> None:
    measurements = measured(STUDY)
    found = measurements.difference(*(Quantity(arm=f"own/{a}", metric="val_accuracy") for a in ("fast", "plain")))
    wrong = "rise" if found.value < 0 else "fall"
    template = f"It changes by {{{wrong} of val_accuracy of fast}}."
    with pytest.raises(NotMeasured, match="the records do not"):
        words.filled_answer(template, STUDY, measurements)
    study = dataclasses.replace(STUDY, answer=template)
    answer = short(study, measured(study)).row.answer
    assert "{" not in answer and answer.startswith(("The fast one", "We do not know"))


@pytest.mark.parametrize(
    "slot", ["{val_accuracy of nobody}", "{no_such of fast}", "{val_accuracy}", "{val_accuracy of fast at noon}"]
)
def test_a_slot_that_is_not_understood_is_not_said(slot: str) -> None:
    with pytest.raises(NotMeasured):
        words.filled_answer(f"It is {slot}.", STUDY, measured(STUDY))


def test_a_level_that_was_never_reached() -> None:
    measurements = measured(STUDY)
    assert (
        words.first_epoch_words(measurements, Quantity(arm="own/fast", metric="val_accuracy", reaches=0.9999))
        == "never within 5 epochs"
    )
