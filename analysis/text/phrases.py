"""Quantities, bounds and numbers of claims in words.

Digits follow `analysis.text.numbers`; nothing is computed here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from analysis.statistics.estimates import Estimate
from analysis.text import numbers
from study.spec.claims import Quantity
from trainables.records.metrics import METRICS

LABELS = {
    **{m.name: m.label for m in METRICS.values()},
    "width": "range",
    "std": "standard deviation",
    "largest": "largest absolute value",
    "tail": "largest absolute value in standard deviations",
    "inner_width": "range of the middle 99.8 %",
}
PLACES = {"max": "the largest {} of {}", "min": "the smallest {} of {}", "mean": "the mean {} of {} over its epochs"}


@dataclass(frozen=True)
class Unit:
    """How numbers of one kind are shown: multiplied, then followed by a word."""

    scale: float = 1.0
    word: str = ""


SHARE = Unit(100.0, "% of seeds")
"""Of a share of seeds for which something holds."""


def unit(quantity: Quantity, *, difference: bool = False, ratio: bool = False) -> Unit:
    """The unit of a quantity, of a difference of two, or of a ratio."""
    if ratio:
        return Unit(1.0, "times")
    if quantity.reaches is not None:
        return Unit(1.0, "epochs" if difference else "")
    metric = METRICS.get(quantity.metric)
    if metric is None:  # a statistic of a tensor
        return Unit()
    return Unit(metric.scale, metric.difference_unit if difference else metric.unit)


def quantity_words(quantity: Quantity, epoch: int | None = None) -> str:
    """A quantity as a noun.

    >>> quantity_words(Quantity(arm="scaled", metric="val_accuracy", at=5))
    'validation accuracy of scaled at epoch 5'
    >>> quantity_words(Quantity(arm="adam", metric="val_accuracy", reaches=0.85))
    'first epoch of adam with validation accuracy of at least 85 %'
    """
    metric, arm = LABELS[quantity.metric], quantity.arm
    if quantity.reaches is not None:
        how = "at least" if METRICS[quantity.metric].direction == "higher" else "at most"
        kind = unit(Quantity(arm=arm, metric=quantity.metric))
        level = f"{numbers.plain(quantity.reaches * kind.scale)} {kind.word}".strip()
        return f"first epoch of {arm} with {metric} of {how} {level}"
    if quantity.tensor:
        metric = f"{metric} of {quantity.tensor}"
    place = epoch if quantity.at == "last" and epoch else quantity.at
    if isinstance(place, int):
        return f"{metric} of {arm} at epoch {place}"
    if place in PLACES:
        return PLACES[place].format(metric, arm)
    if place == "fall":
        return f"fall of the {metric} of {arm} from its first to its last epoch"
    return f"{metric} of {arm} at its {place} epoch"


def bounds_words(low: float | None, high: float | None, kind: Unit) -> str:
    """What is claimed of a number.

    >>> bounds_words(0.83, 0.87, Unit(100.0, "%")), bounds_words(0.0, None, Unit(100.0, "points"))
    ('83 to 87 %', 'above 0 points')
    """
    shown = [None if b is None else numbers.plain(b * kind.scale) for b in (low, high)]
    if low is not None and high is not None:
        return f"{shown[0]} to {shown[1]} {kind.word}".strip()
    text = f"above {shown[0]}" if low is not None else f"below {shown[1]}" if high is not None else "anything"
    return f"{text} {kind.word}".strip()


def estimate_words(estimate: Estimate, kind: Unit) -> str:
    """An estimate with its interval, unit and number of seeds.

    >>> estimate_words(Estimate(0.8532, 0.8461, 0.8603, 5), Unit(100.0, "%"))
    '85.3 % (95 % interval 84.6 to 86.0, 5 seeds)'
    """
    if kind == SHARE:
        hits = f"holds in {round(estimate.value * estimate.n)} of {estimate.n} seeds"
        return f"{hits} (95 % interval of the share {100 * estimate.low:.0f} to {100 * estimate.high:.0f} %)"
    value, low, high = (x * kind.scale for x in (estimate.value, estimate.low, estimate.high))
    places = numbers.decimals(value, (high - low) / 2)
    shown = f"{numbers.written(value, places)} {kind.word}".strip()
    seeds = f"{estimate.n} seed{'s' if estimate.n != 1 else ''}"
    if not (math.isfinite(low) and math.isfinite(high)):
        return f"{shown} (no interval, {seeds})"
    return f"{shown} (95 % interval {numbers.written(low, places)} to {numbers.written(high, places)}, {seeds})"
