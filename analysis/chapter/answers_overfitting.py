"""Sentences for the questions on overfitting, penalties and dropout. Each takes its numbers from the trials."""

from __future__ import annotations

from analysis.chapter.arms import DROPPED, KEPT, L1, NONE, NORM, PLAIN, SQUARED, pair
from analysis.claims.queries import Measurements, Sentence
from analysis.text.sheet import Sheet
from study.spec.claims import Quantity

Q = Quantity
WIDENS = "widens the gap by", "cuts the gap by"
RAISES = "raises validation accuracy by", "lowers validation accuracy by"
MOVES = "rises by", "falls by"


# -------------------------------------------------------------------------------------------------------- overfitting


def overfit_gap(measured: Measurements) -> str:
    """The gap of the plain network, at the start and at the end."""
    return (
        f"After {measured.epochs(PLAIN)} epochs the plain network has {measured.value(PLAIN, 'train_accuracy')} on "
        f"training and {measured.value(PLAIN, 'val_accuracy')} on validation. The gap is "
        f"{measured.value(PLAIN, 'accuracy_gap')}. After the first epoch the gap was "
        f"{measured.value(PLAIN, 'accuracy_gap', 1)}."
    )


def overfit_turn(measured: Measurements) -> str:
    """The validation loss turns while the training loss falls."""
    low, last = Q(arm=PLAIN, metric="val_loss", at="min"), Q(arm=PLAIN, metric="val_loss")
    first, end = Q(arm=PLAIN, metric="train_loss", at=1), Q(arm=PLAIN, metric="train_loss")
    return (
        f"From its lowest point to the last epoch the validation loss {measured.moved(last, low, *MOVES, loose=True)}. "
        f"From the first epoch to the last the training loss {measured.moved(end, first, *MOVES, loose=True)}."
    )


def overfit_best(measured: Measurements) -> str:
    """The best epoch beside the last."""
    best, last = Q(arm=PLAIN, metric="val_accuracy", at="best"), Q(arm=PLAIN, metric="val_accuracy")
    return (
        f"At its best epoch, selected on val, the plain network has {measured.value(PLAIN, 'val_accuracy', 'best')} "
        f"validation accuracy. The gap is {measured.value(PLAIN, 'accuracy_gap', 'best')} there. From there to the "
        f"last epoch validation accuracy {measured.moved(last, best, *MOVES, loose=True)}."
    )


# ----------------------------------------------------------------------------------------------------- regularisation


FORMS = (
    ("none", NONE),
    ("L1, 0.0001", L1),
    ("L2 as coded (norm), 0.01", NORM),
    ("L2 as written (squares), 0.01", SQUARED),
)
PERCENT = ("Training accuracy, %", "Validation accuracy, %", "Accuracy gap, points")


def regularised(arm: str, words: str) -> Sentence:
    """Gap and accuracy under one penalty, against none."""

    def say(measured: Measurements) -> str:
        gap = measured.moved(*pair(arm, NONE, "accuracy_gap"), *WIDENS)
        name = words.partition(" at ")[0]
        return f"{words} {gap}. {name} {measured.moved(*pair(arm, NONE, 'val_accuracy'), *RAISES)}."

    return say


def gap_table(measured: Measurements) -> Sheet | None:
    """Accuracies and gap, a row a penalty."""
    columns = {
        "Training accuracy, %": measured.of("train_accuracy"),
        "Validation accuracy, %": measured.of("val_accuracy"),
        "Accuracy gap, points": measured.of("accuracy_gap"),
        "Validation loss, nats": measured.of("val_loss"),
    }
    return measured.sheet("Overfitting under each penalty, last epoch", FORMS, columns, PERCENT)


def weights_table(measured: Measurements) -> Sheet | None:
    """Shape of the weights W1, a row a penalty."""
    columns = {
        "Range": measured.of("width", tensor="W1"),
        "99.8 % of the values within": measured.of("inner_width", tensor="W1"),
        "The middle half within": lambda arm: measured.between(arm, "W1", 0.25, 0.75),
        "Std": measured.of("std", tensor="W1"),
        "Largest over std": measured.of("tail", tensor="W1"),
    }
    return measured.sheet("The weights W1 under each penalty, last epoch", FORMS, columns)


def l1_sparse(measured: Measurements) -> str:
    """Where the weights lie under L1, squared L2 and none."""

    def shape(arm: str) -> str:
        e, middle = (
            measured.estimate(Q(arm=arm, metric="tail", tensor="W1")),
            measured.between(arm, "W1", 0.25, 0.75),
        )
        return f"half of W1 spans {middle.value:.2g} and the largest weight is {e.value:.0f} standard deviations"

    return f"Under L1 {shape(L1)}. Under squared L2 {shape(SQUARED)}. Without a penalty {shape(NONE)}."


def l1_l2(measured: Measurements) -> str:
    """L1 against squared L2."""
    gap = measured.moved(*pair(L1, SQUARED, "accuracy_gap"), *WIDENS)
    accuracy = measured.moved(*pair(L1, SQUARED, "val_accuracy"), *RAISES)
    return f"Against squared L2 at 0.01, L1 at 0.0001 {gap}. L1 also {accuracy}."


def l2_forms(measured: Measurements) -> str:
    """L2 as coded against L2 as written."""
    gap = measured.moved(*pair(NORM, SQUARED, "accuracy_gap"), *WIDENS)
    accuracy = measured.moved(*pair(NORM, SQUARED, "val_accuracy"), *RAISES)
    return (
        f"There are two kinds of L2, both at 0.01. Against L2 as written (squares), L2 as coded (norms) {gap}. L2 as "
        f"coded also {accuracy}."
    )


# ------------------------------------------------------------------------------------------------------------ dropout


def dropout_gap(measured: Measurements) -> str:
    """The gap with dropout and without."""
    return (
        f"Dropout {measured.moved(*pair(DROPPED, KEPT, 'accuracy_gap'), *WIDENS)} after {measured.epochs(DROPPED)} "
        f"epochs. The gap goes from {measured.value(KEPT, 'accuracy_gap')} to "
        f"{measured.value(DROPPED, 'accuracy_gap')}."
    )


def dropout_where(measured: Measurements) -> str:
    """Which side of the gap dropout moves."""
    train = measured.moved(
        *pair(DROPPED, KEPT, "train_accuracy"), "raises training accuracy by", "lowers training accuracy by"
    )
    loss = measured.moved(
        *pair(DROPPED, KEPT, "val_loss"), "raises the validation loss by", "lowers the validation loss by"
    )
    return f"Dropout {train}. Dropout {measured.moved(*pair(DROPPED, KEPT, 'val_accuracy'), *RAISES)}. Dropout {loss}."
