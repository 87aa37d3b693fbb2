"""Estimates on an axis: places from 0 to 1, ticks, the claimed side. Numbers in, places out; nothing is estimated here.

Rows in points share one axis, stretched (the place of x goes with log(1 + |x|), alike on both sides of 0) or linear.
Whatever has another unit gets an axis of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from analysis.report.chart_blocks import Mark, Scale
from analysis.statistics.estimates import Estimate
from analysis.statistics.spread import all_alike
from analysis.text import numbers
from analysis.text.columns import column_decimals
from analysis.text.numbers import DECIMALS_OF_PERCENT
from analysis.text.phrases import IN_ALL, Unit
from trainables.config.plurals import counted

STRETCHED: dict[float, tuple[float, ...]] = {
    0.1: (0.05,),
    0.3: (0.1, 0.2),
    1.0: (0.2, 0.5),
    3.0: (0.5, 1.0, 2.0),
    10.0: (1.0, 3.0, 6.0),
    30.0: (1.0, 3.0, 10.0, 20.0),
    100.0: (1.0, 3.0, 10.0, 50.0),
}
"""How far a stretched axis goes on either side of 0, and the ticks that it has there."""
MAX_POINTS = 100.0
FREE_FACTOR = 1.3
"""An axis goes so many times as far as the farthest number, if it may."""
EDGE_SHARE = 0.03
"""The share of an axis that is left free at either end."""
MAX_WIDTHS_BEYOND = 1.5
"""How many widths of all else beyond it an axis follows the interval that decides."""
MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Axis:
    """Turns numbers into places from 0 to 1."""

    place: Callable[[float], float]
    scale: Scale
    zero: float | None = None
    """The number that means no change."""


@dataclass(frozen=True)
class EstimateOnAxis:
    """An estimate with what was claimed of it, in the units of the axis."""

    estimate: Estimate
    low: float | None = None
    high: float | None = None
    """Bounds of the claim; both None where nothing was claimed."""
    verdict: str = "none"
    alt: str = ""
    deciding: tuple[float, float] | None = None

    @property
    def numbers(self) -> list[float]:
        """Return all numbers that an axis of its own must reach."""
        e = self.estimate
        found = [e.value, e.low, e.high, *(b for b in (self.low, self.high) if b is not None)]
        near = [x for x in found if math.isfinite(x)]
        low, high = min(near, default=0.0), max(near, default=0.0)
        room = MAX_WIDTHS_BEYOND * ((high - low) or abs(high))
        return [*near, *(x for x in self.deciding or () if low - room <= x <= high + room)]


def signed_number(value: float, places: int) -> str:
    """A difference, with its sign in print.

    >>> signed_number(-0.31, 1) == MINUS + "0.3", signed_number(2.0, 0), signed_number(0.01, 1)
    (True, '+2', '0.0')
    """
    text = f"{round(value, places) + 0.0:.{max(places, 0)}f}"
    return (
        MINUS + text[1:]
        if text.startswith("-") and float(text)
        else text.lstrip("-")
        if not float(text)
        else f"+{text}"
    )


def number_and_interval(
    estimate: Estimate, kind: Unit, column: Sequence[Estimate] = (), *, signed: bool
) -> tuple[str, str]:
    """A number and its interval as they stand beside a mark, all in their unit.

    column: the numbers that stand below each other, this one among them; one that stands alone does not read as 0.
    """
    fixed = DECIMALS_OF_PERCENT if kind.scale != 1.0 else None
    places = fixed if len(column) < 2 else column_decimals(column, fixed)
    if places is None:
        places = numbers.decimals(estimate.value, (estimate.high - estimate.low) / 2)
    own = places if len(column) > 1 else numbers.places_not_0(estimate.value, places)
    shown = signed_number(estimate.value, own) if signed else numbers.written(estimate.value, own).replace("-", MINUS)
    if all_alike(estimate.low, estimate.high):
        return shown, f"{IN_ALL} {counted(estimate.n, 'seed')}"
    return shown, numbers.interval_ends(estimate.low, estimate.high, places).replace("-", MINUS)


def axis_number(value: float) -> str:
    """What is written on an axis at a number: as sentences write a bound, but for the rounding of its computing.

    >>> axis_number(0.1 + 0.2), axis_number(1e-05), axis_number(1e6), axis_number(-2.5) == MINUS + "2.5"
    ('0.3', '0.00001', '1000000', True)
    """
    return numbers.plain_number(float(f"{value:.6g}")).replace("-", MINUS)


def tick_text(value: float) -> str:
    """What is written at a tick of a difference.

    >>> tick_text(-3.0) == MINUS + "3", tick_text(0.0), tick_text(0.5)
    (True, '0', '+0.5')
    """
    text = axis_number(abs(value))
    return text if not value else (MINUS if value < 0 else "+") + text


def stretched_axis(numbers: Iterable[float] = (), ticks: Sequence[float] = ()) -> Axis:
    """The shared axis of rows in points: stretched, alike on either side, and no longer than they need.

    `ticks`: then it goes to 100 at the least.
    """
    far = max((abs(x) for x in numbers), default=MAX_POINTS)
    limit = MAX_POINTS if ticks else next((x for x in STRETCHED if x >= FREE_FACTOR * far), MAX_POINTS)
    one_side, limit = STRETCHED[limit], max(limit, far)
    ticks = ticks or (*(-t for t in reversed(one_side)), 0.0, *one_side)

    def place(x: float) -> float:
        return 0.5 + math.copysign(math.log1p(abs(x)) / math.log1p(limit), x) / 2

    return Axis(place, Scale(tuple((place(t), tick_text(t)) for t in ticks)), 0.0)


def linear_axis(numbers: Iterable[float], *, zero: float | None = 0.0, count: int = 5, sign: bool = True) -> Axis:
    """An axis that just holds these numbers and no change."""
    known = [*numbers, *([] if zero is None else [zero])] or [0.0, 1.0]
    low, high = min(known), max(known)
    room = (high - low) or abs(high) or 1.0
    low, high = low - 0.04 * room, high + 0.04 * room

    def place(x: float) -> float:
        return EDGE_SHARE + (1 - 2 * EDGE_SHARE) * (x - low) / (high - low)

    ticks = tuple((place(t), tick_text(t) if sign else axis_number(t)) for t in nice_ticks(low, high, count))
    return Axis(place, Scale(ticks), zero)


def logarithmic_axis(numbers: Sequence[float]) -> Axis:
    """An axis of ratios, with 1 as no change."""
    known = [x for x in numbers if x > 0] + [1.0]
    low, high = math.log(min(known) / 1.5), math.log(max(known) * 1.5)

    def place(x: float) -> float:
        return EDGE_SHARE + (1 - 2 * EDGE_SHARE) * (math.log(max(x, 1e-9)) - low) / (high - low)

    steps = [m * 10.0**e for e in range(-6, 7) for m in (1, 2, 5)]
    inside = [t for t in steps if low <= math.log(t) <= high]
    thin = [t for t in inside if math.isclose(math.log10(t), round(math.log10(t)))] if len(inside) > 7 else inside
    return Axis(place, Scale(tuple((place(t), axis_number(t)) for t in thin)), 1.0)


def nice_ticks(low: float, high: float, count: int) -> list[float]:
    """Ticks at 1, 2 or 5 times a power of ten, as many as there may be: `count` + 1.

    >>> nice_ticks(-0.2, 5.1, 5)
    [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    """
    power = 10.0 ** math.floor(math.log10((high - low) / count))
    for step in (m * power for m in (1, 2, 5, 10)):
        first, last = math.ceil(low / step), math.floor(high / step)
        if last - first < count + 1:
            break
    return [round(i * step, 12) + 0.0 for i in range(first, last + 1)]


def mark(found: EstimateOnAxis, axis: Axis) -> Mark:
    """An estimate on an axis. What lies beyond an end is drawn at the end."""

    def at(x: float) -> float:
        return round(min(1.0, max(0.0, axis.place(x))), 4)

    def span(low: float, high: float) -> tuple[float, float] | None:
        return (at(low), at(high)) if math.isfinite(low) and math.isfinite(high) else None

    e, claimed = found.estimate, None
    if found.low is not None or found.high is not None:
        claimed = (0.0 if found.low is None else at(found.low), 1.0 if found.high is None else at(found.high))
    drawn = Mark(at(e.value), found.verdict, found.alt, span(e.low, e.high), None, claimed)
    return replace(
        drawn,
        deciding=(at(found.deciding[0]), at(found.deciding[1])) if found.deciding else None,
        bounds=tuple(at(b) for b in (found.low, found.high) if b is not None and b != axis.zero),
        zero=None if axis.zero is None else at(axis.zero),
        grid=tuple(round(p, 4) for p, _ in axis.scale.ticks if axis.zero is None or p != axis.place(axis.zero)),
    )
