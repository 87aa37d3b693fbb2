"""A trial that is trained again for more epochs has the times of its first epochs that were on record."""

from __future__ import annotations

import dataclasses
import json
import math

import pytest

from tests import synthetic
from trainables.config.trial_config import TrialConfig
from trainables.records.agreement import conflict
from trainables.records.kept_times import TIMED_BY, Timed, kinds_within, timed, timed_by, timed_in, with_known_times
from trainables.records.trial_record import TrialRecord


def of(epochs: int, seconds: float, host: str = "a", ended: float = 0.0) -> TrialRecord:
    """A record of one trial, with its own times and from its own machine."""
    made = synthetic.record(TrialConfig(epochs=epochs, hidden=(8,)), host=host)
    columns = dict.fromkeys(("seconds", "eval_seconds"), (seconds,) * epochs)
    provenance = {**made.provenance, "ended": ended}
    return dataclasses.replace(made, epochs=made.epochs.replace(**columns), provenance=provenance)


def test_known_epochs_keep_their_times_and_the_record_says_whose_they_are() -> None:
    short, long = of(2, 1.0, "a", 5.0), of(4, 7.0, "b")
    made = with_known_times(long, short)
    assert made.epochs["seconds"] == made.epochs["eval_seconds"] == (1.0, 1.0, 7.0, 7.0)
    note = {"epochs": 2, "host": "a", "hardware": "processor of a", "ended": 5.0}
    assert dict(made.provenance) == {**long.provenance, TIMED_BY: [note]}
    assert conflict(made, long) == conflict(made, short) == "" and made.result_digest() == long.result_digest()
    kinds = [timed_by(made, n) for n in (1, 2, 3, 4)]
    assert kinds == ["processor of a"] * 2 + ["processor of a and processor of b"] * 2


def test_a_record_that_took_times_over_hands_them_on() -> None:
    made = with_known_times(of(6, 9.0, "c"), with_known_times(of(4, 7.0, "b"), of(2, 1.0, "a")))
    assert made.epochs["seconds"] == (1.0, 1.0, 7.0, 7.0, 9.0, 9.0)
    assert timed(made) == (Timed(2, "processor of a"), Timed(4, "processor of b"))
    again = with_known_times(made, of(3, 5.0, "d"))
    assert again.epochs["seconds"] == (5.0, 5.0, 5.0, 7.0, 9.0, 9.0)
    assert timed(again) == (Timed(3, "processor of d"), Timed(4, "processor of b"))


def test_what_went_on_from_a_checkpoint_on_the_same_machine_stays_as_it_is() -> None:
    long = of(4, 7.0)
    assert with_known_times(long, of(2, 7.0)) is long
    elsewhere = with_known_times(long, of(2, 7.0, "b"))
    assert elsewhere.epochs == long.epochs and timed_by(elsewhere, 2) == "processor of b"


@pytest.mark.parametrize("epochs", [4, 5])
def test_what_is_not_shorter_gives_nothing(epochs: int) -> None:
    long = of(4, 7.0)
    assert with_known_times(long, of(epochs, 1.0)) is long


def test_times_that_were_measured_otherwise_are_not_taken() -> None:
    short = dataclasses.replace(of(2, 1.0), format=2, measured_by={"seconds": "another way"})
    long = of(4, 7.0)
    assert with_known_times(long, short) is long


def test_no_number_on_record_stays_no_number() -> None:
    made = with_known_times(of(3, 7.0), of(2, math.nan))
    assert math.isnan(made.epochs["seconds"][1]) and made.epochs["seconds"][2] == 7.0


@pytest.mark.parametrize(
    "odd", [3, "text", [3], [{}], [{"epochs": True}], [{"epochs": 4}, {"epochs": 2}], [{"epochs": 0}]]
)
def test_an_odd_note_is_none(odd: object) -> None:
    assert timed(dataclasses.replace(of(4, 1.0), provenance={TIMED_BY: odd})) == () == timed_in(json.dumps(odd))


def test_one_kind_is_named_once() -> None:
    assert kinds_within((Timed(1, "x"), Timed(2, "y")), "x", 3) == "x and y"
    assert kinds_within((), "x", 3) == "x"
