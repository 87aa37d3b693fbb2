"""The one look of all figures: sizes, fonts, colours that survive grey print, axis labels with units, safe text.

Nothing here changes a global setting for good: `styled` wraps a draw function so that the look holds while it runs.
What is drawn lives in the other modules; files in `image_files`.
"""

from __future__ import annotations

import functools
import textwrap
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ParamSpec

import matplotlib.style
import pandas as pd
import seaborn as sns
from matplotlib import font_manager
from matplotlib.figure import Figure

from trainables.records.metrics import METRICS

WIDTH = 7.2
"""Inches: a page's text width, so that 8 point text stays 8 point in print."""

RC: dict[str, Any] = {
    "figure.dpi": 150,
    "savefig.dpi": 150,
    "font.family": "DejaVu Sans",
    "mathtext.fontset": "dejavusans",
    "font.size": 8,
    "axes.titlesize": 8.5,
    "axes.labelsize": 8,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "legend.fontsize": 7.5,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#d9d9d9",
    "grid.linewidth": 0.5,
    "axes.linewidth": 0.7,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "xtick.minor.size": 0,
    "ytick.minor.size": 0,
    "lines.linewidth": 1.3,
    "lines.markersize": 4,
    "svg.fonttype": "path",
    "svg.hashsalt": "figures",
    "figure.constrained_layout.h_pad": 0.05,
    "figure.constrained_layout.w_pad": 0.05,
}

_PALETTE = sns.color_palette("colorblind").as_hex()
COLOURS = ("#000000", *(_PALETTE[i] for i in (0, 1, 2, 4, 3, 9)))
"""Black, then six of seaborn's "colorblind" palette, in an order whose neighbours also differ in grey."""
DASHES: tuple[Any, ...] = ("-", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5)), (0, (3, 1, 1, 1, 1, 1)))
MARKERS = ("o", "s", "^", "D", "v", "P", "<", "X", ">")
ENDS = {"stopped": "s", "diverged": "X", "failed": "P"}
"""Marker where a trial ended before its time."""

LABELS = {
    **{m.name: m.axis for m in METRICS.values()},
    "epoch": "epoch",
}
"""Axis labels with units, by column."""
PERCENT = frozenset(m.name for m in METRICS.values() if m.scale != 1.0)
"""Columns that are recorded as shares and drawn as percent."""

P = ParamSpec("P")


@contextmanager
def house() -> Iterator[None]:
    """The look, for as long as the block runs, whatever the caller's own settings are."""
    with matplotlib.style.context(["default", sns.axes_style("whitegrid"), RC]):
        yield


def styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Run a draw function under the look and settle its layout, so that each saving of the figure is the same."""

    @functools.wraps(draw)
    def run(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with house():
            figure = draw(*args, **kwargs)
            engine = figure.get_layout_engine()
            if engine is not None:
                engine.execute(figure)
                figure.set_layout_engine("none")
        return figure

    return run


def new_figure(*, width: float = WIDTH, height: float = 3.0) -> Figure:
    """An empty figure in inches; no window system and no current figure are involved."""
    return Figure(figsize=(width, height), layout="constrained")


@dataclass(frozen=True)
class Look:
    """Colour, dashes and marker of one arm: any one of the three tells it from its neighbours."""

    colour: str
    dashes: Any
    marker: str


def looks(names: Sequence[str]) -> dict[str, Look]:
    """One look a name, in order; the first (the baseline) is solid black.

    >>> looks(["sgd", "adam"])["sgd"]
    Look(colour='#000000', dashes='-', marker='o')
    """
    return {
        name: Look(COLOURS[i % len(COLOURS)], DASHES[i % len(DASHES)], MARKERS[i % len(MARKERS)])
        for i, name in enumerate(names)
    }


@functools.cache
def _glyphs() -> frozenset[int]:
    path = font_manager.findfont(font_manager.FontProperties(family="DejaVu Sans"))
    return frozenset(font_manager.get_font(path).get_charmap())


def plain(text: object, *, width: int | None = None) -> str:
    r"""Text from outside made safe to draw: no formula, no control characters, no glyph that the font lacks; wrapped.

    >>> plain("a$b_c$")
    'a\\$b_c\\$'
    >>> plain("learning-rate-unscaled", width=14)
    'learning-rate-\nunscaled'
    """
    known = _glyphs()
    shown = "".join(
        " " if c in "\t\r\n" else c if ord(c) in known and unicodedata.category(c)[0] != "C" else "\N{WHITE SQUARE}"
        for c in str(text)
    )
    if width is not None:
        shown = "\n".join(textwrap.wrap(shown, width)) or shown
    return shown.replace("$", r"\$")


def shares(values: pd.Series, metric: str) -> pd.Series:
    """A column as it is drawn: percent for accuracies, else unchanged."""
    return values * 100 if metric in PERCENT else values
