"""Where metrics end: no accuracy lies above 100 %, no loss below 0. Intervals are cut there.

Student's interval knows nothing of that: with few seeds it reaches beyond what can be.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from analysis.statistics import estimates as stats
from analysis.statistics.estimates import Estimate
from study.spec.claims import Quantity
from trainables.records.metrics import METRICS

Range = tuple[float, float]
ANY_RANGE: Range = (-math.inf, math.inf)
POSITIVE_RANGE: Range = (0.0, math.inf)
CORRELATION_RANGE: Range = (-1.0, 1.0)
RANGES: Mapping[str, Range] = {
    **{m.name: (m.low, m.high) for m in METRICS.values()},
    **{f"{m.name}_best": (m.low, m.high) for m in METRICS.values()},
    "width": POSITIVE_RANGE,
    "std": POSITIVE_RANGE,
    "largest": POSITIVE_RANGE,
    "tail": POSITIVE_RANGE,
    "inner_width": POSITIVE_RANGE,
    "epoch": (1.0, math.inf),
    "best_epoch": (1.0, math.inf),
    "epochs_past_best": POSITIVE_RANGE,
}
"""By metric, in its natural unit: accuracies as shares, losses in nats."""


def of(quantity: Quantity | str) -> Range:
    """Return where a quantity or a metric ends.

    >>> of("val_accuracy"), of(Quantity(arm="a", metric="val_accuracy", at="fall"))
    ((0.0, 1.0), (-1.0, 1.0))
    """
    if isinstance(quantity, str):
        return RANGES[quantity]
    if quantity.reaches is not None:
        return RANGES["epoch"]
    low, high = RANGES[quantity.metric]
    return (low - high, high - low) if quantity.at == "fall" else (low, high)


def difference(quantity: Quantity | str) -> Range:
    """Return where the difference of two of a quantity ends.

    >>> difference("accuracy_gap"), difference("val_loss")
    ((-2.0, 2.0), (-inf, inf))
    """
    low, high = of(quantity)
    return low - high, high - low


def ratio(a: Quantity, b: Quantity) -> Range:
    """Return where one quantity divided by another ends."""
    return POSITIVE_RANGE if of(a)[0] >= 0 and of(b)[0] >= 0 else ANY_RANGE


def cut(estimate: Estimate, within: Range) -> Estimate:
    """The interval without what lies beyond the ends; one that is not known stays so.

    >>> cut(Estimate(0.97, 0.936, 1.004, 3), (0.0, 1.0))
    Estimate(value=0.97, low=0.936, high=1.0, n=3, method='')
    """
    low, high = (min(max(end, within[0]), within[1]) if end == end else end for end in (estimate.low, estimate.high))
    return replace(estimate, low=low, high=high)


def mean(values: Sequence[float], within: Range) -> Estimate:
    """Mean of one value a seed, with Student's interval as far as the metric goes."""
    return cut(stats.mean_interval(values), within)


def crossable(low: float | None, high: float | None, within: Range) -> tuple[float | None, float | None]:
    """The bounds of a claim that a number could lie beyond: not those where its metric ends."""
    return (
        None if low is not None and low <= within[0] else low,
        None if high is not None and high >= within[1] else high,
    )
