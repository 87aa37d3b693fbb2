"""The interval of a mean over repeated splits into training and validation images, corrected for what these share.

Nadeau and Bengio, Inference for the generalization error, Machine Learning 52 (2003), 239-281. Splits of the same
images overlap, so their numbers are not independent, and the plain interval is too narrow. The correction takes the
correlation of two splits to be n_val / (n_val + n_train). That is a guess that was found to do well, and no more: no
estimate of that variance is unbiased (Bengio and Grandvalet, 2004). So it is for tables, and no verdict rests on it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from analysis.statistics.estimates import CONFIDENCE_LEVEL, Estimate
from analysis.statistics.students_t import half_width


def corrected_interval(values: Sequence[float], val_per_train: float, level: float = CONFIDENCE_LEVEL) -> Estimate:
    """Mean of one value a split, with Student's interval whose variance is (1/J + n_val/n_train) times that of splits.

    Args:
        values: a finite number a split, J of them; the interval has J - 1 degrees of freedom.
        val_per_train: validation images for each training image, n_val / n_train.
        level: of the interval.

    Raises:
        ValueError: no value, one that is not finite, or a quotient that is not above 0.

    >>> e = corrected_interval([0.80, 0.82, 0.84], 0.25)
    >>> e.value, round(e.low, 4), round(e.high, 4), e.n
    (0.82, 0.7543, 0.8857, 3)
    """
    x = np.asarray(values, np.float64)
    if not len(x) or not np.isfinite(x).all() or not 0 < val_per_train < math.inf:
        raise ValueError(f"expected finite numbers and a quotient above 0, not {list(values)} and {val_per_train}")
    mean, n = float(x.mean()), len(x)
    if n == 1:
        return Estimate(mean, math.nan, math.nan, 1, "corrected t")
    plain = float(half_width(x.std(ddof=1), n, (1 + level) / 2))
    half = plain * math.sqrt(1 + n * val_per_train)  # (1/n + q) s^2 = (1 + n q) s^2 / n
    return Estimate(mean, mean - half, mean + half, n, "corrected t")
