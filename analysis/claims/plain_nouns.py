"""The nouns of a finding: what a metric, a tensor, a place on a curve and a level are called in a plain sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from analysis.claims.arm_words import ArmWords
from analysis.text import numbers
from analysis.text import phrases as wording
from study.spec.claims import Quantity
from trainables.records.metrics import METRICS

TENSORS: Mapping[str, str] = {
    "W": "the weights", "b": "the biases", "A": "the activations", "Z": "the sums", "gamma": "the scales",
    "beta": "the shifts",
}  # fmt: skip
OF_A_TENSOR: Mapping[str, str] = {
    "width": "range of {}",
    "std": "standard deviation of {}",
    "largest": "largest absolute value of {}",
    "tail": "largest absolute value of {} in standard deviations",
    "inner_width": "range of the middle 99.8 % of {}",
}
GAPS: Mapping[str, str] = {"accuracy_gap": "gap", "loss_gap": "gap in loss"}
"""Shorter than their labels."""
ENDS: Mapping[str, str] = {"max": "highest {}", "min": "lowest {}", "mean": "mean {}"}


class Size(NamedTuple):
    """How sizes of one kind are compared."""

    much: str
    more: str
    less: str


SIZES: Mapping[str, Size] = {
    "width": Size("wide", "wider", "narrower"),
    "inner_width": Size("wide", "wider", "narrower"),
    "seconds": Size("long", "longer", "shorter"),
    "eval_seconds": Size("long", "longer", "shorter"),
}
SIZE, HEIGHT = Size("large", "larger", "smaller"), Size("high", "higher", "lower")
TIMES: Mapping[str, str] = {"seconds": "An epoch", "eval_seconds": "Measuring an epoch"}


def size(q: Quantity) -> Size:
    """How two of a quantity are compared."""
    return SIZES.get(q.metric, HEIGHT if rises(q) else SIZE)


def rises(q: Quantity) -> bool:
    """Whether it is an accuracy or a loss, which an arm is above or below another in."""
    return q.metric.endswith(("accuracy", "loss", "loss_eval"))


def subject(q: Quantity, of: str = "") -> str:
    """A quantity with its verb, at the head of a sentence; `of`: with its arm.

    >>> subject(Quantity(arm="a", metric="seconds", at="mean")), subject(Quantity(arm="a", metric="lr"), "dropout")
    ('An epoch is', 'The learning rate of dropout is')
    """
    name = TIMES.get(q.metric) or f"The {noun(q)}"
    return f"{name} of {of} is" if of else f"{name} is"


def tensor(q: Quantity) -> str:
    """Which tensor it is.

    >>> tensor(Quantity(arm="a", metric="width", tensor="b2"))
    'the biases b2'
    """
    name = q.tensor or ""
    return f"{TENSORS.get(name.rstrip('0123456789'), '')} {name}".strip()


def noun(q: Quantity) -> str:
    """A quantity without arm and place.

    >>> noun(Quantity(arm="a", metric="width", tensor="W1")), noun(Quantity(arm="a", metric="val_loss", at="min"))
    ('range of the weights W1', 'lowest validation loss')
    """
    if q.tensor:
        return OF_A_TENSOR[q.metric].format(tensor(q))
    name = GAPS.get(q.metric, wording.LABELS[q.metric])
    return ENDS.get(str(q.at), "{}").format(name)


def a(words: str) -> str:
    """With the article that fits.

    >>> a("training loss"), a("accuracy")
    ('a training loss', 'an accuracy')
    """
    return f"{'an' if words[:1] in 'aeio' else 'a'} {words}"


def after(n: int | None) -> str:
    """A place on a curve: " after 10 epochs"."""
    return "" if n is None else f" after {numbers.counted(n, 'epoch')}"


def place(q: Quantity, words: ArmWords) -> str:
    """Where on its curve a quantity is."""
    if q.metric in TIMES and q.at == "mean":
        return ""
    if q.at in ("best", "mean", "fall"):
        return {"best": " at its best epoch", "mean": " over its epochs"}.get(str(q.at), " from first to last epoch")
    return after(words.epoch(q))


def level(q: Quantity) -> str:
    """What is reached: "85 % validation accuracy", "a validation loss of 0.3 nats"."""
    assert q.reaches is not None
    metric, label = METRICS[q.metric], wording.LABELS[q.metric]
    number = f"{numbers.plain(q.reaches * metric.scale)} {metric.unit}".strip()
    return f"{number} {label}" if metric.unit == "%" else f"{a(label)} of {number}"
