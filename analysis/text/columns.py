"""How many decimals numbers have that stand below each other: one rule for tables, forests and rows.

A column has one number of decimals: one for per cent and points, three for losses, and for anything else as many as
the middle one of its numbers deserves by its interval. It has more where a number that seeds tell from 0 would read
as 0, or where all would and their intervals are narrow enough. Numbers so far apart that no such number of decimals
does for all have none in common.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from statistics import median_high

from analysis.statistics.estimates import Estimate
from analysis.statistics.spread import all_alike, clear
from analysis.text import numbers

DECIMALS_OF_LOSS = 3


def column_decimals(column: Iterable[Estimate], fixed: int | None = None) -> int | None:
    """Return how many decimals numbers of one unit have below each other; None where none does for all.

    >>> one, other = Estimate(-2.5, -2.9, -2.1, 5), Estimate(-2.32, -2.4, -2.24, 5)
    >>> column_decimals([one, other], 1), column_decimals([one, Estimate(0.04, 0.03, 0.05, 5)], 1)
    (1, 2)
    >>> column_decimals([Estimate(0.13, 0.12, 0.14, 5), Estimate(8e-6, 7e-6, 9e-6, 5), Estimate(2e-4, 1e-4, 3e-4, 5)])

    Args:
        column: its numbers, in the unit that is shown.
        fixed: the decimals that its unit always has, at the least.
    """
    known = [e for e in column if math.isfinite(e.value)]
    places = _deserved(known) if fixed is None else fixed
    not_0 = [e.value for e in known if clear(e)]
    for value in not_0:
        places = numbers.places_not_0(value, places)
    places = numbers.places_of_column([(e.value, (e.high - e.low) / 2) for e in known], places)
    return places if fixed is not None or all(round(value, places) for value in not_0) else None


def _deserved(column: list[Estimate]) -> int:
    """What the middle one of these numbers deserves: of those whose seeds differ, where there are any."""
    spread = [e for e in column if not all_alike(e.low, e.high)] or column
    each = [numbers.decimals(e.value, (e.high - e.low) / 2) for e in spread]
    return min(max(0, median_high(each)), numbers.MAX_PLACES) if each else 0


def column_texts(column: Iterable[Estimate | None], fixed: int | None = None, *, two: bool = False) -> list[str]:
    """Write a column, see `column_decimals`; a dash where there is no number.

    `two`: whether the interval of two seeds is their range, which is written in place of a mean.

    >>> column_texts([Estimate(2.25, 2.0, 2.5, 5), Estimate(81.0, 76.0, 86.0, 5), None])
    ['2.25 ± 0.25', '81.00 ± 5.00', '-']
    """
    known = [None if e is None or math.isnan(e.value) else e for e in column]
    places = column_decimals(filter(None, known), fixed)
    return ["-" if e is None else (range_text if two and e.n == 2 else column_text)(e, places) for e in known]


def range_text(e: Estimate, places: int | None) -> str:
    """Write a number of two seeds, whose interval is their range: both ends, or what they have in common.

    >>> range_text(Estimate(91.85, 91.8, 91.9, 2), 1), range_text(Estimate(5.0, 5.0, 5.0, 2), 1)
    ('91.8 to 91.9', 'all 5.0')
    """
    if places is None or all_alike(e.low, e.high) or not math.isfinite(e.high - e.low):
        return column_text(e, places)
    return " to ".join(dict.fromkeys(numbers.in_column(x, places) for x in (e.low, e.high)))


def column_text(e: Estimate, places: int | None) -> str:
    """Write a number of a column with half its interval, or with both ends where it is cut on a side.

    >>> column_text(Estimate(89.2, 88.9, 89.5, 5), 1), column_text(Estimate(99.6, 98.49, 100.0, 5), 1)
    ('89.2 ± 0.3', '99.6 (98.5 to 100.0)')
    >>> column_text(Estimate(99.98, 99.96, 100.0, 5), 1), column_text(Estimate(5.0, math.nan, math.nan, 1), 1)
    ('100.0 ± <0.1', '5.0')
    >>> column_text(Estimate(0.2, 0.1996, 0.2004, 5), None), column_text(Estimate(5.0, 5.0, 5.0, 5), 1)
    ('0.2000 ± 0.0004', 'all 5.0')
    """
    if places is None:
        return numbers.plus_minus(e.value, e.low, e.high)
    places = _short_enough(e, places)
    shown = numbers.in_column(e.value, places)
    ends = numbers.in_column(e.low, places), numbers.in_column(e.high, places)
    if numbers.is_cut(e.value, e.low, e.high) and ends[0] != ends[1]:
        return f"{shown} ({ends[0]} to {ends[1]})"
    return numbers.with_half(shown, (e.high - e.low) / 2, places)


def _short_enough(e: Estimate, places: int) -> int:
    """The decimals of a column; of a number that would have more than five digits, what its interval allows.

    >>> _short_enough(Estimate(89.2, 81.2, 97.2, 5), 1), _short_enough(Estimate(123.456, math.nan, math.nan, 1), 3)
    (1, 0)
    """
    long = math.isfinite(e.value) and abs(e.value) >= 10.0 ** (numbers.MAX_DIGITS - places)
    return min(places, numbers.decimals(e.value, (e.high - e.low) / 2)) if long else places


def scaled(e: Estimate, factor: float) -> Estimate:
    """Return an estimate in the unit that is shown: its numbers times a factor.

    >>> scaled(Estimate(0.5, 0.25, 0.75, 5), 100.0)
    Estimate(value=50.0, low=25.0, high=75.0, n=5, method='')
    """
    return replace(e, value=e.value * factor, low=e.low * factor, high=e.high * factor)
