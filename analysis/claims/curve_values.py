"""A claim's `Quantity` of one trial, from its curves."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np

from study.spec.claims import Quantity
from trainables.config.errors import BadInput
from trainables.records.metrics import METRICS, TIMES
from trainables.records.tensor_summary import QUANTILES


def curve_value(curves: Mapping[str, np.ndarray], quantity: Quantity, epochs: int, status: str) -> float:
    """One trial's number.

    From the epoch on in which it diverged it is the metric's worst, also where that epoch has an accuracy: weights
    that are no numbers name some class too.
    """
    known = curves.get(quantity.metric, np.empty(0))
    worst = METRICS[quantity.metric].worst
    if status == "diverged" and quantity.metric not in TIMES and not math.isnan(worst):
        curves = {name: of[:-1] for name, of in curves.items()}
        known = curves.get(quantity.metric, known)
    curve = _filled(known, epochs, worst)
    if quantity.metric in TIMES:  # what was not run took no time
        curve = curve[: len(known)]
    if not len(curve):
        return math.nan
    if quantity.reaches is not None:
        hit = curve >= quantity.reaches if METRICS[quantity.metric].direction == "higher" else curve <= quantity.reaches
        return float(np.argmax(hit) + 1) if hit.any() else float(epochs + 1)
    match quantity.at:
        case "last":
            return float(curve[-1])
        case "best":
            return float(curve[int(np.argmax(_filled(curves.get("val_accuracy", known), epochs, -math.inf)))])
        case "max":
            return float(curve.max())
        case "min":
            return float(curve.min())
        case "mean":
            return float(curve.mean())
        case "fall":
            # of a trial lost in its first epoch, both ends are
            return -worst if curve[0] == curve[-1] == worst else float(curve[0] - curve[-1])
        case int(place):
            return float(curve[place - 1]) if place <= len(curve) else math.nan
    raise AssertionError(quantity.at)


def _filled(known: np.ndarray, epochs: int, worst: float) -> np.ndarray:
    curve = np.full(epochs, worst)
    curve[: len(known)] = np.where(np.isfinite(known), known, worst)
    return curve


def tensor_metric(metric: str, quantiles: Iterable[float], std: float) -> float:
    """A statistic of one tensor from its summary.

    >>> tensor_metric("largest", (-3.0, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 2.5), 1.0)
    3.0
    """
    q = dict(zip(QUANTILES, quantiles, strict=True))
    largest = max(abs(q[0.0]), abs(q[1.0]))
    match metric:
        case "width":
            return q[1.0] - q[0.0]
        case "std":
            return float(std)
        case "largest":
            return largest
        case "tail":
            return largest / std if std else math.nan
        case "inner_width":
            return q[0.999] - q[0.001]
    raise BadInput("metric", metric, "it is not a statistic of a tensor")
