"""One-sided p values: the sign-flip test."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings

from analysis.statistics.p_values import SAMPLES, sign_flip_p
from tests.analysis.statistics.test_estimates import NUMBERS


def test_sign_flip_by_hand():
    # of the 8 flips of 1, 2, 3 only one sums to 6, and two to 6 or -6
    assert sign_flip_p([1, 2, 3], "above") == 1 / 8
    assert sign_flip_p([1, 2, 3], "below") == 1
    assert sign_flip_p([1, 2, 3]) == 2 / 8
    # 3, -1, 2: sums 4, 6, 0, -2 and their opposites; at least 4: 4 and 6
    assert sign_flip_p([3, -1, 2], "above") == 2 / 8
    assert sign_flip_p([0.0, 0.0]) == 1.0


def test_sign_flip_counts_sums_that_are_equal_but_for_rounding():
    assert sign_flip_p([0.1, 0.2, 0.3, -0.6], "above") == pytest.approx(sum(s >= 0 for s in _sums()) / 16)


def _sums() -> list[int]:
    return [a + 2 * b + 3 * c + 6 * d for a in (1, -1) for b in (1, -1) for c in (1, -1) for d in (1, -1)]


def test_sign_flip_of_many_seeds_is_sampled_and_seeded():
    x = [*np.linspace(-1, 1.5, 17)]
    p = sign_flip_p(x, "above", rng_seed=1)
    assert p == sign_flip_p(x, "above", rng_seed=1)
    sums = np.zeros(1)
    for v in x:
        sums = np.concatenate([sums + v, sums - v])
    exact = float(np.mean(sums >= sum(x) - 1e-9))
    assert p == pytest.approx(exact, abs=4 * math.sqrt(exact * (1 - exact) / SAMPLES))


@pytest.mark.parametrize("n", [5, 8])
def test_false_positives_of_the_sign_flip_test(n: int):
    x = np.random.default_rng(n).standard_t(3, size=(3000, n))
    ps = np.array([sign_flip_p(row, "above") for row in x.tolist()])
    for level in (1 / 2**n, 0.05, 0.2):
        assert np.mean(ps <= level) <= level + 3.3 * math.sqrt(level * (1 - level) / 3000)
    assert ps.min() == 1 / 2**n


@settings(max_examples=50)
@given(NUMBERS)
def test_one_sided_p_values_mirror(values: list[float]):
    assert sign_flip_p(values, "above") == sign_flip_p([-v for v in values], "below")
    assert 2.0 ** -len(values) <= sign_flip_p(values, "above") <= 1
