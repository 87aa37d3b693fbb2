"""What was measured beside a claim of the chapter that does not hold: why, from the trials, and never a guess.

Written for the claims that can fail; shown only where one is not supported. The verdict does not depend on it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from analysis.chapter.arms import L1, NONE, NORM, NORMED, REFERENCE, SQUARED, TINY
from analysis.claims.queries import Measurements, Remarks, Sentence, collect
from analysis.text import phrases as wording
from analysis.text.sheet import Sheet
from study.spec.claims import CurvePlace, Quantity

Q = Quantity
WIDENS = "widens the gap by", "cuts the gap by"


@dataclass(frozen=True)
class Reason:
    """Sentences and a table of measurements."""

    sentences: tuple[Sentence, ...] = ()
    table: Callable[[Measurements], Sheet | None] | None = None


def measured_beside(measured: Measurements, study: str, claim: str) -> Remarks:
    """What is measured beside a claim; empty where nothing was prepared."""
    prepared = REASONS.get((study, claim))
    if prepared is None:
        return Remarks()
    found = collect(measured, prepared.sentences)
    return replace(found, sheet=prepared.table(measured) if prepared.table else None)


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


def _dead(measured: Measurements) -> str:
    return (
        f"At 0.1 the hidden units are dead. After epoch 10 {measured.zeros(FAST, 10)} of their activations on the "
        f"probe batch are 0. At 0.001 it is {measured.zeros(GOOD, 10)}. The training loss ends at "
        f"{measured.value(FAST, 'train_loss')}. Guessing gives {math.log(10):.3f}."
    )


def _by_luck(measured: Measurements) -> str:
    low, high = measured.extremes(Q(arm=FAST, metric="val_accuracy"))
    return f"What is left depends on the seed: validation accuracy ends between {low} and {high}."


def _rates_table(measured: Measurements) -> Sheet | None:
    columns = {
        "Range of W1": measured.of("width", 10, "W1"),
        "Range of W2": measured.of("width", 10, "W2"),
        "Range of b2": measured.of("width", 10, "b2"),
        "Training accuracy, %": measured.of("train_accuracy", 10),
        "Accuracy gap, points": measured.of("accuracy_gap", 10),
    }
    share = ("Training accuracy, %", "Accuracy gap, points")
    return measured.sheet("Parameter ranges and overfitting by learning rate, epoch 10", RATES, columns, share)


def _little_learnt(measured: Measurements) -> str:
    scaled, raw = (measured.value(arm, "val_accuracy", 10) for arm in (FAST, RAW_FAST))
    gap, raw_gap = (measured.level(arm, "accuracy_gap", 10) for arm in (FAST, RAW_FAST))
    return (
        f"The networks with the widest weights learnt little, and what learns little overfits little. After epoch 10 "
        f"a rate of 0.1 has {scaled} validation accuracy scaled and {raw} unscaled. Guessing gives 10 %. The gap is "
        f"{gap} scaled and {raw_gap} unscaled."
    )


def _narrow_and_overfitted(measured: Measurements) -> str:
    slow, good = (Q(arm=arm, metric="accuracy_gap", at=10) for arm in (RAW_SLOW, GOOD))
    gap = measured.moved(slow, good, *WIDENS, loose=True)
    a, b = (Q(arm=arm, metric="width", at=10, tensor="W1") for arm in (RAW_SLOW, GOOD))
    return (
        f"Against scaled 0.001, unscaled 0.00001 has a range of W1 {measured.times(a, b, loose=True)}. "
        f"Unscaled 0.00001 {gap}."
    )


def _last_bias(measured: Measurements) -> str:
    def wide(arm: str, at: CurvePlace) -> str:
        return wording.value_words(measured.estimate(Q(arm=arm, metric="width", at=at, tensor="b2")), wording.Unit())

    return (
        f"The exception is b2, the ten biases of the output. At 0.1 their range is {wide(FAST, 1)} after epoch 1 and "
        f"{wide(FAST, 10)} after epoch 10. At 0.001 the range is {wide(GOOD, 10)} after epoch 10. "
        f"At 0.1 {measured.zeros(FAST, 10)} of the hidden activations are 0. Only the output biases act, and ten equal "
        "classes need no spread in them."
    )


def _not_there_yet(measured: Measurements) -> str:
    late, before = (Q(arm=SLOW, metric="val_accuracy", at=epoch) for epoch in (100, 80))
    return (
        f"The least that rounds to 89 % is 88.5 %. A rate of 0.001 {measured.reaches(GOOD, 'val_accuracy', 0.885)}. A "
        f"rate of 0.00001 {measured.reaches(SLOW, 'val_accuracy', 0.885)}. Its highest accuracy is "
        f"{measured.words(Q(arm=SLOW, metric='val_accuracy', at='max'))}. From epoch 80 to epoch 100 its accuracy "
        f"{measured.moved(late, before, 'rises by', 'falls by', loose=True)}."
    )


def _inside(measured: Measurements) -> str:
    def ratio(tensor: str, metric: str = "width") -> str:
        a, b = (Q(arm=arm, metric=metric, at=10, tensor=tensor) for arm in (RAW_SLOW, GOOD))
        return measured.times(a, b, loose=True)

    return (
        f"Inside, the two networks differ after epoch 10. Against scaled 0.001, unscaled 0.00001 has a range of W1 "
        f"{ratio('W1')}. The range of W2 is {ratio('W2')}. The range of the hidden activations is {ratio('A1')}. A "
        "rate 100 times smaller does not undo inputs 255 times larger. The rate also drives W2 and the biases."
    )


def _memorised(measured: Measurements) -> str:
    def loss(arm: str) -> str:
        trained, held_out = (measured.value(arm, m, 10) for m in ("train_loss_eval", "val_loss"))
        return f"{trained} in training and {held_out} in validation"

    return f"After epoch 10 the loss of unscaled 0.00001 is {loss(RAW_SLOW)}. The loss of scaled 0.001 is {loss(GOOD)}."


# ---------------------------------------------------------------------------------------------------------- optimisers

SGD, ADAM = "optimizer/sgd", "optimizer/adam"


def _first_epochs(measured: Measurements) -> str:
    adam, sgd = (Q(arm=arm, metric="val_accuracy", at=1) for arm in (ADAM, SGD))
    return (
        f"After the first epoch Adam {measured.moved(adam, sgd, 'leads by', 'trails by', loose=True)}. Adam at 0.01 "
        f"{measured.reaches(ADAM, 'val_accuracy', 0.85)}. SGD at 0.01 {measured.reaches(SGD, 'val_accuracy', 0.85)}."
    )


def _its_rate(measured: Measurements) -> str:
    return f"The rate holds Adam back, not the optimiser: at 0.001 Adam {measured.reaches(GOOD, 'val_accuracy', 0.85)}."


def _restless(measured: Measurements) -> str:
    def mean(arm: str, at: CurvePlace) -> float:
        return 100 * measured.estimate(Q(arm=arm, metric="val_accuracy", at=at)).value

    low, high, quiet = mean(ADAM, "min"), mean(ADAM, "max"), mean(GOOD, 10)
    return (
        f"At 0.01 Adam's validation accuracy moves between {low:.1f} % and {high:.1f} % within ten epochs. These are "
        f"means of each seed's lowest and highest. At 0.001 Adam is at {quiet:.1f} % after ten."
    )


# ---------------------------------------------------------------------------------------------------------- batch norm

NO_BIAS = "batch-norm/tiny-batch-norm-no-bias"


def _two_modes(measured: Measurements) -> str:
    return (
        f"Train mode uses each mini-batch's own statistics, and there the network learns. Its training loss ends at "
        f"{measured.level(NORMED, 'train_loss')}. Eval mode uses running statistics. There the same network has a "
        f"training loss of {measured.level(NORMED, 'train_loss_eval')} on the same images."
    )


def _without_bias(measured: Measurements) -> str:
    free, biased = (Q(arm=arm, metric="val_accuracy", at=30) for arm in (NO_BIAS, NORMED))
    return (
        f"An added arm leaves the biases out of the linear layers, where batch norm makes them idle. After 30 epochs "
        f"that {measured.moved(free, biased, 'adds', 'costs', loose=True)}. Validation accuracy is then "
        f"{measured.value(NO_BIAS, 'val_accuracy', 30)}, and the gap {measured.value(NO_BIAS, 'accuracy_gap', 30)}. "
        "On inputs this small the bias moves more than the signal does. The running mean follows the bias too late."
    )


def _norm_table(measured: Measurements) -> Sheet | None:
    columns = {
        "Training loss, train mode": measured.of("train_loss", 30),
        "Training loss, eval mode": measured.of("train_loss_eval", 30),
        "Training accuracy, %": measured.of("train_accuracy", 30),
        "Validation accuracy, %": measured.of("val_accuracy", 30),
        "Std of Z1, before batch norm": measured.of("std", 30, "Z1"),
        "Range of b1": measured.of("width", 30, "b1"),
    }
    arms = [("tiny", TINY), ("with batch norm", NORMED), ("with batch norm, no bias", NO_BIAS), ("ordinary", REFERENCE)]
    share = ("Training accuracy, %", "Validation accuracy, %")
    return measured.sheet("Tiny inputs and batch norm, epoch 30", arms, columns, share)


def _ordinary_gap(measured: Measurements) -> str:
    return (
        f"Where eval mode works, there is a gap. After 30 epochs it is {measured.level(NO_BIAS, 'accuracy_gap', 30)} "
        f"without biases. On ordinary inputs without batch norm it is {measured.level(REFERENCE, 'accuracy_gap', 30)}."
    )


# --------------------------------------------------------------------------------------- weights and regularisation

SMALL_NORM, SMALL_SQUARED = "regularization/l2-norm-0.0001", "regularization/l2-squared-0.0001"
PENALTIES = (("none", NONE), ("L1", L1), ("L2 as coded (norm)", NORM), ("L2 as written (squares)", SQUARED))


def _bulk(measured: Measurements) -> str:
    def ratio(metric: str) -> str:
        a, b = (Q(arm=arm, metric=metric, tensor="W2") for arm in (L1, NONE))
        return measured.times(a, b)

    middle = [measured.between(arm, "W2", 0.05, 0.95).value for arm in (L1, NONE)]
    return (
        f"L1 empties the middle and leaves the ends. The middle 90 % of W2 lie within {middle[0]:.2g} with L1 and "
        f"{middle[1]:.2g} without. L1 makes the standard deviation of W2 {ratio('std')}. L1 makes the range of W2 "
        f"{ratio('width')}. Two weights of ten thousand decide that range."
    )


def _spread_table(measured: Measurements) -> Sheet | None:
    columns = {
        f"{t}: {head}": measure
        for t in ("W1", "W2")
        for head, measure in (
            ("range", measured.of("width", tensor=t)),
            ("std", measured.of("std", tensor=t)),
            ("largest over std", measured.of("tail", tensor=t)),
        )
    }
    columns["Accuracy gap, points"] = measured.of("accuracy_gap")
    share = ("Accuracy gap, points",)
    return measured.sheet("Spread of the weights under each penalty, last epoch", PENALTIES, columns, share)


def _tail_and_gap(measured: Measurements) -> str:
    def tail(arm: str, tensor: str, at: CurvePlace = "last") -> str:
        return f"{measured.estimate(Q(arm=arm, metric='tail', tensor=tensor, at=at)).value:.1f}"

    return (
        f"Without regularisation the largest weight of W1 grows from {tail(NONE, 'W1', 1)} standard deviations after "
        f"epoch 1 to {tail(NONE, 'W1')}. That of W2 goes from {tail(NONE, 'W2', 1)} to {tail(NONE, 'W2')}. All of W2 "
        "widens with it."
    )


def _tail_without_gap(measured: Measurements) -> str:
    e = measured.estimate(Q(arm=L1, metric="tail", tensor="W1"))
    f = measured.estimate(Q(arm=NONE, metric="tail", tensor="W1"))
    gap = measured.moved(Q(arm=L1, metric="accuracy_gap"), Q(arm=NONE, metric="accuracy_gap"), *WIDENS)
    return (
        f"A few weights far larger than the rest are no sign of overfitting. Under L1 the largest of W1 is "
        f"{e.value:.0f} standard deviations, without L1 {f.value:.0f}. Yet L1 {gap}."
    )


def _not_below_one(measured: Measurements) -> str:
    inner = measured.estimate(Q(arm=NONE, metric="inner_width", tensor="W2"))
    return (
        f"Not all weights are below 1 in size. The middle 99.8 % of W2 without regularisation span {inner.value:.2f}, "
        "so some squares are larger than the weights themselves."
    )


def _same_coefficient(measured: Measurements) -> str:
    l1, squared, norm = (Q(arm=arm, metric="accuracy_gap") for arm in (L1, SMALL_SQUARED, SMALL_NORM))
    return (
        f"At L1's own coefficient, 0.0001, squared L2 {measured.moved(squared, l1, *WIDENS)} against L1. The norm that "
        f"the code takes {measured.moved(norm, l1, *WIDENS)}. The norm needs the larger coefficient too, and it "
        "squares nothing."
    )


REASONS: Mapping[tuple[str, str], Reason] = {
    ("optimizer", "optimizer-1"): Reason((_restless, _its_rate)),
    ("optimizer", "optimizer-2"): Reason((_first_epochs, _its_rate)),
    ("learning-rate", "lr-1"): Reason((_dead, _by_luck)),
    ("learning-rate", "lr-3"): Reason((_not_there_yet,)),
    ("learning-rate", "lr-5"): Reason((_last_bias,), _rates_table),
    ("learning-rate", "lr-6"): Reason((_little_learnt, _narrow_and_overfitted), _rates_table),
    ("learning-rate-unscaled", "lr-11"): Reason((_inside, _memorised)),
    ("batch-norm", "batch-norm-3"): Reason((_two_modes, _without_bias), _norm_table),
    ("batch-norm", "batch-norm-5"): Reason((_two_modes, _ordinary_gap)),
    ("regularization", "regularization-1"): Reason((_bulk,), _spread_table),
    ("regularization", "overfit-2"): Reason((_tail_and_gap, _tail_without_gap), _spread_table),
    ("regularization", "l2-2"): Reason((_not_below_one, _same_coefficient)),
}
"""By study and claim."""
