"""The chapter's nine closing questions, answered with what was measured and nothing else."""

from __future__ import annotations

import math
from dataclasses import replace

from analysis.claims.queries import Answered, Measurements, Question, Sentence, collect
from analysis.text.sheet import Sheet
from study.spec.claims import CurvePlace, Quantity

Q = Quantity


def answers(ask: Measurements) -> tuple[list[Answered], list[str]]:
    """The questions whose studies are there, answered; and one line for each of the others."""
    found, absent = [], []
    for question in QUESTIONS:
        if not set(question.studies) & set(ask.studies):
            absent.append(f"{question.number}. {question.text} (needs {' or '.join(question.studies)})")
            continue
        evidence = collect(ask, question.sentences)
        evidence = replace(evidence, sheet=question.table(ask) if question.table else None)
        found.append(Answered(question.number, question.text, question.claims, evidence))
    return found, absent


def _pair(a: str, b: str, metric: str, at: CurvePlace = "last") -> tuple[Quantity, Quantity]:

    return Q(arm=a, metric=metric, at=at), Q(arm=b, metric=metric, at=at)


# ---------------------------------------------------------------------------------------------------- 1: unscaled input

RAW, SCALED = "scaling/unscaled", "scaling/scaled"
RAW_ADAM, SCALED_ADAM, RAW_SLOW = (
    "learning-rate-unscaled/lr-0.001",
    "learning-rate/lr-0.001",
    "learning-rate-unscaled/lr-0.00001",
)


def _unscaled_sgd(ask: Measurements) -> str:
    return (
        f"Under SGD at 0.01, {ask.epochs(RAW)} epochs on pixels 0..255 end at "
        f"{ask.level(RAW, 'train_accuracy')} training "
        f"accuracy; on pixels divided by 255 at {ask.level(SCALED, 'train_accuracy')}. "
        f"Scaled is {ask.versus(*_pair(SCALED, RAW, 'train_accuracy'))}."
    )


def _unscaled_loss(ask: Measurements) -> str:
    return (
        f"The training loss of unscaled SGD ends at {ask.level(RAW, 'train_loss')}; guessing among ten classes gives "
        f"ln 10 = {math.log(10):.3f}."
    )


def _unscaled_adam(ask: Measurements) -> str:
    e = ask.epochs(RAW_ADAM, SCALED_ADAM)
    return (
        f"Under Adam at 0.001, after {e} epochs validation accuracy is "
        f"{ask.level(RAW_ADAM, 'val_accuracy', e)} unscaled and {ask.level(SCALED_ADAM, 'val_accuracy', e)} scaled; "
        f"unscaled is {ask.versus(*_pair(RAW_ADAM, SCALED_ADAM, 'val_accuracy', e))}."
    )


def _unscaled_slow(ask: Measurements) -> str:
    e = ask.epochs(RAW_SLOW, SCALED_ADAM)
    gap = ask.versus(*_pair(RAW_SLOW, SCALED_ADAM, "accuracy_gap", e), "larger", "smaller")
    return (
        f"A rate of 0.00001 on unscaled input against 0.001 on scaled: after {e} epochs validation accuracy is "
        f"{ask.versus(*_pair(RAW_SLOW, SCALED_ADAM, 'val_accuracy', e))}, the train-validation accuracy gap {gap}."
    )


# ------------------------------------------------------------------------------------------------------ 2: white ground

DARK, LIGHT = "inverted/dark-background", "inverted/light-background"


def _inverted(metric: str, words: str) -> Sentence:
    def say(ask: Measurements) -> str:
        return (
            f"{words} after {ask.epochs(LIGHT)} epochs: {ask.level(LIGHT, metric)} on the light background, "
            f"{ask.level(DARK, metric)} on the dark one; light is {ask.versus(*_pair(LIGHT, DARK, metric))}."
        )

    return say


def _inverted_start(ask: Measurements) -> str:
    return (
        f"Already after the first epoch the light background's validation accuracy is "
        f"{ask.versus(*_pair(LIGHT, DARK, 'val_accuracy', 1))}."
    )


# -------------------------------------------------------------------------------------------------------- 3: batch size

SMALL, LARGE = "batch-size/batch-32", "batch-size/batch-10000"


def _batch_time(ask: Measurements) -> str:
    a, b = Q(arm=SMALL, metric="seconds", at="mean"), Q(arm=LARGE, metric="seconds", at="mean")
    return (
        f"An epoch of updates takes {ask.level(SMALL, 'seconds', 'mean')} at batch 32 and "
        f"{ask.level(LARGE, 'seconds', 'mean')} with the large batch: {ask.times(a, b, 'as long')}."
    )


def _batch_updates(ask: Measurements) -> str:
    small, large = (ask.estimate(Q(arm=arm, metric="updates")).value for arm in (SMALL, LARGE))
    return f"An epoch has {small:,.0f} updates at batch 32 and {large:,.0f} at batch 10,000, the large one."


def _batch_accuracy(ask: Measurements) -> str:
    e = ask.epochs(SMALL, LARGE)
    return (
        f"After {e} epochs validation accuracy is {ask.level(SMALL, 'val_accuracy', e)} with the small batch and "
        f"{ask.level(LARGE, 'val_accuracy', e)} with the large one; the large batch is "
        f"{ask.versus(*_pair(LARGE, SMALL, 'val_accuracy', e))}, its validation loss "
        f"{ask.versus(*_pair(LARGE, SMALL, 'val_loss', e))}."
    )


# ------------------------------------------------------------------------------------------------------- 4: input range

RANGES = (("pixels 0..255", "divisor-1"), ("pixels 0..1", "divisor-255"), ("pixels 0..0.0001", "divisor-2550000"))


def _range_table(ask: Measurements) -> Sheet | None:
    columns = {
        f"{name} of {t}": ask.of(m, tensor=t) for t in ("W1", "W2") for m, name in (("width", "Range"), ("std", "Std"))
    }
    columns["Validation accuracy, %"] = ask.of("val_accuracy")
    arms = [(label, f"input-range/{arm}") for label, arm in RANGES]
    return ask.sheet("Weights at the end of training, by range of the input", arms, columns, ["Validation accuracy, %"])


def _range(arm: str, words: str) -> Sentence:
    def say(ask: Measurements) -> str:
        def ratio(tensor: str) -> str:
            a, b = (Q(arm=f"input-range/{x}", metric="width", tensor=tensor) for x in (arm, "divisor-255"))
            return ask.times(a, b, "as wide")

        return (
            f"{words}, against pixels 0..1 after {ask.epochs(f'input-range/{arm}')} epochs: W1 is "
            f"{ratio('W1')}, W2 {ratio('W2')}."
        )

    return say


# -------------------------------------------------------------------------------------------------------- 5: batch norm

TINY, NORMED, REFERENCE = "batch-norm/tiny", "batch-norm/tiny-batch-norm", "batch-norm/reference"
NORMED_NO_BIAS = "batch-norm/tiny-batch-norm-no-bias"


def _norm_accuracy(ask: Measurements) -> str:
    return (
        f"On inputs of at most 0.0001, {ask.epochs(TINY)} epochs end at {ask.level(TINY, 'val_accuracy')} "
        "validation accuracy "
        f"without batch norm and at {ask.level(NORMED, 'val_accuracy')} with it: with it is "
        f"{ask.versus(*_pair(NORMED, TINY, 'val_accuracy'))}."
    )


def _norm_speed(ask: Measurements) -> str:
    return (
        f"85 % validation accuracy comes first at: {ask.first(TINY, 'val_accuracy', 0.85)} without; "
        f"{ask.first(NORMED, 'val_accuracy', 0.85)} with it; {ask.first(REFERENCE, 'val_accuracy', 0.85)} on "
        "ordinary inputs."
    )


def _norm_inside(ask: Measurements) -> str:
    a = ask.times(Q(arm=NORMED, metric="width", tensor="A1"), Q(arm=TINY, metric="width", tensor="A1"), "as wide")
    w = ask.times(Q(arm=NORMED, metric="width", tensor="W2"), Q(arm=TINY, metric="width", tensor="W2"), "as wide")
    return (
        f"What it changes inside: the hidden activations are {a}, the weights behind them (W2) {w}, with "
        "batch norm over without."
    )


def _norm_gap(ask: Measurements) -> str:
    return f"With batch norm the train-validation accuracy gap ends at {ask.level(NORMED, 'accuracy_gap')}."


def _norm_no_bias(ask: Measurements) -> str:
    e = ask.epochs(NORMED_NO_BIAS, TINY)
    more = ask.versus(*_pair(NORMED_NO_BIAS, TINY, "val_accuracy", e))
    return (
        f"Where it helps: with batch norm and no biases in the linear layers, an arm that was added to find the cause, "
        f"validation accuracy after {e} epochs is {ask.level(NORMED_NO_BIAS, 'val_accuracy', e)}, {more} than without "
        "batch norm. Why the biases matter is told under batch-norm-3."
    )


# ------------------------------------------------------------------------------------------------------- 6: overfitting

PLAIN = "annealing/constant"


def _overfit_gap(ask: Measurements) -> str:
    return (
        f"The plain network after {ask.epochs(PLAIN)} epochs: {ask.level(PLAIN, 'train_accuracy')} on training, "
        f"{ask.level(PLAIN, 'val_accuracy')} on validation, a gap of {ask.level(PLAIN, 'accuracy_gap')}; "
        f"after the first epoch the gap was {ask.level(PLAIN, 'accuracy_gap', 1)}."
    )


def _overfit_turn(ask: Measurements) -> str:
    low, last = Q(arm=PLAIN, metric="val_loss", at="min"), Q(arm=PLAIN, metric="val_loss")
    train = ask.versus(Q(arm=PLAIN, metric="train_loss"), Q(arm=PLAIN, metric="train_loss", at=1), loose=True)
    return (
        f"From its lowest point to the last epoch the validation loss is "
        f"{ask.versus(last, low, loose=True)}, while the training loss is {train} than after the first epoch."
    )


def _overfit_best(ask: Measurements) -> str:
    best, last = Q(arm=PLAIN, metric="val_accuracy", at="best"), Q(arm=PLAIN, metric="val_accuracy")
    gap = ask.level(PLAIN, "accuracy_gap", "best")
    return (
        f"At its best epoch (highest validation accuracy) it had {ask.level(PLAIN, 'val_accuracy', 'best')} "
        f"with a gap of {gap}; "
        f"the last epoch's validation accuracy is {ask.versus(last, best, loose=True)}."
    )


# ---------------------------------------------------------------------------------------------- 7 and 8: regularisation

NONE, L1, NORM, SQUARED = (f"regularization/{a}" for a in ("none", "l1", "l2-norm", "l2-squared"))
FORMS = (
    ("none", NONE),
    ("L1, 1e-4", L1),
    ("L2 as coded (norm), 1e-2", NORM),
    ("L2 as written (squares), 1e-2", SQUARED),
)
PERCENT = ("Training accuracy, %", "Validation accuracy, %", "Accuracy gap, points")


def _regularised(arm: str, words: str) -> Sentence:
    def say(ask: Measurements) -> str:
        gap = ask.versus(*_pair(arm, NONE, "accuracy_gap"), "larger", "smaller")
        return (
            f"{words}: the gap is {gap}; validation accuracy is "
            f"{ask.versus(*_pair(arm, NONE, 'val_accuracy'))}, each against none."
        )

    return say


def _gap_table(ask: Measurements) -> Sheet | None:
    columns = {
        "Training accuracy, %": ask.of("train_accuracy"),
        "Validation accuracy, %": ask.of("val_accuracy"),
        "Accuracy gap, points": ask.of("accuracy_gap"),
        "Validation loss, nats": ask.of("val_loss"),
    }
    return ask.sheet("Overfitting under each penalty, last epoch", FORMS, columns, PERCENT)


def _weights_table(ask: Measurements) -> Sheet | None:
    columns = {
        "Range": ask.of("width", tensor="W1"),
        "99.8 % of the values within": ask.of("inner_width", tensor="W1"),
        "The middle half within": lambda arm: ask.between(arm, "W1", 0.25, 0.75),
        "Std": ask.of("std", tensor="W1"),
        "Largest over std": ask.of("tail", tensor="W1"),
    }
    return ask.sheet("The weights W1 under each penalty, last epoch", FORMS, columns)


def _l1_sparse(ask: Measurements) -> str:
    def shape(arm: str) -> str:
        e, middle = ask.estimate(Q(arm=arm, metric="tail", tensor="W1")), ask.between(arm, "W1", 0.25, 0.75)
        return (
            f"the middle half of W1 spans {middle.value:.2g} and its largest weight is {e.value:.1f} standard "
            "deviations"
        )

    return f"Under L1 {shape(L1)}; under squared L2 {shape(SQUARED)}; under none {shape(NONE)} (means over seeds)."


def _l1_l2(ask: Measurements) -> str:
    gap = ask.versus(*_pair(L1, SQUARED, "accuracy_gap"), "larger", "smaller")
    return (
        f"L1 at 1e-4 against squared L2 at 1e-2: the gap is {gap}, validation accuracy "
        f"{ask.versus(*_pair(L1, SQUARED, 'val_accuracy'))}."
    )


def _l2_forms(ask: Measurements) -> str:
    gap = ask.versus(*_pair(NORM, SQUARED, "accuracy_gap"), "larger", "smaller")
    accuracy = ask.versus(*_pair(NORM, SQUARED, "val_accuracy"))
    return (
        f"L2 is not one thing: as coded (norms) against as written (squares), both at 1e-2, the gap is {gap} "
        f"and validation accuracy {accuracy}."
    )


# ----------------------------------------------------------------------------------------------------------- 9: dropout

KEPT, DROPPED = "dropout/none", "dropout/dropout-0.25"


def _dropout_gap(ask: Measurements) -> str:
    return (
        f"After {ask.epochs(DROPPED)} epochs the gap is {ask.level(DROPPED, 'accuracy_gap')} with dropout and "
        f"{ask.level(KEPT, 'accuracy_gap')} without: "
        f"{ask.versus(*_pair(DROPPED, KEPT, 'accuracy_gap'), 'larger', 'smaller')}."
    )


def _dropout_where(ask: Measurements) -> str:
    return (
        f"Its source: training accuracy is {ask.versus(*_pair(DROPPED, KEPT, 'train_accuracy'))}, "
        "validation "
        f"accuracy {ask.versus(*_pair(DROPPED, KEPT, 'val_accuracy'))}, validation loss "
        f"{ask.versus(*_pair(DROPPED, KEPT, 'val_loss'))}."
    )


QUESTIONS: tuple[Question, ...] = (
    Question(
        1,
        "What happens when input values are not scaled?",
        (_unscaled_sgd, _unscaled_loss, _unscaled_adam, _unscaled_slow),
        ("scaling", "learning-rate-unscaled"),
        ("scaling-1", "scaling-2", "scaling-4", "lr-8", "lr-11"),
    ),
    Question(
        2,
        "What could happen when the background is white and the content black?",
        (
            _inverted("val_accuracy", "Validation accuracy"),
            _inverted("train_accuracy", "Training accuracy"),
            _inverted_start,
        ),
        ("inverted",),
    ),
    Question(
        3,
        "How does batch size affect training time and the accuracy after a given number of epochs?",
        (_batch_updates, _batch_time, _batch_accuracy),
        ("batch-size",),
        ("batch-1", "batch-3", "batch-4"),
    ),
    Question(
        4,
        "How does the range of the input values affect the weight distribution at the end of training?",
        (_range("divisor-1", "Pixels 0..255"), _range("divisor-2550000", "Pixels 0..0.0001")),
        ("input-range",),
        ("batch-norm-2", "lr-10"),
        _range_table,
    ),
    Question(
        5,
        "How does batch normalisation help accuracy?",
        (_norm_accuracy, _norm_speed, _norm_inside, _norm_gap, _norm_no_bias),
        ("batch-norm",),
        ("batch-norm-1", "batch-norm-3", "batch-norm-4", "batch-norm-5"),
    ),
    Question(
        6,
        "How do we know that a model has overfitted?",
        (_overfit_gap, _overfit_turn, _overfit_best),
        ("annealing",),
        ("overfit-1", "overfit-2", "lr-6"),
    ),
    Question(
        7,
        "How does regularisation help against overfitting?",
        (
            _regularised(L1, "L1 at 1e-4"),
            _regularised(NORM, "L2 as coded (norm) at 1e-2"),
            _regularised(SQUARED, "L2 as written (squares) at 1e-2"),
        ),
        ("regularization",),
        ("l1-1", "l2-1", "regularization-1"),
        _gap_table,
    ),
    Question(
        8,
        "How do L1 and L2 differ?",
        (_l1_sparse, _l1_l2, _l2_forms),
        ("regularization",),
        ("l2-2", "regularization-1"),
        _weights_table,
    ),
    Question(9, "How does dropout reduce overfitting?", (_dropout_gap, _dropout_where), ("dropout",), ("dropout-1",)),
)
"""In the order of the chapter."""
