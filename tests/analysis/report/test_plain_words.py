"""Slots of an answer, filled from the records or not said."""

from __future__ import annotations

import dataclasses
import re

import pytest

from analysis.claims.queries import Measurements, NotMeasured
from analysis.report import plain_words as words
from analysis.statistics.estimates import Estimate
from study.spec.claims import CurvePlace, Quantity
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


@pytest.mark.parametrize("metric", ["val_accuracy", "val_loss", "accuracy_gap", "loss_gap", "seconds"])
@pytest.mark.parametrize(
    ("at", "named"),
    [
        (3, "after 3 epochs"),
        ("best", "at the best epoch"),
        ("max", "at its highest"),
        ("min", "at its lowest"),
        ("mean", "in the mean over epochs"),
        ("fall", "(falls|rises|moves).* from first to last epoch"),
    ],
)
def test_every_place_is_named_by_the_answer(metric: str, at: CurvePlace, named: str) -> None:
    a, b = (Quantity(arm=f"own/{arm}", metric=metric, at=at) for arm in ("fast", "plain"))
    for seeds in ((0,), tuple(range(8))):
        measurements = measured(STUDY, seeds)
        for said in (
            words.answer_by_rule(STUDY, a, b, measurements),
            words.level_by_rule("plain", b, measurements),
        ):
            assert re.search(named, said), said
            assert at != "fall" or not re.search(r"\b(raises?|cuts?|lowers?|widens?)\b|-\d", said), said


@pytest.mark.parametrize(
    ("metric", "falls", "said"),
    [
        (
            "loss_gap",
            (-0.1, -0.2),
            "The gap in loss rises by 0.100 nats less with the fast one than with plain from first to last epoch: "
            "0.100 nats against 0.200 nats.",
        ),
        (
            "val_loss",
            (0.3, -0.1),
            "The validation loss falls by 0.400 nats more with the fast one than with plain from first to last epoch: "
            "it falls by 0.300 nats, and rises by 0.100 nats with plain.",
        ),
        (
            "val_accuracy",
            (-0.3, -0.19),
            "The validation accuracy rises by 11.0 points more with the fast one than with plain from first to last "
            "epoch: 30.0 points against 19.0 points.",
        ),
    ],
)
def test_of_falls_the_answer_says_which_arm_falls_further(
    metric: str, falls: tuple[float, float], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was "raise the gap in loss by 0.1 nats in its fall, to -0.1 nats" of an arm whose gap grows less."""
    a, b = (Quantity(arm=f"own/{arm}", metric=metric, at="fall") for arm in ("fast", "plain"))
    found = {a: falls[0], b: falls[1]}
    change = falls[0] - falls[1]
    monkeypatch.setattr(Measurements, "estimate", lambda _, q: Estimate(found[q], found[q] - 0.01, found[q] + 0.01, 8))
    monkeypatch.setattr(
        Measurements, "difference", lambda *_, loose=False: Estimate(change, change - 0.01, change + 0.01, 8)
    )
    assert words.answer_by_rule(STUDY, a, b, measured(STUDY)) == said


@pytest.mark.parametrize(
    ("metric", "change", "level", "said"),
    [
        ("val_loss", (0.915, 0.6, 1.2), (1.36, 1.2, 1.52), "raises validation loss by 0.9 nats, to 1.36 nats."),
        ("seconds", (-0.00066, -0.0012, -0.0001), (0.0059, 0.005, 0.0068), "by 0.0007 s, to 0.0059 s."),
        ("val_accuracy", (0.0312, 0.02, 0.042), (0.8765, 0.8, 0.95), "by 3.1 points, to 88 %."),
    ],
)
def test_an_answer_has_as_many_digits_as_its_intervals_allow(
    metric: str,
    change: tuple[float, float, float],
    level: tuple[float, float, float],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Losses and seconds had three digits always: "by 0.915 nats" beside "+0.9 nats (0.6 to 1.2)"."""
    monkeypatch.setattr(Measurements, "estimate", lambda *_: Estimate(*level, 6))
    monkeypatch.setattr(Measurements, "difference", lambda *_, loose=False: Estimate(*change, 6))
    a, b = (Quantity(arm=f"own/{arm}", metric=metric) for arm in ("fast", "plain"))
    assert words.answer_by_rule(STUDY, a, b, measured(STUDY)).endswith(said)


def test_of_falls_that_may_be_alike_the_answer_says_both(monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = (Quantity(arm=f"own/{arm}", metric="val_accuracy", at="fall") for arm in ("fast", "plain"))
    found = {a: -0.3, b: -0.19}
    monkeypatch.setattr(Measurements, "estimate", lambda _, q: Estimate(found[q], found[q] - 0.01, found[q] + 0.01, 8))
    monkeypatch.setattr(Measurements, "difference", lambda *_, loose=False: Estimate(-0.11, -0.3, 0.1, 8))
    assert words.answer_by_rule(STUDY, a, b, measured(STUDY)) == (
        "We do not know whether the fast one changes how far the validation accuracy moves: it rises by 30.0 points "
        "with the fast one and by 19.0 points with plain from first to last epoch."
    )
