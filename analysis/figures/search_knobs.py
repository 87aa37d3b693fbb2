"""Figures of a search: history, rungs, importances, slices, contours, parallel coordinates.

Each is `draw_...(frame...) -> Figure` over the frames of `analysis.searches.findings`. Whole trials are filled marks,
those stopped early hollow: their values are of other epochs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from analysis.figures import axes as axes_module
from analysis.figures import style
from analysis.figures.axes import log_axis, whole_epochs
from analysis.figures.named_figure import NamedFigure, missing
from analysis.searches.findings import SearchFindings
from analysis.searches.importance import MIN_TRIALS_FOR_IMPORTANCE
from analysis.searches.proposal_frames import curve_frame, history_frame, rung_frame
from study.spec.domains import Choice, Domain, Int, Space
from trainables.records.metrics import METRICS

GROUND = 10
"""Whole trials from which on a contour has a ground."""
SLICES = 8
"""At most so many knobs are sliced, the most important first."""


def figures(found: SearchFindings, only: Collection[str] = ()) -> list[NamedFigure]:
    """The figures of one part of a search, all of them or those named; what its trials do not allow says why."""
    objective = found.part.search.objectives[0]
    base, frame = found.name.replace(" (", "-").rstrip(")"), found.proposals
    whole = int((frame["state"] == "whole").sum())
    curves, rungs = curve_frame(found.part), rung_frame(found.part)
    history = history_frame(frame, found.part.search)
    made: list[NamedFigure] = []

    def add(
        name: str, title: str, caption: str, data: pd.DataFrame, draw: Callable[[], Figure], reason: str = ""
    ) -> None:
        if only and name not in only:
            return
        full = f"{base}-{name}"
        alt = f"{title}. {caption}"
        made.append(missing(full, title, reason) if reason else NamedFigure(full, title, alt, caption, data, draw))

    none = "" if whole else "no proposal was trained to the end"
    best = (
        f"The best {value_label(objective)} is {_factor(objective) * history['best'].iloc[-1]:.4g}. " if whole else ""
    )
    add(
        "history",
        "History",
        best + f"{whole} of {len(frame)} proposals were trained to the end.",
        history,
        lambda: draw_history(history, objective),
        none,
    )
    add(
        "rungs", "Who was stopped where",
        "Each line is a proposal, mean over seeds; bars: how many arrived at an epoch (pale) and went on (dark).",
        curves, lambda: draw_rungs(curves, rungs, objective), "" if len(curves) else "nothing was reported",
    )  # fmt: skip
    few = f"importances need at least {MIN_TRIALS_FOR_IMPORTANCE} proposals trained to the end, and there are {whole}"
    add(
        "importances", "Which knobs mattered",
        f"fANOVA over the {whole} proposals trained to the end; hollow bars are tied with the first.",
        found.importances, lambda: draw_importances(found.importances), few if found.importances.empty else "",
    )  # fmt: skip
    marks = "Filled marks were trained to the end, hollow ones stopped early."
    add(
        "slices",
        "Slices",
        f"The value over each knob, all others as they were. {marks}",
        frame,
        lambda: draw_slices(found),
        none,
    )
    numbers = "" if len(_numeric(found)) > 1 else "the space has fewer than two knobs that are numbers"
    add(
        "contour", "The two leading numbers of the space",
        f"Colour: the value of a mark; behind {GROUND} or more, the mean of the nearest three. {marks}",
        frame, lambda: draw_contour(found), none or numbers,
    )  # fmt: skip
    if found.front:
        second = found.part.search.objectives[1]
        add(
            "front",
            "The front",
            f"{len(found.front)} of {whole} that were trained to the end are beaten by no other in both.",
            frame,
            lambda: draw_front(found, second),
        )
    add(
        "parallel",
        "Parallel coordinates",
        "A line is a proposal; a knob that does not exist for it is a gap.",
        frame,
        lambda: draw_parallel(found),
        none,
    )
    return made


def value_label(objective: str) -> str:
    """The objective as an axis says it."""
    return axes_module.label(objective) if objective in style.LABELS else objective.replace("_", " ")


@style.styled
def draw_history(history: pd.DataFrame, objective: str) -> Figure:
    """Whole proposals in order, and the best so far."""
    figure = style.new_figure(height=2.6)
    axes = figure.subplots()
    factor = _factor(objective)
    axes.plot(history["n"], factor * history["value"], "o", color=style.COLOURS[1], label="trained to the end")
    axes.step(history["n"], factor * history["best"], where="post", color=style.COLOURS[0], label="best so far")
    axes.set_xlabel("proposal")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylabel(value_label(objective))
    axes.legend(loc="best")
    return figure


@style.styled
def draw_rungs(curves: pd.DataFrame, rungs: pd.DataFrame, objective: str) -> Figure:
    """Who was stopped where: every proposal's curve, and how many arrived at each rung and went on."""
    figure = style.new_figure(height=3.4)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    factor = _factor(objective)
    for _, rows in curves.groupby("n"):
        whole = rows["state"].iloc[0] == "whole"
        colour = style.COLOURS[1] if whole else "#8a8a8a"
        above.plot(rows["epoch"], factor * rows["value"], color=colour, linewidth=1.2 if whole else 0.6)
        last = rows.iloc[-1]
        mark = {"whole": "o", "diverged": "X"}.get(str(last["state"]), "s")
        above.plot(
            [last["epoch"]],
            [factor * last["value"]],
            mark,
            color=colour,
            markersize=3,
            mfc=colour if whole else "white",
        )
    above.set_ylabel(value_label(objective))
    handles = [
        Line2D([], [], color=style.COLOURS[1], marker="o", label="to the end"),
        Line2D([], [], color="#8a8a8a", marker="s", mfc="white", label="stopped early"),
    ]
    above.legend(handles=handles, loc="lower right")
    below.bar(rungs["epoch"], rungs["arrived"], width=0.6, color="#d0d0d0")
    below.bar(rungs["epoch"], rungs["went_on"], width=0.6, color=style.COLOURS[1])
    for _, row in rungs.iterrows():
        text = f"{int(row['went_on'])} of {int(row['arrived'])}"
        below.annotate(
            text, (row["epoch"], row["arrived"]), ha="center", va="bottom", fontsize=7, annotation_clip=False
        )
    below.set_ylabel("went on")
    below.set_xlabel("epoch")
    below.set_ylim(0, 1.35 * max(rungs["arrived"], default=1))
    whole_epochs(below)
    return figure


@style.styled
def draw_importances(importances: pd.DataFrame) -> Figure:
    """A bar a knob with its band; hollow where it is tied with the first."""
    rows = importances.iloc[::-1]
    figure = style.new_figure(height=0.6 + 0.24 * len(rows))
    axes = figure.subplots()
    at = range(len(rows))
    colours = ["white" if t else style.COLOURS[1] for t in rows["tied"]]
    axes.barh(at, rows["importance"], color=colours, edgecolor=style.COLOURS[1], height=0.6)
    axes.hlines(at, rows["low"], rows["high"], color="black", linewidth=1)
    axes.set_yticks(list(at), list(rows["name"]))
    axes.set_xlabel("share of the variance between whole trials (line: nine in ten bootstrap samples)")
    axes.set_xlim(0, max(1.0, float(rows["high"].max())))
    return figure


@style.styled
def draw_slices(found: SearchFindings) -> Figure:
    """The value over each knob, all others as they were."""
    names = _leading(found, SLICES)
    columns = min(4, len(names))
    rows = -(-len(names) // columns)
    figure = style.new_figure(height=0.4 + 1.7 * rows)
    panels = figure.subplots(rows, columns, sharey=True, squeeze=False)
    objective = found.part.search.objectives[0]
    whole, stopped = _by_state(found.proposals)
    for axes, name in zip(panels.flat, names, strict=False):
        domain = found.part.search.space[name]
        for part, filled in ((stopped, False), (whole, True)):
            shown = part[part[name].notna()]
            face = style.COLOURS[1] if filled else "none"
            edge = style.COLOURS[1] if filled else "#8a8a8a"
            axes.scatter(
                _numbers(domain, shown[name]),
                _factor(objective) * shown["value"],
                s=14,
                c=face,
                edgecolors=edge,
                linewidths=0.8,
            )
        _scale(axes, domain)
        axes.set_xlabel(name)
    for axes in list(panels.flat)[len(names) :]:
        axes.set_visible(False)
    for row in panels:
        row[0].set_ylabel(value_label(objective))
    return figure


@style.styled
def draw_contour(found: SearchFindings) -> Figure:
    """The two leading numbers of the space against each other; the value is the colour of a mark."""
    x, y = _numeric(found)[:2]
    figure = style.new_figure(height=3.2)
    axes = figure.subplots()
    objective = found.part.search.objectives[0]
    whole, stopped = _by_state(found.proposals)
    shown = whole[whole[x].notna() & whole[y].notna()]
    space = found.part.search.space
    if len(shown) >= GROUND:
        _surface(axes, found, shown, x, y)
    rest = stopped[stopped[x].notna() & stopped[y].notna()]
    axes.scatter(
        _numbers(space[x], rest[x]),
        _numbers(space[y], rest[y]),
        s=12,
        facecolors="none",
        edgecolors="#8a8a8a",
        linewidths=0.7,
    )
    marks = axes.scatter(
        _numbers(space[x], shown[x]),
        _numbers(space[y], shown[y]),
        c=_factor(objective) * shown["value"],
        s=26,
        cmap="viridis",
        edgecolors="black",
    )
    figure.colorbar(marks, ax=axes, label=value_label(objective))
    _scale(axes, space[x])
    _scale(axes, space[y], "y")
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    return figure


def _surface(axes: Axes, found: SearchFindings, shown: pd.DataFrame, x: str, y: str) -> None:
    """Means of the nearest three whole trials, as a faint ground."""
    space = found.part.search.space
    places = np.array(
        [[space[n].share(v) for n, v in ((x, a), (y, b))] for a, b in zip(shown[x], shown[y], strict=True)]
    )
    values = _factor(found.part.search.objectives[0]) * shown["value"].to_numpy()
    side = np.linspace(0, 1, 40)
    grid = np.array(
        [[values[np.argsort((places[:, 0] - a) ** 2 + (places[:, 1] - b) ** 2)[:3]].mean() for a in side] for b in side]
    )
    across = [_number(space[x], space[x].at(s)) for s in side]
    up = [_number(space[y], space[y].at(s)) for s in side]
    axes.contourf(across, up, grid, levels=8, cmap="viridis", alpha=0.35)


@style.styled
def draw_front(found: SearchFindings, second: str) -> Figure:
    """Whole trials over both objectives, those that no other beats joined by a line."""
    objective = found.part.search.objectives[0]
    figure = style.new_figure(height=3.0)
    axes = figure.subplots()
    whole, _ = _by_state(found.proposals)
    best = whole.set_index("n").loc[list(found.front)]
    factors = _factor(objective), _factor(second)
    axes.plot(factors[1] * whole["second"], factors[0] * whole["value"], "o", color="#8a8a8a", mfc="none", markersize=4)
    axes.plot(factors[1] * best["second"], factors[0] * best["value"], "o-", color=style.COLOURS[1], linewidth=1)
    for n, row in best.iterrows():
        axes.annotate(f" {n}", (factors[1] * row["second"], factors[0] * row["value"]), fontsize=7, va="top")
    axes.set_xlabel(value_label(second))
    axes.set_ylabel(value_label(objective))
    return figure


@style.styled
def draw_parallel(found: SearchFindings) -> Figure:
    """A line a proposal over all knobs, each on its own range; the best tenth of the whole ones thick."""
    names = _leading(found, 10)
    space, objective = found.part.search.space, found.part.search.objectives[0]
    figure = style.new_figure(height=3.0)
    axes = figure.subplots()
    whole, stopped = _by_state(found.proposals)
    sign = 1.0 if METRICS[objective].direction == "higher" else -1.0
    bar = (sign * whole["value"]).quantile(0.9) if len(whole) else math.inf
    for part, colour, width in ((stopped, "#c8c8c8", 0.5), (whole, "#7fa6c9", 0.8)):
        for _, row in part.iterrows():
            _line(axes, space, names, row, colour, width)
    for _, row in whole[sign * whole["value"] >= bar].iterrows():
        _line(axes, space, names, row, style.COLOURS[2], 1.8)
    axes.set_xticks(range(len(names)), names, rotation=30, ha="right")
    axes.set_yticks([0, 1], ["low end", "high end"])
    handles = [
        Line2D([], [], color=style.COLOURS[2], linewidth=1.8, label="best tenth of the whole ones"),
        Line2D([], [], color="#7fa6c9", label="trained to the end"),
        Line2D([], [], color="#c8c8c8", label="stopped early"),
    ]
    axes.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, 1.14), ncols=3)
    return figure


def _line(axes: Axes, space: Space, names: Sequence[str], row: pd.Series, colour: str, width: float) -> None:
    gaps = [row[n] is None or row[n] != row[n] for n in names]
    heights = [
        math.nan if gap else space[n].share(_typed(space[n], row[n])) for n, gap in zip(names, gaps, strict=True)
    ]
    axes.plot(range(len(names)), heights, color=colour, linewidth=width, marker=".", markersize=2)


# -------------------------------------------------------------------------------------------------------------- small


def _factor(objective: str) -> float:
    return 100.0 if objective in style.PERCENT else 1.0


def _by_state(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    finite = frame[np.isfinite(frame["value"].astype(float))]
    return finite[finite["state"] == "whole"], finite[finite["state"] == "paused"]


def _leading(found: SearchFindings, most: int) -> list[str]:
    """Names by importance, else in the order of the space; those with a single value are left out."""
    space = found.part.search.space
    order = [*found.importances["name"], *space]
    return [n for n in dict.fromkeys(order) if len(space[n].ends()) > 1][:most]


def _numeric(found: SearchFindings) -> list[str]:
    """Names that are numbers; those of few values last."""
    space = found.part.search.space
    names = [n for n in _leading(found, len(space)) if not isinstance(space[n], Choice)]
    return sorted(names, key=lambda n: isinstance(space[n], Int) and space[n].high - space[n].low < SLICES)  # type: ignore[union-attr]


def _typed(domain: Domain, value: Any) -> Any:
    if isinstance(domain, Choice):
        return next(v for v in domain.values if v == value)
    return value


def _number(domain: Domain, value: Any) -> float:
    return float(domain.values.index(_typed(domain, value))) if isinstance(domain, Choice) else float(value)


def _numbers(domain: Domain, values: pd.Series) -> list[float]:
    return [_number(domain, v) for v in values]


def _scale(axes: Axes, domain: Domain, which: str = "x") -> None:
    """The axis of a knob: logarithmic where its range is, the names of its choices where it has them."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    if isinstance(domain, Choice):
        texts = [str(v) if not isinstance(v, tuple) else "-".join(map(str, v)) or "none" for v in domain.values]
        axis.set_ticks(list(range(len(texts))), texts)
        if which == "x" and max(map(len, texts)) > 5:
            axes.tick_params(axis="x", rotation=30)
    elif domain.log:
        log_axis(axes, which)
    elif isinstance(domain, Int):
        axis.set_major_locator(MaxNLocator(integer=True, nbins=5))
