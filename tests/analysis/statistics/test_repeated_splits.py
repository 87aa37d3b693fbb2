"""The corrected interval against numbers worked out by hand, and against what it is for: overlapping splits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from analysis.statistics.repeated_splits import corrected_interval


def test_by_hand() -> None:
    # four splits that hold a fifth out: n_val / n_train is 1/4; mean 2, variance 2/3
    found = corrected_interval([1.0, 2.0, 2.0, 3.0], 0.25)
    half = 3.182446305284263 * math.sqrt(0.5 * 2 / 3)
    assert (found.value, found.n) == (2.0, 4)
    assert (found.low, found.high) == pytest.approx((2 - half, 2 + half))
    tight = stats.t.interval(0.95, 3, loc=2, scale=math.sqrt(2 / 3 / 4))
    assert (found.high - found.low) == pytest.approx(math.sqrt(2) * (tight[1] - tight[0]))


def test_one_split_has_no_interval_and_nonsense_is_refused() -> None:
    one = corrected_interval([0.9], 0.1)
    assert one.value == 0.9 and math.isnan(one.low) and math.isnan(one.high)
    for values, quotient in (([], 0.1), ([1.0, math.nan], 0.1), ([1.0, 2.0], 0.0), ([1.0, 2.0], math.inf)):
        with pytest.raises(ValueError, match="expected finite numbers"):
            corrected_interval(values, quotient)


def test_where_splits_share_images_as_it_takes_them_to_it_covers_95_per_cent_and_the_plain_one_does_not() -> None:
    rng = np.random.default_rng(3)
    quotient, splits, n = 0.25, 10, 4000
    shared = quotient / (1 + quotient)  # the correlation of two splits: n_val / (n_val + n_train)
    x = math.sqrt(shared) * rng.normal(size=(n, 1)) + math.sqrt(1 - shared) * rng.normal(size=(n, splits))
    found = [corrected_interval(row.tolist(), quotient) for row in x]
    plain = [stats.t.interval(0.95, splits - 1, loc=row.mean(), scale=stats.sem(row)) for row in x[:1000]]
    assert np.mean([e.low <= 0 <= e.high for e in found]) == pytest.approx(0.95, abs=0.012)
    assert np.mean([low <= 0 <= high for low, high in plain]) < 0.8
