"""Sentences for the questions on batch size and batch norm. Each takes its numbers from the trials."""

from __future__ import annotations

from analysis.chapter.arms import LARGE, NORMED, NORMED_NO_BIAS, REFERENCE, SMALL, TINY, pair
from analysis.claims.queries import Measurements
from study.spec.claims import Quantity

Q = Quantity


# --------------------------------------------------------------------------------------------------------- batch size


def batch_time(ask: Measurements) -> str:
    """Seconds of an epoch, small batch and large."""
    a, b = Q(arm=SMALL, metric="seconds", at="mean"), Q(arm=LARGE, metric="seconds", at="mean")
    return (
        f"An epoch of updates takes {ask.level(SMALL, 'seconds', 'mean')} at batch 32 and "
        f"{ask.level(LARGE, 'seconds', 'mean')} with the large batch: {ask.times(a, b, 'as long')}."
    )


def batch_updates(ask: Measurements) -> str:
    """Updates of an epoch, small batch and large."""
    small, large = (ask.estimate(Q(arm=arm, metric="updates")).value for arm in (SMALL, LARGE))
    return f"An epoch has {small:,.0f} updates at batch 32 and {large:,.0f} at batch 10,000, the large one."


def batch_accuracy(ask: Measurements) -> str:
    """Accuracy and loss after the same epochs, small batch and large."""
    e = ask.epochs(SMALL, LARGE)
    return (
        f"After {e} epochs validation accuracy is {ask.level(SMALL, 'val_accuracy', e)} with the small batch and "
        f"{ask.level(LARGE, 'val_accuracy', e)} with the large one; the large batch is "
        f"{ask.versus(*pair(LARGE, SMALL, 'val_accuracy', e))}, its validation loss "
        f"{ask.versus(*pair(LARGE, SMALL, 'val_loss', e))}."
    )


# --------------------------------------------------------------------------------------------------------- batch norm


def norm_accuracy(ask: Measurements) -> str:
    """Accuracy on tiny inputs with batch norm and without."""
    return (
        f"On inputs of at most 0.0001, {ask.epochs(TINY)} epochs end at {ask.level(TINY, 'val_accuracy')} "
        "validation accuracy "
        f"without batch norm and at {ask.level(NORMED, 'val_accuracy')} with it: with it is "
        f"{ask.versus(*pair(NORMED, TINY, 'val_accuracy'))}."
    )


def norm_speed(ask: Measurements) -> str:
    """When 85 % is reached first."""
    return (
        f"85 % validation accuracy comes first at: {ask.first(TINY, 'val_accuracy', 0.85)} without; "
        f"{ask.first(NORMED, 'val_accuracy', 0.85)} with it; {ask.first(REFERENCE, 'val_accuracy', 0.85)} on "
        "ordinary inputs."
    )


def norm_inside(ask: Measurements) -> str:
    """What batch norm changes inside."""
    a = ask.times(Q(arm=NORMED, metric="width", tensor="A1"), Q(arm=TINY, metric="width", tensor="A1"), "as wide")
    w = ask.times(Q(arm=NORMED, metric="width", tensor="W2"), Q(arm=TINY, metric="width", tensor="W2"), "as wide")
    return (
        f"What it changes inside: the hidden activations are {a}, the weights behind them (W2) {w}, with "
        "batch norm over without."
    )


def norm_gap(ask: Measurements) -> str:
    """The gap with batch norm."""
    return f"With batch norm the train-validation accuracy gap ends at {ask.level(NORMED, 'accuracy_gap')}."


def norm_no_bias(ask: Measurements) -> str:
    """Batch norm without biases in the linear layers."""
    e = ask.epochs(NORMED_NO_BIAS, TINY)
    more = ask.versus(*pair(NORMED_NO_BIAS, TINY, "val_accuracy", e))
    return (
        f"Where it helps: with batch norm and no biases in the linear layers, an arm that was added to find the cause, "
        f"validation accuracy after {e} epochs is {ask.level(NORMED_NO_BIAS, 'val_accuracy', e)}, {more} than without "
        "batch norm. Why the biases matter is told under batch-norm-3."
    )
