"""A number of one trial, from its curves."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analysis.claims.curve_values import curve_value
from study.spec.claims import Quantity

CURVES = {
    "val_accuracy": np.array([0.5, 0.9, 0.6]),
    "val_loss": np.array([2.0, 1.0, math.inf]),
    "updates": np.array([7.0, 7.0, 7.0]),
    "seconds": np.array([1.0, 2.0, 6.0]),
}


def number(metric: str, at: int | str, status: str, epochs: int = 3) -> float:
    return curve_value(CURVES, Quantity(arm="a", metric=metric, at=at), epochs, status)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("metric", "at", "whole", "diverged"),
    [
        ("val_accuracy", "last", 0.6, -math.inf),
        ("val_accuracy", 3, 0.6, -math.inf),
        ("val_accuracy", 2, 0.9, 0.9),
        ("val_accuracy", "mean", 2.0 / 3, -math.inf),
        ("val_accuracy", "fall", -0.1, math.inf),
        ("val_loss", 2, 1.0, 1.0),
        ("val_loss", "last", math.inf, math.inf),
        ("seconds", "mean", 3.0, 3.0),
        ("updates", "last", 7.0, 7.0),
    ],
)
def test_the_epoch_in_which_a_trial_diverged_counts_as_worst(
    metric: str, at: int | str, whole: float, diverged: float
) -> None:
    assert number(metric, at, "finished") == pytest.approx(whole)
    assert number(metric, at, "diverged") == pytest.approx(diverged)


@pytest.mark.parametrize(("metric", "worst"), [("val_loss", -math.inf), ("val_accuracy", math.inf)])
@pytest.mark.parametrize("known", [[], [math.nan], [2.0], [2.0, math.nan]])
def test_what_fell_in_a_trial_that_was_lost_is_worst_whenever_it_was_lost(
    metric: str, worst: float, known: list[float]
) -> None:
    fall = Quantity(arm="a", metric=metric, at="fall")
    assert curve_value({metric: np.array(known)}, fall, 3, "failed") == worst
    assert curve_value({metric: np.array(known)}, fall, 3, "diverged") == worst
