"""Student's t interval and Fieller's, against SciPy's and by their definition; nobody else asks for quantiles of t."""

from __future__ import annotations

import re

import numpy as np
import pytest
from scipy import stats

from analysis.statistics.students_t import fieller, half_width
from tests.test_architecture import PACKAGES, ROOT


@pytest.mark.parametrize("n", [2, 3, 5, 40])
def test_half_an_interval_is_that_of_scipy_from_either_end(n: int) -> None:
    x = np.random.default_rng(n).normal(size=n)
    low, high = stats.t.interval(0.95, n - 1, loc=x.mean(), scale=stats.sem(x))
    assert half_width(x.std(ddof=1), n) == pytest.approx((high - low) / 2)
    assert half_width(x.std(ddof=1), n, 0.025) == pytest.approx((high - low) / 2)
    assert half_width(1.0, n, 1e-12) == pytest.approx(stats.t.isf(1e-12, n - 1) / np.sqrt(n))


def test_it_takes_arrays() -> None:
    found = half_width(np.array([1.0, 2.0]), np.array([3, 5]))
    assert found.tolist() == [half_width(1.0, 3), half_width(2.0, 5)]


def test_at_both_ends_of_fieller_the_interval_of_the_differences_ends_at_nothing() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(3, 0.1, 6), rng.normal(2, 0.1, 6)
    for r in fieller(a, b, 0.975) or ():
        apart = a - r * b
        assert abs(apart.mean()) == pytest.approx(half_width(apart.std(ddof=1), 6))
    assert fieller(a, rng.normal(0, 1, 6), 0.975) is None


def test_there_is_one_place_for_quantiles_of_t() -> None:
    asks = re.compile(r"stdtrit|\bt\.(ppf|isf|interval)\b|\b(1\.96|2\.776)\b")
    files = [p for package in (*PACKAGES, "benchmarks") for p in (ROOT / package).rglob("*.py")]
    places = {str(p.relative_to(ROOT)) for p in files if asks.search(p.read_text())}
    study_of_rules = {"benchmarks/verdict_rules.py", "benchmarks/t_boundary.py"}  # rules compared, tables made
    assert places - study_of_rules == {"analysis/statistics/students_t.py"}
