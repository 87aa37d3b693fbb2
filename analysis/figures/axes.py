"""Axes, ticks, legends, panels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.figures.style import LABELS, RC, WIDTH_INCHES, inches, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.ticker import LogLocator


def label(metric: str) -> str:
    """The axis label of a column, with its unit."""
    return LABELS.get(metric, metric.replace("_", " "))


def explodes(values: Sequence[float] | pd.Series, factor: float = 30.0) -> bool:
    """Whether positive values span so much that only a log axis shows them all.

    >>> explodes([0.5, 2.3]), explodes([0.5, 900.0]), explodes([-1.0, 900.0])
    (False, True, False)
    """
    numbers = np.asarray(values, dtype=float)
    numbers = numbers[np.isfinite(numbers)]
    return bool(len(numbers) and numbers.min() > 0 and numbers.max() > factor * numbers.min())


def log_axis(axes: Axes, which: str = "y") -> None:
    """A log axis with plain tick labels (0.001, 1, 1e+06), labelled between the decades where it spans few."""
    from matplotlib.ticker import FuncFormatter, NullLocator

    getattr(axes, f"set_{which}scale")("log")
    axis = getattr(axes, f"{which}axis")
    axis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    low, high = sorted(getattr(axes, f"get_{which}lim")())
    if low > 0 and high < 20 * low:  # a quotient may be too large for a number
        axis.set_minor_formatter(FuncFormatter(lambda v, _: f"{v:g}" if f"{v:.0e}"[0] in "25" else ""))
    else:
        axis.set_minor_locator(NullLocator())


def decades(most: int) -> LogLocator:
    """Ticks at powers of ten, few enough to read."""
    from matplotlib.ticker import LogLocator

    return LogLocator(base=10, numticks=most)


def decade_labels(axes: Axes) -> None:
    """Powers of ten as plain labels on a log y axis, none between."""
    from matplotlib.ticker import FuncFormatter, NullFormatter, NullLocator

    axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_minor_locator(NullLocator())


def symlog_axis(axes: Axes, linear: float) -> None:
    """An x axis that is linear within about +-`linear` and logarithmic beyond, with a few plain labels."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    middle = 10.0 ** np.floor(np.log10(linear))
    axes.set_xscale("symlog", linthresh=middle, linscale=1.0)
    largest = max(abs(v) for v in axes.get_xlim())
    powers = np.arange(np.log10(middle), np.floor(np.log10(largest)) + 1)
    powers = powers[:: max(1, -(-len(powers) // 3))]
    ticks = [t for t in (*(-(10.0**powers)), 0.0, *(10.0**powers)) if axes.get_xlim()[0] <= t <= axes.get_xlim()[1]]
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))


def whole_epochs(axes: Axes) -> None:
    """Ticks at whole epochs only, and room for one on either side of a single epoch."""
    from matplotlib.ticker import MaxNLocator

    low, high = axes.get_xlim()
    if high - low < 1:
        axes.set_xlim((low + high) / 2 - 1, (low + high) / 2 + 1)
    axes.xaxis.set_major_locator(MaxNLocator("auto", integer=True, steps=[1, 2, 5, 10]))


LEGEND_SIZE = RC["legend.fontsize"]
LEGEND_COLUMN_INCHES = LEGEND_SIZE * (3.2 + 0.8 + 2.0) / 72
"""Inches of a legend's column beside its text: handle, pad, and the space to the next."""


def legend_texts(names: Sequence[str]) -> tuple[list[str], int, float]:
    """Names wrapped for a legend, its number of columns, and its height in inches."""
    texts = [wrapped(n, 2.2, LEGEND_SIZE) for n in names]
    widest = max((inches(line, LEGEND_SIZE) for t in texts for line in t.split("\n")), default=0.1)
    columns = max(1, min(len(texts), int(WIDTH_INCHES / (widest + LEGEND_COLUMN_INCHES))))
    heights = [[_entry(t.count("\n") + 1) for t in part] for part in np.array_split(np.array(texts), columns)]
    return texts, columns, max(map(sum, heights), default=0.0) + 0.1


def _entry(lines: int) -> float:
    """Inches of an entry of a legend, as Matplotlib sets them: with the space below it."""
    return 0.16 if lines == 1 else 0.055 + 0.126 * lines


def legend_mark(
    *,
    color: str,
    label: str = "",
    linestyle: Any = "-",
    linewidth: float | None = None,
    marker: str = "none",
    markersize: float | None = None,
    markerfacecolor: str | None = None,
) -> Line2D:
    """What stands for a line or a mark in a legend."""
    from matplotlib.lines import Line2D

    return Line2D(
        [],
        [],
        color=color,
        label=label,
        linestyle=linestyle,
        linewidth=linewidth,
        marker=marker,
        markersize=markersize,
        markerfacecolor=markerfacecolor,
    )


def legend_below(figure: Figure, handles: Sequence[Line2D], names: Sequence[str]) -> None:
    """One legend under all panels; names are drawn as they are, whatever they begin with."""
    texts, columns, _ = legend_texts(names)
    where: dict[str, Any] = {"loc": "outside lower center"}
    if figure.get_layout_engine() is None:
        where = {"loc": "lower center", "bbox_to_anchor": (0.5, 0.0), "borderaxespad": 0.1}
    legend = figure.legend(list(handles), ["x"] * len(texts), ncols=columns, handlelength=3.2, **where)
    for drawn, text in zip(legend.get_texts(), texts, strict=True):
        drawn.set_text(text)


@dataclass(frozen=True)
class Margins:
    """Inches around a grid of panels, and between them."""

    left: float = 0.62
    right: float = 0.1
    top: float = 0.24
    bottom: float = 0.45
    across: float = 0.62
    """Between columns."""
    down: float = 0.3
    """Between rows."""
    label: float = 0.18
    """From the left edge to the foot of a y axis's label."""

    def width(self, columns: int) -> float:
        """Inches of each of so many panels beside each other."""
        return (WIDTH_INCHES - self.left - self.right - (columns - 1) * self.across) / columns


Shared = bool | Literal["none", "all", "row", "col"]
"""Which panels of a grid have one axis."""


def panels(
    rows: int, columns: int, height: float, margins: Margins, *, sharex: Shared = False, sharey: Shared = False
) -> tuple[Figure, npt.NDArray[Any]]:
    """A figure with a grid of panels of equal size, `height` inches each.

    The margins are given, not found: finding them takes as long as drawing the figure.
    """
    from matplotlib.figure import Figure

    m = margins
    total = m.top + m.bottom + rows * height + (rows - 1) * m.down
    width = m.width(columns)
    figure = Figure(figsize=(WIDTH_INCHES, total))
    places = {
        "left": m.left / WIDTH_INCHES,
        "right": 1 - m.right / WIDTH_INCHES,
        "bottom": m.bottom / total,
        "top": 1 - m.top / total,
        "wspace": m.across / width,
        "hspace": m.down / height,
    }
    grid = figure.subplots(rows, columns, squeeze=False, gridspec_kw=places, sharex=sharex, sharey=sharey)
    for axes in grid.flat:
        space = m.left if axes in grid[:, 0] else min(m.left, m.across)
        axes.yaxis.set_label_coords((m.label - space) / width, 0.5)
        axes.xaxis.set_label_coords(0.5, -0.26 / height)
    return figure, grid
