"""Measured numbers as words, and what they say where there is no number."""

from __future__ import annotations

import pytest

from analysis.claims.queries import Measurements, NotMeasured, collect
from analysis.data.frames import Frames, from_records
from study.spec.claims import Quantity
from tests import synthetic
from tests.analysis.chapter.test_questions import STUDIES, frames_of


@pytest.fixture(scope="module")
def chapter() -> Frames:
    return frames_of(STUDIES.values())


def test_a_number_is_that_of_the_trials(chapter: Frames) -> None:
    measured = Measurements(STUDIES, chapter)
    study = STUDIES["scaling"]
    last = [synthetic.record(study.config("scaled", seed=s)).epochs["train_accuracy"][-1] for s in (0, 1)]
    assert measured.estimate(Quantity(arm="scaling/scaled", metric="train_accuracy")).value == pytest.approx(
        sum(last) / 2
    )
    assert f"{50 * sum(last):.0f} % (" in measured.level("scaling/scaled", "train_accuracy")


def test_direction_is_that_of_the_difference(chapter: Frames) -> None:
    measured = Measurements(STUDIES, chapter)
    a, b = (Quantity(arm=f"scaling/{x}", metric="train_accuracy") for x in ("scaled", "unscaled"))
    assert measured.moved(a, b, "adds", "costs").startswith("adds 69")
    assert measured.moved(b, a, "adds", "costs").startswith("costs 69")


def test_unequal_epochs_are_not_compared(chapter: Frames) -> None:
    measured = Measurements(STUDIES, chapter)
    with pytest.raises(NotMeasured, match="epochs differ"):
        measured.moved(
            Quantity(arm="learning-rate/lr-0.1", metric="val_loss"),
            Quantity(arm="learning-rate/lr-0.001", metric="val_loss"),
            "raises it by",
            "lowers it by",
        )


def test_an_unknown_arm_is_an_answer_of_its_own(chapter: Frames) -> None:
    evidence = collect(Measurements(STUDIES, chapter), [lambda measured: measured.level("dropout/no-such", "val_loss")])
    assert evidence.said == () and "there is no arm" in evidence.missing[0]


def test_a_level_that_is_never_reached_is_never_reached() -> None:
    """It said "reaches 85 % never within 5 epochs", and "1e-5 does never within 100 epochs"."""
    study = STUDIES["scaling"]
    records = [
        synthetic.changed(r, r.config.seed, train_accuracy=0.995) if r.config.input_divisor > 1 else r
        for r in synthetic.records(study, (1, 2))
    ]
    measured = Measurements(STUDIES, from_records(records))
    assert measured.reaches("scaling/unscaled", "train_accuracy", 0.995) == "never reaches 99.5 % within 5 epochs"
    assert measured.reaches("scaling/scaled", "train_accuracy", 0.995) == "reaches 99.5 % after 2 epochs (1 to 9)"
    half = Measurements(STUDIES, from_records([records[-2], synthetic.changed(records[-1], 2, train_accuracy=0.5)]))
    assert half.reaches("scaling/scaled", "train_accuracy", 0.995) == "reaches 99.5 % within 5 epochs in 1 of 2 seeds"
