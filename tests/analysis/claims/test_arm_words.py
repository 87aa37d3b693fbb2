"""How a sentence speaks of arms: by their own words, each with the epochs that it trains."""

from __future__ import annotations

import dataclasses

from analysis.claims.arm_words import arm_words
from analysis.claims.samples import ArmReader
from analysis.data.frames import from_records
from study.spec.claims import Contrast, Quantity
from tests.analysis.claims.small_study import SMALL, q
from tests.synthetic import records

STUDY = dataclasses.replace(
    SMALL,
    baseline="a",
    arms=(dataclasses.replace(SMALL.arms[0], say="the plain network"), *SMALL.arms[1:]),
)


def test_arms_have_their_words_and_epochs_and_one_is_the_baseline() -> None:
    reader = ArmReader(STUDY, {STUDY.name: STUDY}, from_records(records(STUDY, (0,))))
    words = arm_words(reader, Contrast(a=q("a"), b=q("short"), low=0.0, unequal_epochs=True))
    assert words.name("a") == "the plain network" and words.name("short") == "short" and words.baseline == "a"
    assert words.epochs == {"a": 4, "short": 2}
    assert [words.epoch(quantity) for quantity in (q("a"), q("short"), q("a", at=3), q("a", at="max"))] == [
        4,
        2,
        3,
        None,
    ]
    assert words.is_last(q("short", at=2)) and words.is_last(q("a")) and not words.is_last(q("a", at=2))


def test_an_arm_that_is_not_there_goes_by_its_name() -> None:
    reader = ArmReader(STUDY, {STUDY.name: STUDY}, from_records(records(STUDY, (0,))))
    words = arm_words(reader, Contrast(a=q("a"), b=q("elsewhere/x"), low=0.0))
    assert set(words.names) == {"a"} and words.epoch(Quantity(arm="elsewhere/x", metric="val_loss")) is None
