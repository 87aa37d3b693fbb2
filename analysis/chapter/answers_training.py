"""Sentences for the questions on batch size and batch norm. Each takes its numbers from the trials."""

from __future__ import annotations

from analysis.chapter.arms import LARGE, NORMED, NORMED_NO_BIAS, REFERENCE, SMALL, TINY, pair
from analysis.claims.queries import Measurements
from study.spec.claims import Quantity

Q = Quantity
GAINS = "adds", "costs"


# --------------------------------------------------------------------------------------------------------- batch size


def batch_time(ask: Measurements) -> str:
    """Seconds of an epoch, small batch and large."""
    a, b = Q(arm=SMALL, metric="seconds", at="mean"), Q(arm=LARGE, metric="seconds", at="mean")
    return (
        f"The updates of an epoch take {ask.value(SMALL, 'seconds', 'mean')} at batch 32 and "
        f"{ask.value(LARGE, 'seconds', 'mean')} at batch 10,000. The time at batch 32 is {ask.times(a, b)}."
    )


def batch_updates(ask: Measurements) -> str:
    """Updates of an epoch, small batch and large."""
    small, large = (ask.estimate(Q(arm=arm, metric="updates")).value for arm in (SMALL, LARGE))
    return f"An epoch has {small:,.0f} updates at batch 32 and {large:,.0f} at batch 10,000."


def batch_accuracy(ask: Measurements) -> str:
    """Accuracy and loss after the same epochs, small batch and large."""
    e = ask.epochs(SMALL, LARGE)
    loss = ask.moved(
        *pair(LARGE, SMALL, "val_loss", e), "raises the validation loss by", "lowers the validation loss by"
    )
    return (
        f"After {e} epochs batch 32 has {ask.value(SMALL, 'val_accuracy', e)} validation accuracy. Batch 10,000 "
        f"{ask.moved(*pair(LARGE, SMALL, 'val_accuracy', e), *GAINS)} and {loss}."
    )


# --------------------------------------------------------------------------------------------------------- batch norm


def norm_accuracy(ask: Measurements) -> str:
    """Accuracy on tiny inputs with batch norm and without."""
    return (
        f"On inputs of at most 0.0001, {ask.epochs(TINY)} epochs without batch norm end at "
        f"{ask.value(TINY, 'val_accuracy')} validation accuracy. Batch norm "
        f"{ask.moved(*pair(NORMED, TINY, 'val_accuracy'), *GAINS)}."
    )


def norm_speed(ask: Measurements) -> str:
    """When 85 % is reached first."""
    return (
        f"Validation accuracy reaches 85 % {ask.first(TINY, 'val_accuracy', 0.85)} without batch norm, "
        f"{ask.first(NORMED, 'val_accuracy', 0.85)} with batch norm, and {ask.first(REFERENCE, 'val_accuracy', 0.85)} "
        "on ordinary inputs."
    )


def norm_inside(ask: Measurements) -> str:
    """What batch norm changes inside."""
    a = ask.times(Q(arm=NORMED, metric="width", tensor="A1"), Q(arm=TINY, metric="width", tensor="A1"))
    w = ask.times(Q(arm=NORMED, metric="width", tensor="W2"), Q(arm=TINY, metric="width", tensor="W2"))
    return f"Inside, batch norm makes the range of hidden activations {a} and that of the weights behind them (W2) {w}."


def norm_gap(ask: Measurements) -> str:
    """The gap with batch norm."""
    return f"With batch norm the gap ends at {ask.level(NORMED, 'accuracy_gap')}."


def norm_no_bias(ask: Measurements) -> str:
    """Batch norm without biases in the linear layers."""
    e = ask.epochs(NORMED_NO_BIAS, TINY)
    more = ask.moved(*pair(NORMED_NO_BIAS, TINY, "val_accuracy", e), *GAINS)
    return (
        f"Without biases in the linear layers batch norm {more} after {e} epochs and ends at "
        f"{ask.value(NORMED_NO_BIAS, 'val_accuracy', e)}. This arm was added to find the cause: see batch-norm-3."
    )
