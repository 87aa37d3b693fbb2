"""Numbers as they are written for people."""

from __future__ import annotations

import math

import pytest

from analysis.text import numbers


@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        (0.853219, 0.846, 0.860, "0.853 ± 0.007"),
        (0.853219, 0.840, 0.866, "0.853 ± 0.013"),
        (0.853219, 0.824, 0.882, "0.853 ± 0.029"),
        (0.853219, 0.816, 0.890, "0.85 ± 0.04"),
        (123.4, 66.0, 180.0, "120 ± 60"),
        (99.96, 98.99, 100.93, "100.0 ± 1.0"),
        (0.0, -0.05, 0.05, "0.00 ± 0.05"),
        (5.0, 5.0, 5.0, "all 5"),
        (1 / 3, 1 / 3, 1 / 3, "all 0.3333"),
        (1 / 3, 1 / 3 - 1e-12, 1 / 3 + 1e-12, "0.33333 ± <0.00001"),
        (1 / 3, math.nan, math.nan, "0.333"),
        (math.nan, math.nan, math.nan, "-"),
        (457e6, 434e6, 480e6, "4.57e08 ± 2.3e07"),  # it was "457000000 ± 2.26e07"
        (2e6, 1.97e6, 2.03e6, "2.00e06 ± 3e04"),
        (4.51e17, math.nan, math.nan, "4.51e17"),
    ],
)
def test_as_many_digits_as_the_interval_allows(value, low, high, expected):
    assert numbers.plus_minus(value, low, high) == expected


def test_infinite_and_negative_zero():
    assert numbers.written(math.inf, 2) == "infinite"
    assert numbers.written(-0.0004, 2) == "0.00"
    assert numbers.with_interval(0.5, 0.4, 0.6, percent=True) == "50 (40 to 60)"


@pytest.mark.parametrize(("places", "said"), [(5, "120 ± <0.00001"), (0, "120 ± <1"), (-1, "120 ± <10")])
def test_half_an_interval_below_the_last_digit_has_plain_digits(places: int, said: str) -> None:
    assert numbers.with_half("120", 1e-6, places) == said


@pytest.mark.parametrize(
    "value", [0.0, 1.0, 2.5, 3.0, 0.1 + 0.2, 1e-7, 123456.7, 0.62297, 72.0, 100.0, -2.5, 1 / 3, 5e-5]
)
@pytest.mark.parametrize("half", [math.nan, 0.0, 1e-17, 1e-14])
def test_a_number_without_an_interval_has_no_digits_that_are_not_its_own(value: float, half: float) -> None:
    """All seeds were 2.5, which was written "2.5000 (all alike)", and three epochs of one seed "3.00"."""
    half *= abs(value) if half else 1.0
    said = numbers.with_interval(value, value - half, value + half).partition(" ")[0]
    assert not ("." in said and said.endswith("0")) or abs(float(said) - value) > 1e-9 * abs(value)
    assert float(said) == pytest.approx(value, rel=6e-3), "and it has three significant ones"
    assert sum(c.isdigit() for c in said.lstrip("-0.").replace(".", "").rstrip("0")) <= 4


def test_a_number_that_does_not_show_within_four_decimals_has_those_of_its_interval() -> None:
    assert numbers.places_not_0(1e-7, 1) == 1, 'not "0.0000 (-0.3 to 0.3)"'
