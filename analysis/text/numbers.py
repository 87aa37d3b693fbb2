"""How numbers are written: as many digits as the interval allows. The one rule for tables, sentences and figures.

The half-width of the interval keeps one significant digit, or two where it begins with 1 or 2; the estimate and the
ends stop at the same place, and at five significant digits however narrow the interval is. Without an interval: three
significant digits; where all numbers are one: four; and none that the number does not have (2.5, not 2.500). Accuracies
are written in percent, their differences in points.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from analysis.statistics.spread import ALIKE_TOLERANCE, all_alike
from trainables.config.plurals import counted
from trainables.records.metrics import METRICS

if TYPE_CHECKING:
    from study.spec.point import Point

MAX_DIGITS = 5
"""Significant digits at most."""
MAX_PLAIN_NUMBER, MIN_PLAIN_NUMBER = 1e15, 1e-9
"""From the first on, and below the second, a number is written with an exponent: nobody counts its digits."""
MAX_COLUMN_NUMBER = 1e6
"""From here on a number of a column is written with an exponent."""
ACCURACIES = frozenset(m.name for m in METRICS.values() if m.scale != 1.0)
"""Metrics that are recorded as shares and written in percent or points."""


def counted_range(counts: Iterable[int], one: str) -> str:
    """Write the least and the greatest of some numbers, and their noun.

    >>> counted_range([10, 5, 7], "seed"), counted_range([5, 5], "seed"), counted_range([], "seed")
    ('5 to 10 seeds', '5 seeds', '0 seeds')
    """
    found = sorted(set(counts)) or [0]
    return counted(found[0], one) if len(found) == 1 else f"{found[0]:,} to {counted(found[-1], one)}"


DECIMALS_OF_PERCENT = 1
"""Of per cent and of points, in a column and in a sentence; more where that would read as 0."""
MAX_PLACES = 4
"""Decimals of a number in a sentence, at the most."""


def places_not_0(value: float, places: int) -> int:
    """So many decimals, or as many more as it takes that what is not 0 does not read as 0.

    >>> places_not_0(1.26, 1), places_not_0(0.022, 1), places_not_0(0.0, 1), places_not_0(1e-07, 1)
    (1, 2, 1, 1)
    """
    if not value or not math.isfinite(value):
        return places
    return next((n for n in range(places, MAX_PLACES + 1) if round(value, n)), places)


def places_of_column(column: Iterable[tuple[float, float]], places: int) -> int:
    """So many decimals; where all numbers of a column would read as 0, as many as the largest deserves by its interval.

    >>> places_of_column([(0.02, 0.03), (-0.04, 0.05)], 1), places_of_column([(0.02, 1.2), (0.0, 0.0)], 1)
    (2, 1)
    >>> places_of_column([(0.02, 0.03), (0.3, 0.1)], 1), places_of_column([(0.0, 0.0)], 1), places_of_column([], 1)
    (1, 1, 1)

    Args:
        column: finite numbers, each with half its interval, which may be NaN.
        places: the decimals of the column otherwise.
    """
    value, half = max(column, key=lambda one: abs(one[0]), default=(0.0, math.nan))
    if not value or round(value, places):
        return places
    return max(places, min(places_not_0(value, places), decimals(value, half)))


MIN_ROUNDED_TO_TENS = 100
"""From here on a number may be rounded to tens and more, where its interval is as wide."""


def decimals(value: float, half: float) -> int:
    """Return how many decimal places a value with this half-width of its interval deserves (negative: tens, hundreds).

    >>> decimals(0.8532, 0.0071), decimals(0.8532, 0.013), decimals(1234.0, 57.0), decimals(0.8532, math.nan)
    (3, 3, -1, 3)
    >>> decimals(2.25, 35.0), decimals(0.1 + 0.2, 1e-17), decimals(0.62297, 0.0), decimals(3.0, math.nan)
    (0, 1, 4, 0)
    """
    most = MAX_DIGITS - 1 - math.floor(math.log10(abs(value))) if math.isfinite(value) and value else None
    if math.isfinite(half) and half > ALIKE_TOLERANCE * abs(value):
        places = -math.floor(math.log10(half)) + (1 if float(f"{half:.1e}"[:3]) < 3 else 0)
        places = places if most is None else min(places, most)
        return max(places, 0) if abs(value) < MIN_ROUNDED_TO_TENS else places  # 2.25 of -30 to 40 would be 0
    return 0 if most is None else _own_places(value, most - (2 if math.isnan(half) else 1))


def _own_places(value: float, most: int) -> int:
    """The decimals that a number has, but for rounding, and no more than so many."""
    near = ALIKE_TOLERANCE * abs(value)
    return next((n for n in range(most) if abs(round(value, n) - value) <= near), most)


def written(value: float, places: int) -> str:
    """Write a number with so many decimal places; never an exponent, never a negative zero.

    >>> written(0.85319, 3), written(1234.0, -1), written(-0.0001, 2), written(math.inf, 2), written(math.nan, 2)
    ('0.853', '1230', '0.00', 'infinite', '-')
    """
    if math.isnan(value):
        return "-"
    if math.isinf(value):
        return "infinite" if value > 0 else "-infinite"
    rounded = round(value, places)
    return f"{rounded + 0.0 if rounded else 0.0:.{max(places, 0)}f}"


def in_column(value: float, places: int) -> str:
    """Write a number of a column: with so many decimal places, from a million on with an exponent.

    >>> in_column(0.4321, 3), in_column(6.7264927861698e17, 3), in_column(22600000.0, -6)
    ('0.432', '6.73e17', '2.3e07')
    """
    if not MAX_COLUMN_NUMBER <= abs(value) < math.inf:
        return written(value, places)
    digits = math.floor(math.log10(abs(value))) + places
    return f"{value:.{min(2, max(0, digits))}e}".replace("e+", "e")


def with_interval(value: float, low: float, high: float, *, percent: bool = False, places: int | None = None) -> str:
    """Write estimate and 95 % interval in one cell; `places`: the decimals of its column, if not what it deserves.

    >>> with_interval(0.8532, 0.8461, 0.8603)
    '0.853 (0.846 to 0.860)'
    >>> with_interval(0.8532, 0.8461, 0.8603, percent=True)
    '85.3 (84.6 to 86.0)'
    >>> with_interval(0.8532, math.nan, math.nan)
    '0.853'
    >>> with_interval(0.62297, 0.62297, 0.62297), with_interval(2.5, 2.5, 2.5)
    ('0.6230 (all alike)', '2.5 (all alike)')
    """
    scale = 100.0 if percent else 1.0
    value, low, high = value * scale, low * scale, high * scale
    places = decimals(value, (high - low) / 2) if places is None else places
    ends = "all alike" if all_alike(low, high) else interval_ends(low, high, places)
    return f"{written(value, places)} ({ends})" if ends else written(value, places)


MORE_PLACES = 2
"""Decimals that an end of an interval may have beside the others, so that it does not read as 0."""


def interval_ends(low: float, high: float, places: int) -> str:
    """Write both ends; how near they are where so many decimals show no difference; empty where one is not known.

    An end that is not 0 has up to two decimals more than `places` where it would read as 0: its side matters.

    >>> interval_ends(84.61, 86.03, 1), interval_ends(62.29700001, 62.29700002, 3), interval_ends(0.0, math.nan, 1)
    ('84.6 to 86.0', 'within 0.001', '')
    >>> interval_ends(-0.64, 0.045, 1), interval_ends(0.0, 1.2, 1), interval_ends(0.00001, 1.2, 1)
    ('-0.6 to 0.04', '0.0 to 1.2', '0.0 to 1.2')
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return ""
    if written(low, places) != written(high, places):
        ends = tuple(
            written(x, n if (n := places_not_0(x, places)) <= places + MORE_PLACES else places) for x in (low, high)
        )
    else:
        ends = written(low, places), written(high, places)
    return " to ".join(ends) if ends[0] != ends[1] else f"within {plain_number(10.0**-places)}"


def plain_number(value: float) -> str:
    """Write a bound or a count as a person would write it.

    >>> plain_number(0.83), plain_number(1875.0), plain_number(1e-05), plain_number(1e25), plain_number(1e-30)
    ('0.83', '1875', '0.00001', '1e25', '1e-30')
    """
    if not math.isfinite(value):
        return written(value, 0)
    if _in_exponents(value):
        return f"{value:g}".replace("e+", "e")
    return f"{value:.12f}".rstrip("0").rstrip(".") if value else "0"


def _in_exponents(value: float) -> bool:
    return abs(value) >= MAX_PLAIN_NUMBER or 0 < abs(value) < MIN_PLAIN_NUMBER


def met(count: int, parts: int) -> str:
    """Say how many parts of a claim are met.

    >>> met(1, 2), met(0, 3), met(2, 2)
    ('1 of 2 parts is met', '0 of 3 parts are met', '2 of 2 parts are met')
    """
    return f"{count} of {parts} parts {'is' if count == 1 else 'are'} met"


def with_half(shown: str, half: float, places: int, sign: str = "±") -> str:
    """A number that is written already, with half its interval: "all" where no seed differs, and never half of 0.

    >>> with_half("89.2", 0.31, 1), with_half("100.0", 0.0, 1), with_half("99.9", 0.02, 1), with_half("89", math.nan, 0)
    ('89.2 ± 0.3', 'all 100.0', '99.9 ± <0.1', '89')
    >>> with_half("1.00e06", 2e5, -4), with_half("1.00e06", 0.3, -2)
    ('1.00e06 ± 2e05', '1.00e06 ± <1e04')
    """
    if math.isnan(half):
        return shown
    if half <= ALIKE_TOLERANCE * abs(float(shown.replace("\N{MINUS SIGN}", "-")) or 1.0):
        return f"all {shown}"
    if "e" in shown:
        last = 10.0 ** (int(shown.partition("e")[2]) - len(shown.partition("e")[0].partition(".")[2]))
        text = f"{half:.0e}" if MAX_COLUMN_NUMBER > half >= last / 2 else in_column(half, places)
        return f"{shown} {sign} {text if half >= last / 2 else f'<{last:.0e}'}".replace("e+", "e")
    text = in_column(half, places)
    return f"{shown} {sign} {text if float(text) else f'<{10.0**-places:.{max(0, places)}f}'}"


def is_cut(value: float, low: float, high: float) -> bool:
    """Whether an interval stops on one side at what can be: its ends lie unevenly about the value.

    >>> is_cut(99.6, 98.5, 100.0), is_cut(85.3, 84.6, 86.0), is_cut(85.3, math.nan, math.nan)
    (True, False, False)
    """
    return abs((high - value) - (value - low)) > 0.05 * (high - low)


def plus_minus(value: float, low: float, high: float, *, percent: bool = False) -> str:
    """Write estimate and the half-width of its 95 % interval, in one short cell; both ends where it is cut on a side.

    >>> plus_minus(0.8532, 0.8461, 0.8603, percent=True), plus_minus(0.8532, math.nan, math.nan, percent=True)
    ('85.3 ± 0.7', '85.3')
    >>> plus_minus(3.0, 0.0, 10.0), plus_minus(457e6, 434e6, 480e6), plus_minus(4.51e17, math.nan, math.nan)
    ('3 (0 to 10)', '4.57e08 ± 2.3e07', '4.51e17')
    """
    if is_cut(value, low, high):
        return with_interval(value, low, high, percent=percent)
    scale = 100.0 if percent else 1.0
    half = (high - low) / 2 * scale
    places = decimals(value * scale, half)
    shown = in_column(value * scale, places)
    return shown if math.isnan(value) else with_half(shown, half, places)


def knob_text(given: Any) -> str:
    """Write a knob's value, with an exponent only where nobody could count its digits.

    >>> [knob_text(v) for v in (1e-05, 2550000.0, 1e25, 1.25e-30, (300, 100), None)]
    ['0.00001', '2550000', '1e25', '1.25e-30', '300 + 100', 'all']
    """
    if isinstance(given, tuple):
        return " + ".join(map(str, given)) or "none"
    if given is None:
        return "all"
    if not isinstance(given, float):
        return str(given)
    import numpy as np  # here, for a list of studies writes no such value

    if _in_exponents(given):
        return np.format_float_scientific(given, trim="-", exp_digits=1).replace("e+", "e")
    return np.format_float_positional(given, trim="-")


KNOB_DIGITS = 6
"""Significant digits of a knob that a person wants to read."""


def short_knobs(several: Sequence[Point]) -> list[str]:
    """Write the knobs of several arms, each number with six digits at most, with all where arms would look alike.

    >>> from study.spec.point import Point
    >>> short_knobs([Point((("lr", 0.0036644198070556458),)), Point((("lr", 0.01),))])
    ['lr 0.00366442', 'lr 0.01']
    >>> short_knobs([Point((("lr", 0.10000001),)), Point((("lr", 0.1),))])
    ['lr 0.10000001', 'lr 0.1']
    """
    exact = [knob_texts(knobs) for knobs in several]
    short = [", ".join(f"{name} {knob_text(_short(value))}" for name, value in knobs.values) for knobs in several]
    return short if len(set(short)) == len(set(exact)) else exact


def _short(value: Any) -> Any:
    return float(f"{value:.{KNOB_DIGITS}g}") if isinstance(value, float) and math.isfinite(value) else value


def knob_texts(knobs: Point) -> str:
    """Write knobs with their values; empty where there are none.

    >>> from study.spec.point import Point
    >>> knob_texts(Point((("lr", 0.37), ("hidden", (32,)))))
    'lr 0.37, hidden 32'
    """
    return ", ".join(f"{name} {knob_text(value)}" for name, value in knobs.values)


def p_value(p: float) -> str:
    """Write a p-value for a table.

    >>> p_value(0.0304), p_value(0.0004)
    ('0.030', 'below 0.001')
    """
    return "below 0.001" if p < 0.001 else f"{p:.3f}"
