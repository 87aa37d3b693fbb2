"""Where a function crosses 0: the same place as SciPy's, to the last bit."""

import math

import pytest
from scipy import optimize

from analysis.statistics import shares
from analysis.statistics.root import root

TINY = 1e-9


def wealth(hits, seeds, level):
    return lambda s: float(shares.log_wealth(hits, seeds, s)) + math.log(level)


@pytest.mark.parametrize(
    ("f", "low", "high"),
    [
        (lambda x: x * x - 2, 0.0, 2.0),
        (lambda x: x**3 - 1, -1.0, 2.0),
        (lambda x: math.exp(x) - 1e6, -50.0, 50.0),
        (lambda x: math.tanh(40 * (x - 0.3)), 0.0, 1.0),
        (lambda x: -1.0 if x < 0.7 else 1.0, 0.0, 1.0),
        (lambda x: x, 0.0, 1.0),
        (lambda x: x - 1, 0.0, 1.0),
        (wealth(4, 5, 1 / 60), TINY, 0.8),
        (wealth(5, 5, 0.05), TINY, 1 - TINY),
    ],
)
def test_it_is_scipys_brentq_to_the_last_bit(f, low, high):
    assert root(f, low, high) == optimize.brentq(f, low, high)
