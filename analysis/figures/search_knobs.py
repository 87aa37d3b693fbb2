"""What a search says of its knobs: importances, slices, contours, parallel coordinates.

Whole trials are filled marks, those stopped early hollow: their values are of other epochs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.figures import style
from analysis.figures.axes import legend_mark, log_axis
from analysis.figures.search_labels import by_state, display_factor, ticks_apart, value_label
from analysis.searches.findings import SearchFindings
from study.spec.domains import Choice, Domain, Int, Space
from trainables.records.metrics import METRICS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MIN_TRIALS_FOR_CONTOUR = 10
"""Whole trials from which on a contour has a ground."""
MAX_NAMES = 12
"""Names of choices on an axis; of more, every second or third is written."""
MAX_LETTERS = 20
"""Letters of such a name."""
PARALLEL_STEP_INCHES, MIN_PARALLEL_STEPS_INCHES = 0.5, 2.0
"""Of the parallel coordinates: the room of a knob, and the least of all together, else two knobs are a thin strip."""
MAX_KNOB_INCHES, END_GAP_POINTS = 1.6, 5.0
"""Of the name of a knob there, before it is wrapped; between the line of a knob and its end."""
SLICE_INCHES, FEW_SLICES = 1.9, 3
"""The height of a slice, and how many have the whole width each; more stand two beside each other."""
SLICES_INCHES, CONTOUR_INCHES = 2.8, 2.2
"""What the axes of slices have beside each other, and that of a contour."""
MAX_SLICES = 8
"""At most so many knobs are sliced, the most important first."""


@style.small
def draw_importances(importances: pd.DataFrame) -> Figure:
    """A bar a knob with its band; hollow where it is tied with the first."""
    rows = importances.iloc[::-1]
    figure = style.new_figure(width=style.SMALL_WIDTH_INCHES, height=0.6 + 0.26 * len(rows))
    axes = figure.subplots()
    at = range(len(rows))
    colours = ["white" if t else style.BLUE for t in rows["tied"]]
    axes.barh(at, rows["importance"], color=colours, edgecolor=style.BLUE, height=0.6)
    axes.hlines(at, rows["low"], rows["high"], color=style.INK, linewidth=1)
    axes.set_yticks(list(at), list(rows["name"]))
    axes.set_xlabel("share of the variance")
    axes.set_xlim(0, max(1.0, float(rows["high"].max())))
    return figure


@style.small
def draw_slices(found: SearchFindings) -> Figure:
    """The value over each knob, all others as they were."""
    names = _leading(found, MAX_SLICES)
    columns = 1 if len(names) <= FEW_SLICES else 2
    rows = -(-len(names) // columns)
    figure = style.new_figure(width=style.SMALL_WIDTH_INCHES, height=0.4 + (SLICE_INCHES + _room(found, names)) * rows)
    panels = figure.subplots(rows, columns, sharey=True, squeeze=False)
    objective = found.part.search.objectives[0]
    whole, stopped = by_state(found.proposals)
    for axes, name in zip(panels.flat, names, strict=False):
        domain = found.part.search.space[name]
        for part, filled in ((stopped, False), (whole, True)):
            shown = part[part[name].notna()]
            face = style.BLUE if filled else "none"
            edge = style.BLUE if filled else style.MUTED
            axes.scatter(
                _numbers(domain, shown[name]),
                display_factor(objective) * shown["value"],
                s=14,
                c=face,
                edgecolors=edge,
                linewidths=0.8,
            )
        scale(axes, domain)
        _ticks(axes, domain, SLICES_INCHES / columns)
        axes.set_xlabel(name)
    for axes in list(panels.flat)[len(names) :]:
        axes.set_visible(False)
    panels.flat[0].set_title(value_label(objective))
    return figure


@style.small
def draw_contour(found: SearchFindings) -> Figure:
    """The two leading numbers of the space against each other; the value is the colour of a mark."""
    x, y = numeric_names(found)[:2]
    figure = style.new_figure(width=style.SMALL_WIDTH_INCHES, height=style.SMALL_HEIGHT_INCHES)
    axes = figure.subplots()
    objective = found.part.search.objectives[0]
    whole, stopped = by_state(found.proposals)
    shown = whole[whole[x].notna() & whole[y].notna()]
    space = found.part.search.space
    if len(shown) >= MIN_TRIALS_FOR_CONTOUR:
        _surface(axes, found, shown, x, y)
    rest = stopped[stopped[x].notna() & stopped[y].notna()]
    axes.scatter(
        _numbers(space[x], rest[x]),
        _numbers(space[y], rest[y]),
        s=12,
        facecolors="none",
        edgecolors=style.MUTED,
        linewidths=0.7,
    )
    marks = axes.scatter(
        _numbers(space[x], shown[x]),
        _numbers(space[y], shown[y]),
        c=display_factor(objective) * shown["value"],
        s=26,
        cmap="viridis",
        edgecolors=style.INK,
    )
    figure.colorbar(marks, ax=axes, label=value_label(objective)).outline.set_visible(False)
    scale(axes, space[x])
    scale(axes, space[y], "y")
    _ticks(axes, space[x], CONTOUR_INCHES)
    axes.set_xlabel(x)
    axes.set_title(y)
    return figure


def _surface(axes: Axes, found: SearchFindings, shown: pd.DataFrame, x: str, y: str) -> None:
    """Means of the nearest three whole trials, as a faint ground."""
    space = found.part.search.space
    places = np.array(
        [[space[n].share(v) for n, v in ((x, a), (y, b))] for a, b in zip(shown[x], shown[y], strict=True)]
    )
    values = display_factor(found.part.search.objectives[0]) * shown["value"].to_numpy()
    side = np.linspace(0, 1, 40)
    grid = np.array(
        [[values[np.argsort((places[:, 0] - a) ** 2 + (places[:, 1] - b) ** 2)[:3]].mean() for a in side] for b in side]
    )
    across = [_number(space[x], space[x].at(s)) for s in side]
    up = [_number(space[y], space[y].at(s)) for s in side]
    axes.contourf(across, up, grid, levels=8, cmap="viridis", alpha=0.35)


@style.small
def draw_parallel(found: SearchFindings) -> Figure:
    """A line a proposal over all knobs, each on its own range; the best tenth of those trained to the end thick."""
    names = _leading(found, 10)
    space, objective = found.part.search.space, found.part.search.objectives[0]
    step = max(PARALLEL_STEP_INCHES, MIN_PARALLEL_STEPS_INCHES / len(names))
    figure = style.new_figure(height=0.7 + step * len(names))
    axes = figure.subplots()
    whole, stopped = by_state(found.proposals)
    sign = 1.0 if METRICS[objective].direction == "higher" else -1.0
    bar = (sign * whole["value"]).quantile(0.9) if len(whole) else math.inf
    for part, colour, width in ((stopped, "#c9ced6", 0.5), (whole, style.PALE, 0.8)):
        for _, row in part.iterrows():
            _line(axes, space, names, row, colour, width)
    for _, row in whole[sign * whole["value"] >= bar].iterrows():
        _line(axes, space, names, row, style.OCHRE, 1.8)
    _ranges(axes, space, names, PARALLEL_STEP_INCHES / step)
    handles = [
        legend_mark(color=style.OCHRE, linewidth=1.8, label="best tenth of those trained to the end"),
        legend_mark(color=style.PALE, label="trained to the end"),
        legend_mark(color="#c9ced6", label="stopped early"),
    ]
    figure.legend(handles=handles, loc="outside upper left", ncols=len(handles))
    return figure


def _ranges(axes: Axes, space: Space, names: Sequence[str], margin: float) -> None:
    """A line a knob from above, its name beside it, with its ends; the values of a choice stand below, on white.

    The wider the steps, the less is the margin.
    """
    size = style.SMALL_RC["font.size"]
    ends = {n: [f"{end:g}" for end in domain.ends()] for n in names if not isinstance(domain := space[n], Choice)}
    room = max((style.inches(of[0], size) for of in ends.values()), default=0.0)
    axes.set_yticks(range(len(names)), [style.wrapped(n, MAX_KNOB_INCHES, size) for n in names])
    axes.tick_params(axis="y", pad=72 * room + 2 * END_GAP_POINTS)
    axes.set_ylim(len(names) - 1 + 0.6 * margin, -0.35 * margin)
    axes.set_xlim(-0.03, 1.03)
    axes.set_xticks([])
    axes.spines[["left", "bottom"]].set_visible(False)
    beside = style.WIDTH_INCHES - 1.5 - min(MAX_KNOB_INCHES, max(style.inches(n, size) for n in names)) - room
    look: dict[str, Any] = {"textcoords": "offset points", "color": style.MUTED, "annotation_clip": False}
    beyond = ("axes fraction", "data")
    for at, name in enumerate(names):
        domain = space[name]
        if not isinstance(domain, Choice):
            (low, *_, high) = ends[name]
            axes.annotate(low, (0, at), (-END_GAP_POINTS, 0), xycoords=beyond, ha="right", va="center", **look)
            axes.annotate(high, (1, at), (END_GAP_POINTS, 0), xycoords=beyond, ha="left", va="center", **look)
            continue
        for share, text in _values(domain, beside):
            align = "left" if share < 0.05 else "right" if share > 0.95 else "center"
            said = axes.annotate(text, (share, at), (0, -5), ha=align, va="top", **look)
            said.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1})


def _values(domain: Choice, width: float) -> list[tuple[float, str]]:
    """Where on the line of a choice which of its values are written: its ends; of what has no order all, if they fit.

    >>> _values(Choice(values=("step", "cosine")), 2.0), _values(Choice(values=(0.0, 0.1, 0.5), ordered=True), 2.0)
    ([(0.25, 'step'), (0.75, 'cosine')], [(0.16666666666666666, '0.0'), (0.8333333333333334, '0.5')])
    """
    places = [(domain.share(v), name) for v, name in zip(domain.values, _names(domain), strict=True)]
    each = width / len(places)
    fit = all(style.inches(name, style.SMALL_RC["font.size"]) < each - 0.05 for _, name in places)
    return [places[0], places[-1]] if domain.ordered or not fit else places


def _line(axes: Axes, space: Space, names: Sequence[str], row: pd.Series, colour: str, width: float) -> None:
    gaps = [row[n] is None or row[n] != row[n] for n in names]
    places = [math.nan if gap else space[n].share(_typed(space[n], row[n])) for n, gap in zip(names, gaps, strict=True)]
    axes.plot(places, range(len(names)), color=colour, linewidth=width, marker=".", markersize=2)


def _leading(found: SearchFindings, most: int) -> list[str]:
    """Names by importance, else in the order of the space; those with a single value are left out."""
    space = found.part.search.space
    order = [*found.importances["name"], *space]
    return [n for n in dict.fromkeys(order) if len(space[n].ends()) > 1][:most]


def numeric_names(found: SearchFindings) -> list[str]:
    """Names that are numbers; those of few values last."""
    space = found.part.search.space
    names = [n for n in _leading(found, len(space)) if not isinstance(space[n], Choice)]
    return sorted(names, key=lambda n: isinstance(space[n], Int) and space[n].high - space[n].low < MAX_SLICES)  # type: ignore[union-attr]


def _typed(domain: Domain, value: Any) -> Any:
    if isinstance(domain, Choice):
        return next(v for v in domain.values if v == value)
    return value


def _number(domain: Domain, value: Any) -> float:
    return float(domain.values.index(_typed(domain, value))) if isinstance(domain, Choice) else float(value)


def _numbers(domain: Domain, values: pd.Series) -> list[float]:
    return [_number(domain, v) for v in values]


def _names(domain: Choice) -> list[str]:
    """The choices as an axis names them: long ones without their middle, for names differ at their ends.

    >>> _names(Choice(values=((), (1000,) * 6)))
    ['none', '1000-10...-1000-1000']
    """
    whole = [str(v) if not isinstance(v, tuple) else "-".join(map(str, v)) or "none" for v in domain.values]
    cut = [t if len(t) <= MAX_LETTERS else f"{t[: MAX_LETTERS - 13]}...{t[-10:]}" for t in whole]
    return [style.plain(t) for t in cut]


def _turned(names: Sequence[str]) -> int:
    """The degrees by which names are turned so that they do not overlap on a small panel."""
    longest = max(map(len, names))
    return 0 if longest * len(names) <= 15 else 30 if longest <= 8 and len(names) <= 4 else 90


def _room(found: SearchFindings, names: Sequence[str]) -> float:
    """Inches below a panel for the longest name that stands upright."""
    space = found.part.search.space
    choices = [_names(domain) for name in names if isinstance(domain := space[name], Choice)]
    upright = [t for texts in choices if _turned(texts) == 90 for t in texts]
    return max((style.inches(t, style.SMALL_RC["xtick.labelsize"]) for t in upright), default=0.0)


def _ticks(axes: Axes, domain: Domain, inches: float) -> None:
    """Ticks of a knob that is a number: as many as stand apart on so many inches."""
    from matplotlib.ticker import NullLocator

    if isinstance(domain, Choice):
        return
    size = style.SMALL_RC["xtick.labelsize"]
    found = ticks_apart(axes.get_xlim(), inches, size, log=domain.log, whole=isinstance(domain, Int))
    axes.xaxis.set_ticks(found, [f"{t:g}" for t in found])
    axes.xaxis.set_minor_locator(NullLocator())


def scale(axes: Axes, domain: Domain, which: str = "x") -> None:
    """The axis of a knob: logarithmic where its range is, the names of its choices where it has them."""
    from matplotlib.ticker import MaxNLocator

    axis = axes.xaxis if which == "x" else axes.yaxis
    if isinstance(domain, Choice):
        texts = _names(domain)
        every = -(-len(texts) // MAX_NAMES)
        axis.set_ticks(list(range(0, len(texts), every)), texts[::every])
        if which == "x" and (turned := _turned(texts)):
            axes.tick_params(axis="x", rotation=turned)
    elif domain.log:
        log_axis(axes, which)
    elif isinstance(domain, Int):
        axis.set_major_locator(MaxNLocator(integer=True, nbins=5))
