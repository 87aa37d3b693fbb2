"""The one look of all figures: sizes, fonts, colours that survive grey print, axis labels with units, safe text.

Nothing here changes a global setting for good: `styled` wraps a draw function so that the look holds while it runs.
What is drawn lives in the other modules; files in `image_files`.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ParamSpec

import pandas as pd

from trainables.records.metrics import METRICS

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.ft2font import FT2Font

WIDTH_INCHES = 7.2
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

SMALL_WIDTH_INCHES = 3.5
"""Inches of a figure that a phone shows whole: 336 pixels, with text of 12 pixels, the page's smallest."""
INK, MUTED, BLUE, OCHRE, PALE, GRID = "#1b1f24", "#586069", "#2f6fdb", "#c08000", "#a9c4f0", "#e6e9ed"
"""What the page's own charts are drawn in."""
_NINE_POINTS = ("font", "axes.title", "axes.label", "xtick.label", "ytick.label", "legend.font", "figure.title")
_MUTED = ("text.color", "axes.labelcolor", "axes.titlecolor", "axes.edgecolor", "xtick.color", "ytick.color")
SMALL_RC: dict[str, Any] = {
    **RC, **{f"{of}.size" if of == "font" else f"{of}size": 9 for of in _NINE_POINTS},
    **dict.fromkeys(_MUTED, MUTED), "grid.color": GRID, "axes.spines.left": False, "axes.titlelocation": "left",
    "legend.columnspacing": 1.0, "legend.handlelength": 1.2, "legend.handletextpad": 0.4,
}  # fmt: skip
"""The look of a small figure, which stands in the page beside the page's own charts."""
SMALL_HEIGHT_INCHES = 2.9

COLOURS = ("#000000", "#0173b2", "#de8f05", "#029e73", "#cc78bc", "#d55e00", "#56b4e9")
"""Black, then six of seaborn's "colorblind" palette, in an order whose neighbours also differ in grey."""
DASHES: tuple[Any, ...] = ("-", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5)), (0, (3, 1, 1, 1, 1, 1)))
MARKERS = ("o", "s", "^", "D", "v", "P", "<", "X", ">")
LOOKS = 1 + (len(COLOURS) - 1) * len(DASHES)
"""Arms that colour and dashes tell apart: the baseline alone is black, each other colour comes with all dashes."""
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
def house_style(*, small: bool = False) -> Iterator[None]:
    """The look, for as long as the block runs, whatever the caller's own settings are."""
    import matplotlib.style
    import seaborn as sns

    with matplotlib.style.context(["default", sns.axes_style("whitegrid"), SMALL_RC if small else RC]):
        yield


def styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Run a draw function under the look and settle its layout, so that each saving of the figure is the same."""

    @functools.wraps(draw)
    def run(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with house_style():
            return _settled(draw(*args, **kwargs))

    return run


def small(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """The same under the look of small figures."""

    @functools.wraps(draw)
    def run(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with house_style(small=True):
            return _settled(draw(*args, **kwargs))

    return run


def _settled(figure: Figure) -> Figure:
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
        figure.set_layout_engine("none")
    return figure


def new_figure(*, width: float = WIDTH_INCHES, height: float = 3.0) -> Figure:
    """An empty figure in inches; no window system and no current figure are involved."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


@dataclass(frozen=True)
class ArmStyle:
    """Colour, dashes and marker of one arm: any one of the three tells it from its neighbours."""

    colour: str
    dashes: Any
    marker: str


def look_place(place: int) -> int:
    """The place that an arm's look is of: that of the first, the baseline, is nobody else's, whatever their number.

    >>> [look_place(i) for i in (0, 1, 30, 31, 32)]
    [0, 1, 30, 1, 2]
    """
    return place if place < LOOKS else 1 + (place - 1) % (LOOKS - 1)


def colour_place(place: int) -> int:
    """Which of `COLOURS` an arm at a place has; the page's own colours are counted likewise.

    >>> [colour_place(i) for i in (0, 1, 6, 7, 13)]
    [0, 1, 6, 1, 1]
    """
    return 1 + (place - 1) % (len(COLOURS) - 1) if place else 0


def arm_styles(names: Sequence[str], among: Sequence[str] = ()) -> dict[str, ArmStyle]:
    """One look a name, in order; the first (the baseline) is solid black.

    >>> arm_styles(["sgd", "adam"])["sgd"]
    ArmStyle(colour='#000000', dashes='-', marker='o')

    Args:
        names: of the arms that are drawn.
        among: of all arms of their study, if these are some of them, so that an arm has one look in all figures.
    """
    places = {name: look_place(i) for i, name in enumerate(dict.fromkeys((*among, *names)))}
    return {
        name: ArmStyle(COLOURS[colour_place(i)], DASHES[i % len(DASHES)], MARKERS[i % len(MARKERS)])
        for name, i in ((name, places[name]) for name in names)
    }


@functools.cache
def _font(bold: bool) -> FT2Font:
    """The font of all text, 100 points high; our own copy, for Matplotlib sets the size of its own."""
    from matplotlib import font_manager
    from matplotlib.ft2font import FT2Font

    named = font_manager.FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")
    font = FT2Font(font_manager.findfont(named))
    font.set_size(100, 72)
    return font


@functools.cache
def _glyphs() -> frozenset[int]:
    return frozenset(_font(False).get_charmap())


@functools.cache
def _advance(letter: str, bold: bool) -> float:
    """Inches that a letter takes in a text of one point."""
    from matplotlib.ft2font import LoadFlags

    return float(_font(bold).load_char(ord(letter), flags=LoadFlags.NO_HINTING).linearHoriAdvance) / 65536 / 100 / 72


def inches(text: str, size: float, *, bold: bool = False) -> float:
    """The width of a line of safe text."""
    return size * sum(_advance(letter, bold) for letter in text.replace(r"\$", "$"))


def plain(text: object) -> str:
    r"""Text from outside made safe to draw: no formula, no control characters, no glyph that the font lacks.

    >>> plain("a$b_c$")
    'a\\$b_c\\$'
    """
    return _shown(text).replace("$", r"\$")


def _shown(text: object) -> str:
    known = _glyphs()
    return "".join(
        " " if c in "\t\r\n" else c if ord(c) in known and unicodedata.category(c)[0] != "C" else "\N{WHITE SQUARE}"
        for c in str(text)
    )


def wrapped(text: object, width: float, size: float = RC["font.size"], *, bold: bool = False) -> str:
    r"""Safe text in lines of at most so many inches: after a space, - _ or /, else within a word.

    >>> wrapped("learning-rate-unscaled", 0.8)
    'learning-rate-\nunscaled'
    """
    lines: list[str] = []
    line = ""
    for piece in re.findall(r"[^\s_/-]*[\s_/-]*", _shown(text).strip()):
        if line and inches((line + piece).rstrip(), size, bold=bold) > width:
            lines, line = [*lines, line.rstrip()], ""
        for letter in piece:
            if line and inches((line + letter).rstrip(), size, bold=bold) > width:
                lines, line = [*lines, line.rstrip()], ""
            line += letter
    return "\n".join(filter(None, [*lines, line.rstrip()])).replace("$", r"\$")


def lines_of(texts: Iterable[str]) -> int:
    r"""The lines of the longest of some texts, at least one.

    >>> lines_of(["a", "b\nc"]), lines_of([])
    (2, 1)
    """
    return max((t.count("\n") + 1 for t in texts), default=1)


def shares(values: pd.Series, metric: str) -> pd.Series:
    """A column as it is drawn: percent for accuracies, else unchanged."""
    return values * 100 if metric in PERCENT else values
