"""Student's t interval of a mean, and Fieller's of a ratio: the one place that asks for t's quantiles.

`p` is the chance below an end of the interval, whichever end is known more exactly: 0.975, or a tail of 1e-9.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

UPPER_QUANTILE = 0.975
"""Of a 95 % interval."""


def half_width(std: Any, n: Any, p: float = UPPER_QUANTILE) -> Any:
    """Half the interval of the mean of n values with that standard deviation; numbers or arrays, n from 2.

    >>> round(float(half_width(1.0, 3)), 3)
    2.484
    """
    return abs(quantile(n - 1, p)) * std / np.sqrt(n)


def quantile(freedom: Any, p: Any) -> Any:
    """The t below which a share p lies; numbers or arrays.

    >>> round(float(quantile(4, 0.975)), 3)
    2.776
    """
    return special.stdtrit(freedom, p)


def fieller(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64], p: float) -> tuple[float, float] | None:
    """Every r for which the t interval of a - r b holds 0, a and b in pairs; None where b's mean may be 0."""
    mean_a, mean_b = float(a.mean()), float(b.mean())
    factor = float(quantile(len(a) - 1, p)) ** 2 / len(a)
    (va, vab), (_, vb) = np.cov(a, b)
    square, cross, other = mean_b**2 - factor * vb, mean_a * mean_b - factor * vab, mean_a**2 - factor * va
    if square <= 0:
        return None
    root = math.sqrt(max(cross * cross - square * other, 0.0))
    return float((cross - root) / square), float((cross + root) / square)
