"""Sentences for the questions on the input: scaling, background, range. Each takes its numbers from the trials."""

from __future__ import annotations

import math

from analysis.chapter.arms import DARK, LIGHT, RAW, RAW_ADAM, RAW_SLOW, SCALED, SCALED_ADAM, pair
from analysis.claims.queries import Measurements, Sentence
from analysis.text.sheet import Sheet
from study.spec.claims import Quantity

Q = Quantity


# ----------------------------------------------------------------------------------------------------- unscaled input


def unscaled_sgd(ask: Measurements) -> str:
    """SGD on raw pixels and on scaled ones."""
    return (
        f"Under SGD at 0.01, {ask.epochs(RAW)} epochs on pixels 0..255 end at "
        f"{ask.level(RAW, 'train_accuracy')} training "
        f"accuracy; on pixels divided by 255 at {ask.level(SCALED, 'train_accuracy')}. "
        f"Scaled is {ask.versus(*pair(SCALED, RAW, 'train_accuracy'))}."
    )


def unscaled_loss(ask: Measurements) -> str:
    """The loss of raw pixels beside that of guessing."""
    return (
        f"The training loss of unscaled SGD ends at {ask.level(RAW, 'train_loss')}; guessing among ten classes gives "
        f"ln 10 = {math.log(10):.3f}."
    )


def unscaled_adam(ask: Measurements) -> str:
    """Adam on raw pixels and on scaled ones."""
    e = ask.epochs(RAW_ADAM, SCALED_ADAM)
    return (
        f"Under Adam at 0.001, after {e} epochs validation accuracy is "
        f"{ask.level(RAW_ADAM, 'val_accuracy', e)} unscaled and {ask.level(SCALED_ADAM, 'val_accuracy', e)} scaled; "
        f"unscaled is {ask.versus(*pair(RAW_ADAM, SCALED_ADAM, 'val_accuracy', e))}."
    )


def unscaled_slow(ask: Measurements) -> str:
    """A small rate on raw pixels against the usual one on scaled ones."""
    e = ask.epochs(RAW_SLOW, SCALED_ADAM)
    gap = ask.versus(*pair(RAW_SLOW, SCALED_ADAM, "accuracy_gap", e), "larger", "smaller")
    return (
        f"A rate of 0.00001 on unscaled input against 0.001 on scaled: after {e} epochs validation accuracy is "
        f"{ask.versus(*pair(RAW_SLOW, SCALED_ADAM, 'val_accuracy', e))}, the train-validation accuracy gap {gap}."
    )


# ------------------------------------------------------------------------------------------------------- white ground


def inverted(metric: str, words: str) -> Sentence:
    """One metric on either background."""

    def say(ask: Measurements) -> str:
        return (
            f"{words} after {ask.epochs(LIGHT)} epochs: {ask.level(LIGHT, metric)} on the light background, "
            f"{ask.level(DARK, metric)} on the dark one; light is {ask.versus(*pair(LIGHT, DARK, metric))}."
        )

    return say


def inverted_start(ask: Measurements) -> str:
    """The backgrounds after the first epoch."""
    return (
        f"Already after the first epoch the light background's validation accuracy is "
        f"{ask.versus(*pair(LIGHT, DARK, 'val_accuracy', 1))}."
    )


# -------------------------------------------------------------------------------------------------------- input range

RANGES = (("pixels 0..255", "divisor-1"), ("pixels 0..1", "divisor-255"), ("pixels 0..0.0001", "divisor-2550000"))


def range_table(ask: Measurements) -> Sheet | None:
    """Width and spread of the weights, a row a range of the input."""
    columns = {
        f"{name} of {t}": ask.of(m, tensor=t) for t in ("W1", "W2") for m, name in (("width", "Range"), ("std", "Std"))
    }
    columns["Validation accuracy, %"] = ask.of("val_accuracy")
    arms = [(label, f"input-range/{arm}") for label, arm in RANGES]
    return ask.sheet("Weights at the end of training, by range of the input", arms, columns, ["Validation accuracy, %"])


def range_ratio(arm: str, words: str) -> Sentence:
    """How much wider the weights are than with pixels 0..1."""

    def say(ask: Measurements) -> str:
        def ratio(tensor: str) -> str:
            a, b = (Q(arm=f"input-range/{x}", metric="width", tensor=tensor) for x in (arm, "divisor-255"))
            return ask.times(a, b, "as wide")

        return (
            f"{words}, against pixels 0..1 after {ask.epochs(f'input-range/{arm}')} epochs: W1 is "
            f"{ratio('W1')}, W2 {ratio('W2')}."
        )

    return say
