"""What was measured beside a statement of the chapter that does not hold: why, from the trials, and never a guess.

Written for the statements that can fail; shown only where one is not supported. The verdict does not depend on it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from analysis.chapter.arms import L1, NONE, NORM, NORMED, REFERENCE, SQUARED, TINY
from analysis.claims.queries import Measurements, Remarks, Sentence, collect
from analysis.text.sheet import Sheet
from study.spec.claims import CurvePlace, Quantity

Q = Quantity


@dataclass(frozen=True)
class Reason:
    """Sentences and a table of measurements."""

    sentences: tuple[Sentence, ...] = ()
    table: Callable[[Measurements], Sheet | None] | None = None


def reason(ask: Measurements, study: str, claim: str) -> Remarks:
    """What is measured beside a claim; empty where nothing was prepared."""
    prepared = REASONS.get((study, claim))
    if prepared is None:
        return Remarks()
    found = collect(ask, prepared.sentences)
    return Remarks(found.said, found.missing, prepared.table(ask) if prepared.table else None)


# ---------------------------------------------------------------------------------------------------- rates that fail

FAST, GOOD, SLOW = (f"learning-rate/lr-{lr}" for lr in ("0.1", "0.001", "0.00001"))
RAW_FAST, RAW_GOOD, RAW_SLOW = (f"learning-rate-unscaled/lr-{lr}" for lr in ("0.1", "0.001", "0.00001"))
RATES = (
    ("0.1, scaled", FAST),
    ("0.001, scaled", GOOD),
    ("0.00001, scaled", SLOW),
    ("0.1, unscaled", RAW_FAST),
    ("0.001, unscaled", RAW_GOOD),
    ("0.00001, unscaled", RAW_SLOW),
)


def _dead(ask: Measurements) -> str:
    return (
        f"At 0.1 the hidden units are dead: {ask.zeros(FAST, 10)} of their activations on the probe batch are 0 "
        f"after epoch 10, against {ask.zeros(GOOD, 10)} at 0.001. The training loss ends at "
        f"{ask.level(FAST, 'train_loss')}; guessing gives ln 10 = {math.log(10):.3f}."
    )


def _by_luck(ask: Measurements) -> str:
    low, high = ask.extremes(Q(arm=FAST, metric="val_accuracy"))
    return f"What little is left depends on the seed: validation accuracy ends between {low} and {high}."


def _rates_table(ask: Measurements) -> Sheet | None:
    columns = {
        "Range of W1": ask.of("width", 10, "W1"),
        "Range of W2": ask.of("width", 10, "W2"),
        "Range of b2": ask.of("width", 10, "b2"),
        "Training accuracy, %": ask.of("train_accuracy", 10),
        "Accuracy gap, points": ask.of("accuracy_gap", 10),
    }
    share = ("Training accuracy, %", "Accuracy gap, points")
    return ask.sheet("Parameter ranges and overfitting by learning rate, epoch 10", RATES, columns, share)


def _nothing_learnt(ask: Measurements) -> str:
    return (
        f"The widest parameters belong to the networks that learnt nothing, and what learns nothing cannot overfit: "
        f"at 0.1 the gap after epoch 10 is {ask.level(FAST, 'accuracy_gap', 10)} scaled and "
        f"{ask.level(RAW_FAST, 'accuracy_gap', 10)} unscaled."
    )


def _narrow_and_overfitted(ask: Measurements) -> str:
    gap = ask.versus(
        Q(arm=RAW_SLOW, metric="accuracy_gap", at=10), Q(arm=GOOD, metric="accuracy_gap", at=10), "larger", "smaller",
        loose=True,
    )  # fmt: skip
    w1 = ask.times(
        Q(arm=RAW_SLOW, metric="width", at=10, tensor="W1"),
        Q(arm=GOOD, metric="width", at=10, tensor="W1"),
        "as wide",
        loose=True,
    )
    return f"Unscaled 1e-5 against scaled 0.001 shows the reverse: its W1 is {w1}, its gap {gap}."


def _last_bias(ask: Measurements) -> str:
    def wide(arm: str, at: CurvePlace) -> str:
        return ask.level(arm, "width", at, "b2")

    return (
        f"The exception is b2, the ten biases of the output: at 0.1 their range is {wide(FAST, 1)} after epoch 1 and "
        f"{wide(FAST, 10)} after epoch 10, at 0.001 {wide(GOOD, 10)}. With {ask.zeros(FAST, 10)} of the hidden "
        "activations at 0, little but b2 is left to shape the output, and ten classes of equal frequency ask for no "
        "range."
    )


def _not_there_yet(ask: Measurements) -> str:
    late = ask.versus(Q(arm=SLOW, metric="val_accuracy", at=100), Q(arm=SLOW, metric="val_accuracy", at=80), loose=True)
    return (
        f"88.5 %, the least that rounds to 89 %, comes first at: 0.001 {ask.first(GOOD, 'val_accuracy', 0.885)}; 1e-5 "
        f"{ask.first(SLOW, 'val_accuracy', 0.885)}. The highest that 1e-5 has is "
        f"{ask.words(Q(arm=SLOW, metric='val_accuracy', at='max'))}, and it hardly rises any more: after epoch 100 "
        f"validation accuracy is {late} than after epoch 80."
    )


def _inside(ask: Measurements) -> str:
    def ratio(tensor: str, metric: str = "width") -> str:
        a, b = (Q(arm=arm, metric=metric, at=10, tensor=tensor) for arm in (RAW_SLOW, GOOD))
        return ask.times(a, b, "as wide", loose=True)

    return (
        f"They are different networks inside: after epoch 10 unscaled 1e-5 has W1 {ratio('W1')} and W2 {ratio('W2')} "
        f"as scaled 0.001, and hidden activations {ratio('A1')}. Dividing the input by 255 is not undone by "
        "dividing the rate by 100: the rate also drives W2 and the biases, whose inputs were scaled by neither."
    )


def _memorised(ask: Measurements) -> str:
    def loss(arm: str) -> str:
        return f"{ask.level(arm, 'train_loss_eval', 10)} in training and {ask.level(arm, 'val_loss', 10)} in validation"

    return f"The losses after epoch 10: unscaled 1e-5 {loss(RAW_SLOW)}; scaled 0.001 {loss(GOOD)}."


# ---------------------------------------------------------------------------------------------------------- optimisers

SGD, ADAM = "optimizer/sgd", "optimizer/adam"


def _first_epochs(ask: Measurements) -> str:
    ahead = ask.versus(Q(arm=ADAM, metric="val_accuracy", at=1), Q(arm=SGD, metric="val_accuracy", at=1), loose=True)
    return (
        f"After the first epoch Adam's validation accuracy is {ahead}. 85 % comes first at: Adam 0.01 "
        f"{ask.first(ADAM, 'val_accuracy', 0.85)}; SGD 0.01 {ask.first(SGD, 'val_accuracy', 0.85)}."
    )


def _its_rate(ask: Measurements) -> str:
    return (
        f"It is the rate that holds Adam back, not the optimiser: at 0.001 Adam has 85 % first at "
        f"{ask.first(GOOD, 'val_accuracy', 0.85)}."
    )


def _restless(ask: Measurements) -> str:
    def mean(arm: str, at: CurvePlace) -> float:
        return 100 * ask.estimate(Q(arm=arm, metric="val_accuracy", at=at)).value

    low, high, quiet = mean(ADAM, "min"), mean(ADAM, "max"), mean(GOOD, 10)
    return (
        f"At 0.01 Adam's validation accuracy moves between {low:.1f} % and {high:.1f} % within "
        f"ten epochs (means of each seed's lowest and highest); at 0.001 it is at {quiet:.1f} % after ten."
    )


# ---------------------------------------------------------------------------------------------------------- batch norm

NO_BIAS = "batch-norm/tiny-batch-norm-no-bias"


def _two_modes(ask: Measurements) -> str:
    return (
        f"In train mode, with each mini-batch's own statistics, it learns: a training loss of "
        f"{ask.level(NORMED, 'train_loss')} in the last epoch. The very same network on the very same images in eval "
        f"mode, with running statistics, has {ask.level(NORMED, 'train_loss_eval')}."
    )


def _without_bias(ask: Measurements) -> str:
    more = ask.versus(
        Q(arm=NO_BIAS, metric="val_accuracy", at=30), Q(arm=NORMED, metric="val_accuracy", at=30), loose=True
    )
    return (
        f"An added arm leaves the biases out of the linear layers, where batch norm makes them idle: after 30 epochs "
        f"its validation accuracy is {ask.level(NO_BIAS, 'val_accuracy', 30)}, {more} than with biases, and its "
        f"gap {ask.level(NO_BIAS, 'accuracy_gap', 30)}. With inputs this small the bias's own wandering outweighs the "
        "signal that is normalised, and the running mean follows it too late."
    )


def _norm_table(ask: Measurements) -> Sheet | None:
    columns = {
        "Training loss, train mode": ask.of("train_loss", 30),
        "Training loss, eval mode": ask.of("train_loss_eval", 30),
        "Training accuracy, %": ask.of("train_accuracy", 30),
        "Validation accuracy, %": ask.of("val_accuracy", 30),
        "Std of Z1, before batch norm": ask.of("std", 30, "Z1"),
        "Range of b1": ask.of("width", 30, "b1"),
    }
    arms = [("tiny", TINY), ("with batch norm", NORMED), ("with batch norm, no bias", NO_BIAS), ("ordinary", REFERENCE)]
    share = ("Training accuracy, %", "Validation accuracy, %")
    return ask.sheet("Tiny inputs and batch norm, epoch 30", arms, columns, share)


def _ordinary_gap(ask: Measurements) -> str:
    return (
        f"Where eval mode works the statement's sense shows: without biases the gap after 30 epochs is "
        f"{ask.level(NO_BIAS, 'accuracy_gap', 30)}, on ordinary inputs without batch norm "
        f"{ask.level(REFERENCE, 'accuracy_gap', 30)}."
    )


# --------------------------------------------------------------------------------------- weights and regularisation

SMALL_NORM, SMALL_SQUARED = "regularization/l2-norm-0.0001", "regularization/l2-squared-0.0001"
PENALTIES = (("none", NONE), ("L1", L1), ("L2 as coded (norm)", NORM), ("L2 as written (squares)", SQUARED))


def _bulk(ask: Measurements) -> str:
    def ratio(metric: str) -> str:
        a, b = (Q(arm=arm, metric=metric, tensor="W2") for arm in (L1, NONE))
        return ask.times(a, b, "that without it")

    middle = [ask.between(arm, "W2", 0.05, 0.95).value for arm in (L1, NONE)]
    return (
        f"L1 empties the middle and leaves the ends: of W2 the middle 90 % lie within {middle[0]:.2g} with L1 and "
        f"{middle[1]:.2g} without, its standard deviation is {ratio('std')}, but its range, which two weights of ten "
        f"thousand decide, is {ratio('width')}."
    )


def _spread_table(ask: Measurements) -> Sheet | None:
    columns = {
        f"{t}: {head}": measure
        for t in ("W1", "W2")
        for head, measure in (
            ("range", ask.of("width", tensor=t)),
            ("std", ask.of("std", tensor=t)),
            ("largest over std", ask.of("tail", tensor=t)),
        )
    }
    columns["Accuracy gap, points"] = ask.of("accuracy_gap")
    share = ("Accuracy gap, points",)
    return ask.sheet("Spread of the weights under each penalty, last epoch", PENALTIES, columns, share)


def _tail_and_gap(ask: Measurements) -> str:
    def tail(arm: str, tensor: str, at: CurvePlace = "last") -> str:
        return f"{ask.estimate(Q(arm=arm, metric='tail', tensor=tensor, at=at)).value:.1f}"

    return (
        f"Without regularisation the largest weight of W1 grows from {tail(NONE, 'W1', 1)} standard deviations after "
        f"epoch 1 to {tail(NONE, 'W1')}, but that of W2 goes from {tail(NONE, 'W2', 1)} to {tail(NONE, 'W2')}: the "
        "whole tensor widens with it."
    )


def _tail_without_gap(ask: Measurements) -> str:
    e = ask.estimate(Q(arm=L1, metric="tail", tensor="W1"))
    f = ask.estimate(Q(arm=NONE, metric="tail", tensor="W1"))
    gap = ask.versus(Q(arm=L1, metric="accuracy_gap"), Q(arm=NONE, metric="accuracy_gap"), "larger", "smaller")
    return (
        f"And a few weights far larger than the rest are no sign of overfitting: under L1 the largest of W1 is "
        f"{e.value:.0f} standard deviations, without it {f.value:.0f}, and the gap under L1 is {gap}."
    )


def _not_below_one(ask: Measurements) -> str:
    inner = ask.estimate(Q(arm=NONE, metric="inner_width", tensor="W2"))
    return (
        f"Not all weights are below 1 in size: the middle 99.8 % of W2 without regularisation span {inner.value:.2f}, "
        "so that some squares are larger than the weights themselves."
    )


def _same_coefficient(ask: Measurements) -> str:
    squared = ask.versus(
        Q(arm=SMALL_SQUARED, metric="accuracy_gap"), Q(arm=L1, metric="accuracy_gap"), "larger", "smaller"
    )
    norm = ask.versus(Q(arm=SMALL_NORM, metric="accuracy_gap"), Q(arm=L1, metric="accuracy_gap"), "larger", "smaller")
    return (
        f"With L1's own coefficient, 1e-4, the gap under squared L2 is {squared} than under L1, and under the norm "
        f"that the code takes {norm}. The norm needs the larger coefficient too, and it squares nothing."
    )


REASONS: Mapping[tuple[str, str], Reason] = {
    ("optimizer", "optimizer-1"): Reason((_restless, _its_rate)),
    ("optimizer", "optimizer-2"): Reason((_first_epochs, _its_rate)),
    ("learning-rate", "lr-1"): Reason((_dead, _by_luck)),
    ("learning-rate", "lr-3"): Reason((_not_there_yet,)),
    ("learning-rate", "lr-5"): Reason((_last_bias,), _rates_table),
    ("learning-rate", "lr-6"): Reason((_nothing_learnt, _narrow_and_overfitted), _rates_table),
    ("learning-rate-unscaled", "lr-11"): Reason((_inside, _memorised)),
    ("batch-norm", "batch-norm-3"): Reason((_two_modes, _without_bias), _norm_table),
    ("batch-norm", "batch-norm-5"): Reason((_two_modes, _ordinary_gap)),
    ("regularization", "regularization-1"): Reason((_bulk,), _spread_table),
    ("regularization", "overfit-2"): Reason((_tail_and_gap, _tail_without_gap), _spread_table),
    ("regularization", "l2-2"): Reason((_not_below_one, _same_coefficient)),
}
"""By study and claim."""
