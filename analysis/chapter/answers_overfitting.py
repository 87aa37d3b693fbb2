"""Sentences for the questions on overfitting, penalties and dropout. Each takes its numbers from the trials."""

from __future__ import annotations

from analysis.chapter.arms import DROPPED, KEPT, L1, NONE, NORM, PLAIN, SQUARED, pair
from analysis.claims.queries import Measurements, Sentence
from analysis.text.sheet import Sheet
from study.spec.claims import Quantity

Q = Quantity


# -------------------------------------------------------------------------------------------------------- overfitting


def overfit_gap(ask: Measurements) -> str:
    """The gap of the plain network, at the start and at the end."""
    return (
        f"The plain network after {ask.epochs(PLAIN)} epochs: {ask.level(PLAIN, 'train_accuracy')} on training, "
        f"{ask.level(PLAIN, 'val_accuracy')} on validation, a gap of {ask.level(PLAIN, 'accuracy_gap')}; "
        f"after the first epoch the gap was {ask.level(PLAIN, 'accuracy_gap', 1)}."
    )


def overfit_turn(ask: Measurements) -> str:
    """The validation loss turns while the training loss falls."""
    low, last = Q(arm=PLAIN, metric="val_loss", at="min"), Q(arm=PLAIN, metric="val_loss")
    train = ask.versus(Q(arm=PLAIN, metric="train_loss"), Q(arm=PLAIN, metric="train_loss", at=1), loose=True)
    return (
        f"From its lowest point to the last epoch the validation loss is "
        f"{ask.versus(last, low, loose=True)}, while the training loss is {train} than after the first epoch."
    )


def overfit_best(ask: Measurements) -> str:
    """The best epoch beside the last."""
    best, last = Q(arm=PLAIN, metric="val_accuracy", at="best"), Q(arm=PLAIN, metric="val_accuracy")
    gap = ask.level(PLAIN, "accuracy_gap", "best")
    return (
        "At its best epoch (highest validation accuracy, so selected on val) it had "
        f"{ask.level(PLAIN, 'val_accuracy', 'best')} with a gap of {gap}; "
        f"the last epoch's validation accuracy is {ask.versus(last, best, loose=True)}."
    )


# ----------------------------------------------------------------------------------------------------- regularisation


FORMS = (
    ("none", NONE),
    ("L1, 1e-4", L1),
    ("L2 as coded (norm), 1e-2", NORM),
    ("L2 as written (squares), 1e-2", SQUARED),
)
PERCENT = ("Training accuracy, %", "Validation accuracy, %", "Accuracy gap, points")


def regularised(arm: str, words: str) -> Sentence:
    """Gap and accuracy under one penalty, against none."""

    def say(ask: Measurements) -> str:
        gap = ask.versus(*pair(arm, NONE, "accuracy_gap"), "larger", "smaller")
        return (
            f"{words}: the gap is {gap}; validation accuracy is "
            f"{ask.versus(*pair(arm, NONE, 'val_accuracy'))}, each against none."
        )

    return say


def gap_table(ask: Measurements) -> Sheet | None:
    """Accuracies and gap, a row a penalty."""
    columns = {
        "Training accuracy, %": ask.of("train_accuracy"),
        "Validation accuracy, %": ask.of("val_accuracy"),
        "Accuracy gap, points": ask.of("accuracy_gap"),
        "Validation loss, nats": ask.of("val_loss"),
    }
    return ask.sheet("Overfitting under each penalty, last epoch", FORMS, columns, PERCENT)


def weights_table(ask: Measurements) -> Sheet | None:
    """Shape of the weights W1, a row a penalty."""
    columns = {
        "Range": ask.of("width", tensor="W1"),
        "99.8 % of the values within": ask.of("inner_width", tensor="W1"),
        "The middle half within": lambda arm: ask.between(arm, "W1", 0.25, 0.75),
        "Std": ask.of("std", tensor="W1"),
        "Largest over std": ask.of("tail", tensor="W1"),
    }
    return ask.sheet("The weights W1 under each penalty, last epoch", FORMS, columns)


def l1_sparse(ask: Measurements) -> str:
    """Where the weights lie under L1, squared L2 and none."""

    def shape(arm: str) -> str:
        e, middle = ask.estimate(Q(arm=arm, metric="tail", tensor="W1")), ask.between(arm, "W1", 0.25, 0.75)
        return (
            f"the middle half of W1 spans {middle.value:.2g} and its largest weight is {e.value:.1f} standard "
            "deviations"
        )

    return f"Under L1 {shape(L1)}; under squared L2 {shape(SQUARED)}; under none {shape(NONE)} (means over seeds)."


def l1_l2(ask: Measurements) -> str:
    """L1 against squared L2."""
    gap = ask.versus(*pair(L1, SQUARED, "accuracy_gap"), "larger", "smaller")
    return (
        f"L1 at 1e-4 against squared L2 at 1e-2: the gap is {gap}, validation accuracy "
        f"{ask.versus(*pair(L1, SQUARED, 'val_accuracy'))}."
    )


def l2_forms(ask: Measurements) -> str:
    """L2 as coded against L2 as written."""
    gap = ask.versus(*pair(NORM, SQUARED, "accuracy_gap"), "larger", "smaller")
    accuracy = ask.versus(*pair(NORM, SQUARED, "val_accuracy"))
    return (
        f"L2 is not one thing: as coded (norms) against as written (squares), both at 1e-2, the gap is {gap} "
        f"and validation accuracy {accuracy}."
    )


# ------------------------------------------------------------------------------------------------------------ dropout


def dropout_gap(ask: Measurements) -> str:
    """The gap with dropout and without."""
    return (
        f"After {ask.epochs(DROPPED)} epochs the gap is {ask.level(DROPPED, 'accuracy_gap')} with dropout and "
        f"{ask.level(KEPT, 'accuracy_gap')} without: "
        f"{ask.versus(*pair(DROPPED, KEPT, 'accuracy_gap'), 'larger', 'smaller')}."
    )


def dropout_where(ask: Measurements) -> str:
    """Which side of the gap dropout moves."""
    return (
        f"Its source: training accuracy is {ask.versus(*pair(DROPPED, KEPT, 'train_accuracy'))}, "
        "validation "
        f"accuracy {ask.versus(*pair(DROPPED, KEPT, 'val_accuracy'))}, validation loss "
        f"{ask.versus(*pair(DROPPED, KEPT, 'val_loss'))}."
    )
