"""Sentences for the questions on the input: scaling, background, range. Each takes its numbers from the trials."""

from __future__ import annotations

import math

from analysis.chapter.arms import DARK, LIGHT, RAW, RAW_ADAM, RAW_SLOW, SCALED, SCALED_ADAM, pair
from analysis.claims.queries import Measurements, Sentence
from analysis.text.sheet import Sheet
from study.spec.claims import Quantity

Q = Quantity
GAINS = "adds", "costs"
WIDENS = "widens the gap by", "cuts the gap by"


# ----------------------------------------------------------------------------------------------------- unscaled input


def unscaled_sgd(measured: Measurements) -> str:
    """SGD on raw pixels and on scaled ones."""
    return (
        f"Under SGD at 0.01, {measured.epochs(RAW)} epochs on pixels 0..255 end at "
        f"{measured.value(RAW, 'train_accuracy')} training accuracy. Dividing the pixels by 255 "
        f"{measured.moved(*pair(SCALED, RAW, 'train_accuracy'), *GAINS)}."
    )


def unscaled_loss(measured: Measurements) -> str:
    """The loss of raw pixels beside that of guessing."""
    return (
        f"Unscaled SGD ends at a training loss of {measured.value(RAW, 'train_loss')}. Guessing among ten classes "
        f"gives {math.log(10):.3f}."
    )


def unscaled_adam(measured: Measurements) -> str:
    """Adam on raw pixels and on scaled ones."""
    e = measured.epochs(RAW_ADAM, SCALED_ADAM)
    return (
        f"Under Adam at 0.001, {e} epochs on pixels 0..255 end at {measured.value(RAW_ADAM, 'val_accuracy', e)} "
        f"validation accuracy. Dividing by 255 "
        f"{measured.moved(*pair(SCALED_ADAM, RAW_ADAM, 'val_accuracy', e), *GAINS)}."
    )


def unscaled_slow(measured: Measurements) -> str:
    """A small rate on raw pixels against the usual one on scaled ones."""
    e = measured.epochs(RAW_SLOW, SCALED_ADAM)
    accuracy = measured.moved(*pair(RAW_SLOW, SCALED_ADAM, "val_accuracy", e), *GAINS)
    gap = measured.moved(*pair(RAW_SLOW, SCALED_ADAM, "accuracy_gap", e), *WIDENS)
    return (
        f"Compared are a rate of 0.00001 on unscaled pixels and 0.001 on scaled ones, after {e} epochs. The rate of "
        f"0.00001 {accuracy} of validation accuracy. The rate of 0.00001 {gap}."
    )


# ------------------------------------------------------------------------------------------------------- white ground


def inverted(metric: str, words: str) -> Sentence:
    """One metric on either background."""

    def say(measured: Measurements) -> str:
        return (
            f"A light background {measured.moved(*pair(LIGHT, DARK, metric), *GAINS)} of {words}. After "
            f"{measured.epochs(LIGHT)} epochs the light background ends at {measured.value(LIGHT, metric)}, the dark "
            f"background at {measured.value(DARK, metric)}."
        )

    return say


def inverted_start(measured: Measurements) -> str:
    """The backgrounds after the first epoch."""
    found = measured.moved(*pair(LIGHT, DARK, "val_accuracy", 1), *GAINS)
    return f"After the first epoch the light background already {found} of validation accuracy."


# -------------------------------------------------------------------------------------------------------- input range

RANGES = (("pixels 0..255", "divisor-1"), ("pixels 0..1", "divisor-255"), ("pixels 0..0.0001", "divisor-2550000"))


def range_table(measured: Measurements) -> Sheet | None:
    """Width and spread of the weights, a row a range of the input."""
    columns = {
        f"{name} of {t}": measured.of(m, tensor=t)
        for t in ("W1", "W2")
        for m, name in (("width", "Range"), ("std", "Std"))
    }
    columns["Validation accuracy, %"] = measured.of("val_accuracy")
    arms = [(label, f"input-range/{arm}") for label, arm in RANGES]
    return measured.sheet(
        "Weights at the end of training, by range of the input", arms, columns, ["Validation accuracy, %"]
    )


def range_ratio(arm: str, words: str) -> Sentence:
    """How much wider the weights are than with pixels 0..1."""

    def say(measured: Measurements) -> str:
        def ratio(tensor: str) -> str:
            a, b = (Q(arm=f"input-range/{x}", metric="width", tensor=tensor) for x in (arm, "divisor-255"))
            return measured.times(a, b)

        return (
            f"Against pixels 0..1, {words} make the range of W1 {ratio('W1')} after "
            f"{measured.epochs(f'input-range/{arm}')} epochs. The range of W2 is {ratio('W2')}."
        )

    return say
