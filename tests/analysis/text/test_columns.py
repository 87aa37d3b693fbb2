"""One number of decimals a column: per cent, losses, and numbers of any other unit."""

from __future__ import annotations

import math
import re

import pytest

from analysis.statistics.estimates import Estimate
from analysis.text.columns import column_decimals, column_text, column_texts


def about(value: float, half: float) -> Estimate:
    return Estimate(value, value - half, value + half, 5)


def decimals_in(text: str) -> set[int]:
    return {len(n.partition(".")[2]) for n in re.findall(r"\d+\.?\d*", text)}


@pytest.mark.parametrize(
    ("column", "fixed", "expected"),
    [
        ((about(-2.5, 0.4), about(-2.32, 0.08), about(-8.5, 0.6), about(-0.08, 0.3)), 1, {1}),
        ((about(2.0, 15.0), about(1.961, 0.024)), 1, {1}),  # it was "+2" beside "+1.961 (1.937 to 1.985)"
        ((about(72.0, 1.0), about(0.04, 0.01)), 1, {2}),  # 0.04 is not 0, and seeds tell so
        ((about(72.0, 1.0), about(0.04, 0.5)), 1, {1}),  # and here they do not
        ((about(0.02, 0.03), about(-0.04, 0.05), about(0.0, 0.02)), 1, {2}),  # every number would read as 0.0
        ((about(0.02, 0.03), about(-0.04, 1.5)), 1, {1}),  # but no digit more than the seeds tell
        ((about(0.02, 0.03), about(-0.3, 0.2)), 1, {1}),
        ((about(0.00012, 0.00004), about(-0.0001, 0.0002)), 3, {4}),
        ((about(81.0, 5.0), about(2.5, 0.05), about(0.1843, 0.0025), about(8.7, 0.9)), None, {2}),
        ((about(65.0, 23.0), about(82.0, 19.0), about(26.0, 4.0), about(28.2, 1.6)), None, {0}),
        ((about(0.436, 0.01), about(28.0, 18.0)), 3, {3}),
    ],
)
def test_a_column_has_one_number_of_decimals(
    column: tuple[Estimate, ...], fixed: int | None, expected: set[int]
) -> None:
    texts = column_texts([*column, None], fixed)
    assert texts.pop() == "-"
    assert set.union(*map(decimals_in, texts)) == expected, texts


def test_numbers_that_are_too_far_apart_have_none_in_common_and_none_reads_as_0() -> None:
    """How wide the middle half of the weights is, under each penalty."""
    texts = column_texts([about(0.1346, 0.0024), about(0.000185, 5e-6), about(7.6e-6, 1.6e-6), about(0.00034, 4e-5)])
    assert texts == ["0.1346 ± 0.0024", "0.000185 ± 0.000005", "0.0000076 ± 0.0000016", "0.00034 ± 0.00004"]


def test_what_is_the_same_in_all_seeds_asks_for_no_decimals_of_its_own() -> None:
    same = Estimate(0.0, 0.0, 0.0, 5)
    assert column_decimals([same, about(0.13, 0.04), about(0.28, 0.05)]) == 2
    assert column_text(same, 2) == "all 0.00" and column_decimals([same]) == 0 and column_decimals([]) == 0


def test_a_column_keeps_its_decimals_but_for_a_number_that_would_have_more_than_five_digits() -> None:
    """It was "641345.270 ± 77172.815"."""
    assert column_texts([about(641345.27, 77172.8), about(1.733, 0.157)], 3) == ["640000 ± 80000", "1.733 ± 0.157"]
    assert column_texts([Estimate(123.456, math.nan, math.nan, 1)], 3) == ["123"]
