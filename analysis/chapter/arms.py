"""The chapter's arms by short names, and two of them asked for the same quantity."""

from __future__ import annotations

from study.spec.claims import CurvePlace, Quantity

RAW, SCALED = "scaling/unscaled", "scaling/scaled"
RAW_ADAM, SCALED_ADAM, RAW_SLOW = (
    "learning-rate-unscaled/lr-0.001",
    "learning-rate/lr-0.001",
    "learning-rate-unscaled/lr-0.00001",
)
DARK, LIGHT = "inverted/dark-background", "inverted/light-background"
SMALL, LARGE = "batch-size/batch-32", "batch-size/batch-10000"
TINY, NORMED, REFERENCE = "batch-norm/tiny", "batch-norm/tiny-batch-norm", "batch-norm/reference"
NORMED_NO_BIAS = "batch-norm/tiny-batch-norm-no-bias"
PLAIN = "annealing/constant"
NONE, L1, NORM, SQUARED = (f"regularization/{a}" for a in ("none", "l1", "l2-norm", "l2-squared"))
KEPT, DROPPED = "dropout/none", "dropout/dropout-0.25"


def pair(a: str, b: str, metric: str, at: CurvePlace = "last") -> tuple[Quantity, Quantity]:
    """The same quantity of two arms."""
    return Quantity(arm=a, metric=metric, at=at), Quantity(arm=b, metric=metric, at=at)
