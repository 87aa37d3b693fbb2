"""The nouns of a finding: what a metric, a tensor, a place on a curve and a level are called in a plain sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from analysis.claims.arm_words import ArmWords
from analysis.text import numbers
from analysis.text import phrases as wording
from study.spec.claims import Quantity
from trainables.config.plurals import counted
from trainables.records.metrics import METRICS

ONE: Mapping[str, str] = {"W": "weight", "b": "bias", "A": "activation", "Z": "sum", "gamma": "scale", "beta": "shift"}
"""One value of a tensor."""
OF_ONE = frozenset({"largest", "tail"})
"""What is of one value, and not of all."""
TENSORS: Mapping[str, str] = {
    "W": "the weights", "b": "the biases", "A": "the activations", "Z": "the sums", "gamma": "the scales",
    "beta": "the shifts",
}  # fmt: skip
OF_A_TENSOR: Mapping[str, str] = {
    "width": "range of {}",
    "std": "standard deviation of {}",
    "largest": "largest absolute {}",
    "tail": "largest absolute {} in standard deviations",
    "inner_width": "range of the middle 99.8 % of {}",
}
GAPS: Mapping[str, str] = {
    "accuracy_gap": "gap",
    "loss_gap": "gap in loss",
    "test_accuracy_gap": "gap to the test part",
    "test_loss_gap": "gap in loss to the test part",
}
"""Shorter than their labels."""
ENDS: Mapping[str, str] = {"max": "highest {}", "min": "lowest {}", "mean": "mean {}"}


class SizeWords(NamedTuple):
    """How sizes of one kind are compared."""

    much: str
    more: str
    less: str


SIZES: Mapping[str, SizeWords] = {
    "width": SizeWords("wide", "wider", "narrower"),
    "inner_width": SizeWords("wide", "wider", "narrower"),
    "seconds": SizeWords("long", "longer", "shorter"),
    "eval_seconds": SizeWords("long", "longer", "shorter"),
}
SIZE, HEIGHT = SizeWords("large", "larger", "smaller"), SizeWords("high", "higher", "lower")
COUNTS: Mapping[str, str] = {"updates": "number of updates per epoch"}
TIMES: Mapping[str, str] = {"seconds": "An epoch", "eval_seconds": "Measuring an epoch"}
LONGEST: Mapping[str, str] = {"max": "The longest", "min": "The shortest"}
LONGEST_OF: Mapping[str, str] = {"seconds": "epoch", "eval_seconds": "measuring of an epoch"}
TIME_NOUNS: Mapping[str, str] = {"seconds": "time per epoch", "eval_seconds": "time to measure an epoch"}
"""What of a time falls or rises."""


def size(quantity: Quantity) -> SizeWords:
    """How two of a quantity are compared."""
    if quantity.at == "fall":
        return SIZE
    return SIZES.get(quantity.metric, HEIGHT if rises(quantity) else SIZE)


def rises(quantity: Quantity) -> bool:
    """Whether it is an accuracy or a loss, which an arm is above or below another in."""
    return quantity.metric.endswith(("accuracy", "loss", "loss_eval"))


def time(quantity: Quantity) -> str:
    """Of a measured time, which one: "An epoch", "The longest epoch"; empty of any other quantity.

    >>> [time(Quantity(arm="a", metric="seconds", at=at)) for at in ("mean", "max", "fall")]
    ['An epoch', 'The longest epoch', '']
    """
    if quantity.metric not in TIMES or quantity.at == "fall":
        return ""
    longest = LONGEST.get(str(quantity.at))
    return f"{longest} {LONGEST_OF[quantity.metric]}" if longest else TIMES[quantity.metric]


def of_fall(quantity: Quantity) -> str:
    """What falls, or rises: a metric without arm and place."""
    name = GAPS.get(quantity.metric) or COUNTS.get(quantity.metric) or TIME_NOUNS.get(quantity.metric)
    return name or wording.LABELS[quantity.metric]


def subject(quantity: Quantity, of: str = "") -> str:
    """A quantity with its verb, at the head of a sentence; `of`: with its arm.

    >>> subject(Quantity(arm="a", metric="seconds", at="mean")), subject(Quantity(arm="a", metric="lr"), "dropout")
    ('An epoch is', 'The learning rate of dropout is')
    """
    name = time(quantity) or f"The {noun(quantity)}"
    return f"{name} of {of} is" if of else f"{name} is"


def tensor(quantity: Quantity) -> str:
    """Which tensor it is.

    >>> tensor(Quantity(arm="a", metric="width", tensor="b2"))
    'the biases b2'
    """
    name = quantity.tensor or ""
    return f"{TENSORS.get(name.rstrip('0123456789'), '')} {name}".strip()


def one_of(quantity: Quantity) -> str:
    """One value of a tensor.

    >>> one_of(Quantity(arm="a", metric="largest", tensor="W1"))
    'weight W1'
    """
    name = quantity.tensor or ""
    return f"{ONE.get(name.rstrip('0123456789'), 'value of')} {name}"


def noun(quantity: Quantity) -> str:
    """A quantity without arm and place.

    >>> noun(Quantity(arm="a", metric="width", tensor="W1")), noun(Quantity(arm="a", metric="val_loss", at="min"))
    ('range of the weights W1', 'lowest validation loss')
    >>> noun(Quantity(arm="a", metric="updates")), noun(Quantity(arm="a", metric="loss_gap", at="fall"))
    ('number of updates per epoch', 'fall of the gap in loss')
    """
    if quantity.tensor:
        named = one_of(quantity) if quantity.metric in OF_ONE else tensor(quantity)
        return OF_A_TENSOR[quantity.metric].format(named)
    if quantity.at == "fall":
        return f"fall of the {of_fall(quantity)}"
    name = GAPS.get(quantity.metric) or COUNTS.get(quantity.metric, wording.LABELS[quantity.metric])
    return ENDS.get(str(quantity.at), "{}").format(name)


def with_article(words: str) -> str:
    """Put the article before words that fits them.

    >>> with_article("training loss"), with_article("accuracy")
    ('a training loss', 'an accuracy')
    """
    return f"{'an' if words[:1] in 'aeio' else 'a'} {words}"


def after_epochs(epoch: int | None) -> str:
    """A place on a curve: " after 10 epochs"."""
    return "" if epoch is None else f" after {counted(epoch, 'epoch')}"


def place(quantity: Quantity, words: ArmWords) -> str:
    """Where on its curve a quantity is."""
    if quantity.metric in TIMES and quantity.at == "mean":
        return ""
    if quantity.at in ("best", "mean", "fall"):
        return {"best": " at its best epoch", "mean": " over its epochs"}.get(
            str(quantity.at), " from first to last epoch"
        )
    return after_epochs(words.epoch(quantity))


def level(quantity: Quantity) -> str:
    """What is reached: "85 % validation accuracy", "a validation loss of 0.3 nats"."""
    assert quantity.reaches is not None
    metric, label = METRICS[quantity.metric], wording.LABELS[quantity.metric]
    number = f"{numbers.plain_number(quantity.reaches * metric.scale)} {metric.unit}".strip()
    return f"{number} {label}" if metric.unit == "%" else f"{with_article(label)} of {number}"


MOST_WORDS = 20
"""Of a sentence; one that is longer leaves out the baseline, which every change is against."""
WORDS_OF_INTERVAL = 4
"""What a number and its interval add to a template: "3.0 points (2.5 to 3.5)" for "{n}"."""


def too_long(template: str) -> bool:
    """Whether a sentence has too many words once its number stands in it.

    >>> too_long("dropout cuts the gap by {n}"), too_long("a b c d e f g h i j k l m n o p {n}")
    (False, True)
    """
    return len(template.split()) + WORDS_OF_INTERVAL * ("{n}" in template) > MOST_WORDS


def rest_of_name(name: str, other: str) -> str:
    """What tells a name from one that begins alike and goes on with a number: "at 0.1"; empty where nothing does.

    >>> rest_of_name("Adam at 0.1", "Adam at 0.001"), rest_of_name("Adam at 0.1", "SGD at 0.1")
    ('at 0.1', '')
    """
    (head, at, rest), (same, _, _) = name.rpartition(" at "), other.rpartition(" at ")
    return f"at {rest}" if at and head == same and " " not in rest else ""
