"""The objective of a search on an axis, ticks that stand apart, and its proposals by how far they came."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.claims import ranges
from analysis.figures import axes as axes_module
from analysis.figures import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes


TICK_GAP_INCHES = 0.1
"""Between the labels of two ticks."""
MAX_TICKS = 5
FIRST_DIGITS: tuple[tuple[int, ...], ...] = ((1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,))
"""First digits of the ticks of a logarithmic axis, from dense to sparse."""


def ticks_apart(
    ends: tuple[float, float], inches: float, size: float, *, log: bool = False, whole: bool = False
) -> list[float]:
    """The most ticks on an axis whose labels do not touch; the outermost two where none are even and fit.

    >>> ticks_apart((0.0001, 0.001), 1.4, 9.0), ticks_apart((1000, 20000), 1.4, 9.0, whole=True)
    ([0.0005, 0.001], [10000.0, 20000.0])
    >>> ticks_apart((1e-4, 0.3), 1.4, 9.0, log=True), ticks_apart((0.02, 0.09), 1.4, 9.0, log=True)
    ([0.0001, 0.01], [0.02, 0.05])

    Args:
        ends: of the axis.
        inches: its length.
        size: of the labels, in points.
        log: whether it is logarithmic.
        whole: whether ticks are whole numbers.
    """
    place = math.log if log else float

    def apart(ticks: Sequence[float]) -> bool:
        places = [inches * (place(t) - place(ends[0])) / (place(ends[1]) - place(ends[0])) for t in ticks]
        halves = [style.inches(f"{t:g}", size) / 2 for t in ticks]
        rooms = zip(itertools.pairwise(places), itertools.pairwise(halves), strict=True)
        return len(ticks) <= MAX_TICKS and all(b - a >= sum(half) + TICK_GAP_INCHES for (a, b), half in rooms)

    kinds = [ticks for ticks in (_logarithmic(*ends) if log else _linear(*ends, whole=whole)) if ticks]
    outermost = [[ticks[0], ticks[-1]] for ticks in reversed(kinds) if len(ticks) > 1]
    return max(filter(apart, [*kinds, *outermost]), key=len, default=[])


def _linear(low: float, high: float, *, whole: bool) -> Iterator[list[float]]:
    from matplotlib.ticker import MaxNLocator

    for most in range(MAX_TICKS, 0, -1):
        ticks = MaxNLocator(most, integer=whole, steps=[1, 2, 5, 10]).tick_values(low, high)
        yield [round(float(t), 12) for t in ticks if low <= t <= high]


def _logarithmic(low: float, high: float) -> Iterator[list[float]]:
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)

    def within(digits: Sequence[int], powers: Sequence[int]) -> list[float]:
        found = (float(f"{m}e{e}") for e in powers for m in digits)
        return [t for t in found if low * (1 - 1e-9) <= t <= high * (1 + 1e-9)]

    yield from (within(digits, decades) for digits in FIRST_DIGITS)
    yield from (within((1,), decades[start::step]) for step in range(2, len(decades)) for start in range(step))


def value_label(objective: str) -> str:
    """The objective as an axis says it, with its unit as the page's charts write it."""
    text = axes_module.label(objective) if objective in style.LABELS else objective.replace("_", " ")
    return text.replace(" [", ", ").removesuffix("]")


def display_factor(objective: str) -> float:
    """What a recorded value is multiplied by, as it is shown."""
    return 100.0 if objective in style.PERCENT else 1.0


def end_at_what_can_be(axes: Axes, objective: str) -> None:
    """Cut a y axis where the objective ends: no accuracy is above 100 %."""
    least, most = (display_factor(objective) * end for end in ranges.of(objective))
    low, high = axes.get_ylim()
    axes.set_ylim(max(low, least), min(high, most))


def by_state(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return those trained to the end and those stopped early, as far as their values are finite."""
    finite = frame[np.isfinite(frame["value"].astype(float))]
    return finite[finite["state"] == "whole"], finite[finite["state"] == "paused"]
