"""Slots of an answer, filled from the records or not said."""

from __future__ import annotations

import dataclasses

import pytest

from analysis.claims.queries import Measurements, NotMeasured
from analysis.report import plain_words as words
from analysis.statistics.estimates import Estimate
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
    assert "{" not in answer and answer.startswith("How far seeds vary is not known: in all 3 seeds ")


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


def test_seeds_that_all_differ_alike_are_said_to_and_make_nothing_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Measurements, "difference", lambda *_, loose=False: Estimate(0.16, 0.16, 0.16, 3))
    measurements = measured(STUDY)
    a, b = (Quantity(arm=f"own/{arm}", metric="val_accuracy") for arm in ("fast", "plain"))
    said = words.answer_by_rule(STUDY, a, b, measurements)
    assert said.startswith(
        "How far seeds vary is not known: in all 3 seeds validation accuracy is 16.0 points higher with the fast one "
        "than with plain, "
    ), said
    with pytest.raises(NotMeasured, match="the records do not"):
        words.filled_answer("It gains {rise of val_accuracy of fast}.", STUDY, measurements)
    a, b = (dataclasses.replace(q, reaches=0.1) for q in (a, b))
    first = words.answer_by_rule(STUDY, a, b, measurements)
    assert first.startswith(
        "How far seeds vary is not known: in all 3 seeds the fast one reaches 10 % later than plain"
    )
