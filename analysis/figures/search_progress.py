"""How a search went: its history, who was stopped where, and the front of two objectives."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.figures import style
from analysis.figures.axes import legend_mark, log_axis, whole_epochs
from analysis.figures.search_labels import by_state, display_factor, end_at_what_can_be, value_label
from analysis.searches.findings import SearchFindings

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D


FAR_RUNGS_FACTOR = 20
"""Where the last rung is so many times the first, epochs have a logarithmic axis: rungs lie evenly on it."""

LABELS_APART_FACTOR = 1.8
"""On such an axis a rung whose next one is less than so many times as far is not labelled: the next one is."""

STOPPED_COLOUR = style.MUTED

MARKS = {"whole": ("o", "to the end"), "paused": ("s", "stopped early"), "diverged": ("X", "diverged"),
         "failed": ("v", "failed")}  # fmt: skip
"""How a configuration is marked where it ended, and called in the legend, by state."""


@style.small
def draw_history(history: pd.DataFrame, objective: str) -> Figure:
    """Proposals in order, hollow where they were stopped early, and the best so far of those trained to the end."""
    from matplotlib.ticker import MaxNLocator

    figure = style.new_figure(width=style.SMALL_WIDTH_INCHES, height=style.SMALL_HEIGHT_INCHES)
    axes = figure.subplots()
    times = display_factor(objective)
    whole, stopped = (history[history["state"] == state] for state in ("whole", "paused"))
    axes.plot(whole["n"], times * whole["value"], "o", color=style.BLUE, label="to the end", clip_on=False)
    if len(stopped):
        values = times * stopped["value"]
        axes.plot(stopped["n"], values, "o", color=STOPPED_COLOUR, mfc="white", label="stopped early", clip_on=False)
    axes.step(whole["n"], times * whole["best"], where="post", color=style.INK, label="best so far")
    axes.set_xlabel("configuration, in the order tried")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if len(history) == 1:
        axes.set_xlim(history["n"].iloc[0] - 1, history["n"].iloc[0] + 1)
    axes.set_title(value_label(objective))
    end_at_what_can_be(axes, objective)
    figure.legend(loc="outside lower left", ncols=3)
    return figure


@style.small
def draw_rungs(curves: pd.DataFrame, rungs: pd.DataFrame, objective: str) -> Figure:
    """Who was stopped where: every proposal's curve, and how many arrived at each rung and went on."""
    figure = style.new_figure(width=style.SMALL_WIDTH_INCHES, height=style.SMALL_HEIGHT_INCHES)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    times = display_factor(objective)
    for _, rows in curves.groupby("n"):
        state = str(rows["state"].iloc[0])
        whole, runs = state == "whole", state == "running"
        colour = _colour(state)
        width, dashes = (1.2 if whole else 0.6), (style.DASHES[2] if runs else "-")
        above.plot(rows["epoch"], times * rows["value"], color=colour, linewidth=width, linestyle=dashes)
        if runs:
            continue
        last = rows.iloc[-1]
        mark, _ = MARKS[state]
        above.plot(
            [last["epoch"]],
            [times * last["value"]],
            mark,
            color=colour,
            markersize=3,
            mfc=colour if whole else "white",
        )
    above.set_title(value_label(objective))
    end_at_what_can_be(above, objective)
    figure.legend(handles=_legend(set(curves["state"])), loc="outside lower left", ncols=3)
    _draw_counts(below, rungs)
    return figure


def _legend(states: Collection[str]) -> list[Line2D]:
    """A line for each state that a configuration has."""
    ended = [
        legend_mark(
            color=_colour(state), marker=mark, markerfacecolor=None if state == "whole" else "white", label=called
        )
        for state, (mark, called) in MARKS.items()
        if state in states
    ]
    goes_on = legend_mark(color=_colour("running"), linestyle=style.DASHES[2], label="not ended yet")
    return [*ended, *([goes_on] if "running" in states else [])]


def _colour(state: str) -> str:
    return {"whole": style.BLUE, "running": style.OCHRE}.get(state, STOPPED_COLOUR)


def _draw_counts(below: Axes, rungs: pd.DataFrame) -> None:
    """Bars: how many arrived at each rung, and how many of them went on."""
    far = len(rungs) > 0 and rungs["epoch"].max() >= FAR_RUNGS_FACTOR * rungs["epoch"].min()
    widths = 0.3 * rungs["epoch"] if far else 0.6
    below.bar(rungs["epoch"], rungs["arrived"], width=widths, color=style.PALE)
    below.bar(rungs["epoch"], rungs["went_on"], width=widths, color=style.BLUE)
    for i, row in rungs.reset_index(drop=True).iterrows():
        if (
            far
            and int(str(i)) + 1 < len(rungs)
            and rungs["epoch"].iloc[int(str(i)) + 1] < LABELS_APART_FACTOR * row["epoch"]
        ):
            continue
        text = f"{int(row['went_on'])} of {int(row['arrived'])}"
        below.annotate(text, (row["epoch"], row["arrived"]), ha="center", va="bottom", annotation_clip=False)
    below.set_title("went on")
    below.set_xlabel("epoch")
    below.set_ylim(0, 1.35 * max(rungs["arrived"], default=1))
    if far:
        log_axis(below, "x")
    else:
        whole_epochs(below)


@style.small
def draw_front(found: SearchFindings, second: str) -> Figure:
    """Whole trials over both objectives, those that no other beats joined by a line."""
    objective = found.part.search.objectives[0]
    figure = style.new_figure(width=style.SMALL_WIDTH_INCHES, height=style.SMALL_HEIGHT_INCHES)
    axes = figure.subplots()
    whole, _ = by_state(found.proposals)
    best = whole.set_index("n").loc[list(found.pareto_front)]
    factors = display_factor(objective), display_factor(second)
    axes.plot(
        factors[1] * whole["second"], factors[0] * whole["value"], "o", color=style.MUTED, mfc="none", markersize=4
    )
    axes.plot(factors[1] * best["second"], factors[0] * best["value"], "o-", color=style.BLUE, linewidth=1)
    axes.set_xlabel(value_label(second))
    axes.set_title(value_label(objective))
    points = {int(n): (factors[1] * row["second"], factors[0] * row["value"]) for n, row in best.iterrows()}
    _name_points(axes, points)
    return figure


LABEL_POINTS = 10.0
"""Height of a label, with the space below it."""


def _name_points(axes: Axes, points: Mapping[int, tuple[float, float]]) -> None:
    """A number beside each point, or the nearest place below it, else above it, that is free, with a line to its point;
    where there is none within the axes a point has no number.
    """
    figure, size = axes.figure.get_figure(root=True), style.SMALL_RC["font.size"]
    assert figure is not None
    figure.draw_without_rendering()  # from here on the places of points on the paper are known
    inches = figure.dpi_scale_trans.inverted()
    placed: list[tuple[float, float, float]] = []
    floor, ceiling = (72 * float(inches.transform(axes.transAxes.transform((0.0, end)))[1]) for end in (0.0, 1.0))
    for n, point in sorted(points.items(), key=lambda found: -found[1][1]):
        x, y = (72 * float(c) for c in inches.transform(axes.transData.transform(point)))
        left, right = x + 5, x + 7 + 72 * style.inches(str(n), size)
        beside = [c for a, b, c in placed if a < right and left < b]
        below, above = np.arange(y, floor + LABEL_POINTS, -1.0), np.arange(y, ceiling, 1.0)
        free = (c for c in (*below, *above) if all(abs(c - other) >= LABEL_POINTS for other in beside))
        top = next((float(c) for c in free if c - LABEL_POINTS >= floor), None)
        if top is None:
            continue
        placed.append((left, right, top))
        moved = {"arrowstyle": "-", "linewidth": 0.5, "color": style.MUTED, "shrinkA": 0, "shrinkB": 2}
        arrow = moved if abs(y - top) > LABEL_POINTS / 2 else None
        axes.annotate(str(n), point, (5, top - y), textcoords="offset points", va="top", arrowprops=arrow)
