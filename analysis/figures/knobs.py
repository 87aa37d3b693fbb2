"""A knob against the outcome: the mean over seeds of each arm, at the value of its knob.

The numbers come from `analysis.tables.knob_levels`; nothing is estimated here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.figures import style
from analysis.figures.axes import log_axis
from analysis.figures.named_figure import NamedFigure
from analysis.statistics.estimates import Estimate
from analysis.text.columns import column_texts
from analysis.text.numbers import DECIMALS_OF_PERCENT, knob_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MIN_LOG_SPAN = 10.0
"""How many times the largest number of a knob is the smallest, from which on its axis is logarithmic."""
MAX_LABEL_INCHES = 2.0
"""Of what stands at the vertical axis, before it is wrapped."""
KNOB = "-knob-"
"""Between the name of the study and that of the knob, in the name of a figure."""


def knob_figure(title: str, outcome: str, baseline: str, levels: pd.DataFrame) -> NamedFigure:
    """The still of a knob, for files and the Markdown.

    Args:
        title: what is drawn.
        outcome: what stands at the vertical axis, with its unit.
        baseline: the arm that the others are compared with.
        levels: rows of one study and one knob; see `analysis.tables.knob_levels`.
    """
    frame = prepare(levels)
    drawn = partial(draw, frame, outcome, baseline)
    return NamedFigure(figure_name(levels), title, alt(frame, title), caption(frame, baseline), frame, drawn)


def figure_name(levels: pd.DataFrame) -> str:
    """The name of a still and its CSV, without an ending."""
    study, knob = (str(levels[column].iloc[0]) for column in ("study", "knob"))
    return f"{study}{KNOB}{knob.replace(' and ', '-')}"


def prepare(levels: pd.DataFrame) -> pd.DataFrame:
    """The same rows as they are drawn: accuracies in per cent, their differences in points."""
    metric = str(levels["metric"].iloc[0])
    shown = {c: style.shares(levels[c].astype(float), metric) for c in ("estimate", "low", "high")}
    return levels.drop(columns="study").assign(**shown).reset_index(drop=True)


def is_logarithmic(values: Sequence[float]) -> bool:
    """Whether a knob's axis is logarithmic: none is below 0, and those above 0 span a factor of ten.

    >>> is_logarithmic([0.001, 0.01, 0.1]), is_logarithmic([32, 64, 128]), is_logarithmic([0.0, 0.01, 0.1])
    (True, False, True)
    """
    positive = [v for v in values if v > 0]
    return min(values) >= 0 and bool(positive) and max(positive) >= MIN_LOG_SPAN * min(positive) * (1 - 1e-9)


@style.styled
def draw(frame: pd.DataFrame, outcome: str, baseline: str) -> Figure:
    """A point an arm with its interval, the baseline a diamond; a cross where seeds diverged."""
    figure = style.new_figure(height=2.6)
    axes = figure.subplots()
    known = frame[frame["refused"] == ""]
    axes.plot(known["value"], known["estimate"], color="#bfbfbf", linewidth=1)
    axes.vlines(known["value"], known["low"], known["high"], color=style.MUTED, linewidth=1.8)
    for arm, x, y in zip(known["arm"], known["value"], known["estimate"], strict=True):
        axes.plot([x], [y], "D" if arm == baseline else "o", color="black", markersize=6 if arm == baseline else 4.5)
    lost = frame[frame["diverged"] > 0]
    foot: dict[str, Any] = {"transform": axes.get_xaxis_transform(), "clip_on": False}
    axes.plot(lost["value"], [0.03] * len(lost), "x", color=style.MUTED, linestyle="none", **foot)
    values = frame["value"].tolist()
    if is_logarithmic(values) and min(values) > 0:
        log_axis(axes, "x")
    elif is_logarithmic(values):
        axes.set_xscale("symlog", linthresh=min(v for v in values if v > 0), linscale=0.5)
        axes.set_xlim(left=-0.2 * min(v for v in values if v > 0))
    axes.set_xlabel(style.plain(frame["knob"].iloc[0]))
    axes.set_ylabel(style.wrapped(outcome, MAX_LABEL_INCHES))
    return figure


def caption(frame: pd.DataFrame, baseline: str) -> str:
    """What the marks are."""
    several = bool(frame["n"].max() > 1)
    said = "Mean over seeds, with its 95 % interval" if several else "One seed an arm"
    lost = " Cross: no number, because seeds diverged." if (frame["diverged"] > 0).any() else ""
    return f"{said}. Diamond: {baseline}.{lost}"


def alt(frame: pd.DataFrame, title: str) -> str:
    """Every arm's level in words."""
    found = [
        None if math.isnan(r["estimate"]) else Estimate(r["estimate"], r["low"], r["high"], r["n"])
        for r in frame.to_dict("records")
    ]
    fixed = DECIMALS_OF_PERCENT if set(frame["metric"]) <= style.PERCENT else None
    texts = zip(frame["value"], column_texts(found, fixed), frame["refused"], strict=True)
    return f"{title}. " + ". ".join(f"{knob_text(v)}: {why or text}" for v, text, why in texts) + "."
