"""Sentences for the questions on batch size and batch norm. Each takes its numbers from the trials."""

from __future__ import annotations

from analysis.chapter.arms import LARGE, NORMED, NORMED_NO_BIAS, REFERENCE, SMALL, TINY, pair
from analysis.claims.queries import Measurements
from analysis.text import phrases as wording
from study.spec.claims import Quantity
from trainables.config.plurals import counted

Q = Quantity
GAINS = "adds", "costs"


# --------------------------------------------------------------------------------------------------------- batch size


def batch_time(measured: Measurements) -> str:
    """Seconds of an epoch, small batch and large, over the pairs of one kind of machine."""
    a, b = pair(SMALL, LARGE, "seconds", "mean")
    pairs = measured.in_pairs(a, b)
    small, large = (wording.value_words(e, wording.unit(a)) for e in (pairs.a, pairs.b))
    left_out = f" Left out: {counted(pairs.elsewhere, 'pair')}, measured on other machines." if pairs.elsewhere else ""
    return (
        f"The updates of an epoch take {small} at batch 32 and {large} at batch 10,000. The time at batch 32 is "
        f"{measured.times(a, b)}.{left_out}"
    )


def batch_updates(measured: Measurements) -> str:
    """Updates of an epoch, small batch and large."""
    small, large = (measured.estimate(Q(arm=arm, metric="updates")).value for arm in (SMALL, LARGE))
    return f"An epoch has {small:,.0f} updates at batch 32 and {large:,.0f} at batch 10,000."


def batch_accuracy(measured: Measurements) -> str:
    """Accuracy and loss after the same epochs, small batch and large."""
    e = measured.epochs(SMALL, LARGE)
    loss = measured.moved(
        *pair(LARGE, SMALL, "val_loss", e), "raises the validation loss by", "lowers the validation loss by"
    )
    return (
        f"After {e} epochs batch 32 has {measured.value(SMALL, 'val_accuracy', e)} validation accuracy. Batch 10,000 "
        f"{measured.moved(*pair(LARGE, SMALL, 'val_accuracy', e), *GAINS)}. Batch 10,000 {loss}."
    )


# --------------------------------------------------------------------------------------------------------- batch norm


def norm_accuracy(measured: Measurements) -> str:
    """Accuracy on tiny inputs with batch norm and without."""
    return (
        f"On inputs of at most 0.0001, {measured.epochs(TINY)} epochs without batch norm end at "
        f"{measured.value(TINY, 'val_accuracy')} validation accuracy. Batch norm "
        f"{measured.moved(*pair(NORMED, TINY, 'val_accuracy'), *GAINS)}."
    )


def norm_speed(measured: Measurements) -> str:
    """When 85 % is reached first."""
    return (
        f"Without batch norm validation accuracy {measured.reaches(TINY, 'val_accuracy', 0.85)}. With batch norm it "
        f"{measured.reaches(NORMED, 'val_accuracy', 0.85)}. On ordinary inputs it "
        f"{measured.reaches(REFERENCE, 'val_accuracy', 0.85)}."
    )


def norm_inside(measured: Measurements) -> str:
    """What batch norm changes inside."""
    a = measured.times(Q(arm=NORMED, metric="width", tensor="A1"), Q(arm=TINY, metric="width", tensor="A1"))
    w = measured.times(Q(arm=NORMED, metric="width", tensor="W2"), Q(arm=TINY, metric="width", tensor="W2"))
    return (
        f"Inside, batch norm makes the range of hidden activations {a}. It makes the range of the weights behind them, "
        f"W2, {w}."
    )


def norm_gap(measured: Measurements) -> str:
    """The gap with batch norm."""
    return f"With batch norm the gap ends at {measured.level(NORMED, 'accuracy_gap')}."


def norm_no_bias(measured: Measurements) -> str:
    """Batch norm without biases in the linear layers."""
    e = measured.epochs(NORMED_NO_BIAS, TINY)
    more = measured.moved(*pair(NORMED_NO_BIAS, TINY, "val_accuracy", e), *GAINS)
    return (
        f"Without biases in the linear layers batch norm {more} after {e} epochs. Validation accuracy is then "
        f"{measured.value(NORMED_NO_BIAS, 'val_accuracy', e)}. This arm was added to find the cause: see batch-norm-3."
    )
