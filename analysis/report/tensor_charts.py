"""Distributions of tensors as the page draws them: small multiples of histograms, and the ranges of all arms.

The numbers are those of `analysis.figures.distributions`; nothing is estimated here. As plain values a chart takes its
colours from the page, and a hundredth of the time that Matplotlib needs for the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.figures.distributions import COLUMNS, MIN_VALUES_FOR_LOG, RANGE_COLUMNS, layer_order, same_scale
from analysis.figures.named_figure import NamedFigure
from analysis.report.arm_colours import arm_colours
from analysis.report.chart_blocks import Histogram, Histograms, RangePanel, RangeRow, Ranges, Scale
from analysis.report.effect_axis import MINUS, linear_axis
from analysis.report.trial_places import trials_anchor
from study.spec.study import Study

STRETCH_FACTOR = 12.0
"""Where the widest range of a tensor is so many times the narrowest, the axis is stretched."""
MAX_TICKS = 4
"""Of a linear axis: more, and every second goes, but never 0."""
MIN_TICK_DISTANCE_SHARE = 0.2
"""The share of a stretched axis that lies between two of its ticks at least."""


@dataclass(frozen=True)
class _Looks:
    """What the arms of a study are called, which colours they have, and where their trials are."""

    labels: Mapping[str, str]
    colours: Mapping[str, int]
    trials: Mapping[str, str]

    @classmethod
    def of(cls, study: Study) -> _Looks:
        trials = {a.name: trials_anchor(study, a.name) for a in study.arms}
        return cls({a.name: a.say or a.name for a in study.arms}, arm_colours(study), trials)


def tensor_chart(study: Study, figure: NamedFigure) -> Histograms | Ranges | None:
    """The chart of a figure's frame; None where it is not about tensors."""
    columns, looks = tuple(figure.frame.columns), _Looks.of(study)
    if columns == COLUMNS:
        return _histograms(figure, looks)
    return _ranges(figure, looks) if columns == RANGE_COLUMNS else None


# ------------------------------------------------------------------------------------------------------- histograms


def _histograms(figure: NamedFigure, looks: _Looks) -> Histograms:
    frame = figure.frame
    arms = list(dict.fromkeys(frame["arm"].astype(str)))
    rows = []
    for tensor in sorted(set(frame["tensor"].astype(str)), key=layer_order):
        part = frame[frame["tensor"] == tensor]
        shared = same_scale(part)
        own = {str(arm): one for arm, one in part.groupby("arm", sort=False, observed=True)}
        row = None if shared is None else (_Densities.of(part), *shared)
        cells = (_histogram(own.get(arm), row) for arm in arms)
        rows.append((tensor, tuple(cells)))
    heads = tuple(
        (looks.labels.get(a, a), looks.colours.get(a, i), looks.trials.get(a, "")) for i, a in enumerate(arms)
    )
    return Histograms(figure.title, figure.caption, heads, tuple(rows), figure.name)


@dataclass(frozen=True)
class _Densities:
    """The height of a panel, or of a row of them: on a log axis for large tensors, as in the figure."""

    least: float
    """Of those above 0."""
    most: float
    """0 where none is."""
    log: bool

    @classmethod
    def of(cls, rows: pd.DataFrame) -> _Densities:
        every = rows["density"].to_numpy(dtype=float)
        positive = every[every > 0]
        least, most = (positive.min(), positive.max()) if len(positive) else (0.0, 0.0)
        return cls(least, most, log=rows["count"].max() >= MIN_VALUES_FOR_LOG)

    def heights(self, values: np.ndarray) -> tuple[float, ...]:
        """From 0 to 1."""
        if not self.most:
            return (0.0,) * len(values)
        if self.log:
            low = self.least / 2
            values = np.log(np.maximum(values, low) / low) / math.log(self.most / low)
        else:
            values = values / self.most
        return tuple(round(float(v), 3) for v in values)


def _histogram(own: pd.DataFrame | None, shared: tuple[_Densities, float, float] | None) -> Histogram | str:
    """One panel, on the axes of its row where they are shared; in words where there is nothing to draw."""
    if own is None:
        return "no such tensor"
    if own["n"].iloc[0] == 0:
        return "not finite"
    first, last = float(own["left"].iloc[0]), float(own["right"].iloc[-1])
    densities, low, high = shared or (_Densities.of(own), first, last)
    span = (high - low) or 1.0
    left, right = (round((x - low) / span, 4) for x in (first, last))
    least, most = float(own["low"].iloc[0]), float(own["high"].iloc[0])
    zero = round(-low / span, 4) if low < 0 < high else None
    heights = densities.heights(own["density"].to_numpy(dtype=float))
    return Histogram(left, right, heights, zero, *(_number(x) for x in (least, most, most - least)))


# ----------------------------------------------------------------------------------------------------------- ranges


def _ranges(figure: NamedFigure, looks: _Looks) -> Ranges:
    frame = figure.frame
    panels = []
    for tensor in sorted(set(frame["tensor"].astype(str)), key=layer_order):
        part = frame[frame["tensor"] == tensor].to_dict("records")
        finite = [r for r in part if math.isfinite(r["low"]) and math.isfinite(r["high"])]
        place, scale = _axis([(r["low"], r["high"]) for r in finite])
        rows = []
        for i, r in enumerate(part):
            label, colour = looks.labels.get(r["arm"], r["arm"]), looks.colours.get(r["arm"], i)
            ends = [place(r[c]) for c in ("low", "high", "q001", "q999", "q05", "q95", "q50")] if r in finite else []
            said = f"{_number(r['low'])} to {_number(r['high'])}" if ends else "not finite"
            rows.append(RangeRow(label, colour, tuple(ends), said, looks.trials.get(r["arm"], "")))
        panels.append(RangePanel(tensor, scale, tuple(rows)))
    return Ranges(figure.title, figure.caption, tuple(panels), figure.name)


def _axis(ranges: Sequence[tuple[float, float]]) -> tuple[_Place, Scale]:
    """An axis for all ranges: linear, or asinh where their widths differ by far."""
    widths = [high - low for low, high in ranges]
    reach = [x for pair in ranges for x in pair]
    if not widths or max(widths) <= STRETCH_FACTOR * min(widths) or min(widths) <= 0:
        axis = linear_axis(reach, zero=None, sign=False)
        written = axis.scale.ticks
        first = next((i % 2 for i, (_, text) in enumerate(written) if text == "0"), 0)
        return _Place(1.0, axis.place), Scale(written[first::2]) if len(written) > MAX_TICKS else axis.scale
    unit = 10.0 ** math.floor(math.log10(min(max(abs(low), abs(high)) for low, high in ranges)))
    stretched = linear_axis([math.asinh(x / unit) for x in reach], zero=0.0)
    place = _Place(unit, stretched.place, stretched=True)
    most = math.floor(math.log10(max(map(abs, reach)) / unit))
    ticks = [0.0]
    for t in (sign * unit * 10.0**p for p in range(most, -1, -1) for sign in (-1, 1)):  # from the ends inwards
        if min(reach) <= t <= max(reach) and all(
            abs(place(t) - place(other)) >= MIN_TICK_DISTANCE_SHARE for other in ticks
        ):
            ticks.append(t)
    return place, Scale(tuple((place(t), _number(t)) for t in sorted(ticks)))


@dataclass(frozen=True)
class _Place:
    """From numbers to places."""

    unit: float
    linear: Callable[[float], float]
    stretched: bool = False

    def __call__(self, x: float) -> float:
        return round(self.linear(math.asinh(x / self.unit) if self.stretched else x), 4)


def _number(x: float) -> str:
    """Three significant digits.

    >>> _number(-0.31234) == MINUS + "0.312", _number(12345.0)
    (True, '12300')
    """
    rounded = float(f"{x:.3g}")
    plain = not rounded or 1e-4 <= abs(rounded) < 1e6
    text = f"{rounded:.10f}".rstrip("0").rstrip(".") if plain else f"{rounded:g}"
    return MINUS + text[1:] if text.startswith("-") else text
