"""Figures to bytes and files: PNG, SVG and the CSV that it was drawn from; the same figure gives the same bytes.

No dates, versions or machine names are written; letters in files are outlines, so no font is needed to read them.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from analysis.figures.named_figure import NamedFigure
from analysis.figures.style import house_style
from analysis.text.csv_file import guarded_csv
from analysis.text.plain_text import printable
from study.storage.durable_files import Folder
from trainables.config.errors import BadInput
from trainables.config.nearest import expected_one_of

FORMATS = ("png", "svg", "csv")


def png_bytes(named: NamedFigure) -> bytes:
    """The figure as a PNG without metadata."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    buffer = io.BytesIO()
    with house_style():
        # Not Figure.savefig, which draws everything twice.
        FigureCanvasAgg(named.figure).print_png(buffer, metadata={"Software": None})  # type: ignore[no-untyped-call]
    return buffer.getvalue()


PAGE_FONTS = "-apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif"
"""As the style of the page has them; none is wider than the one that figures are laid out with."""


def svg_text(named: NamedFigure, *, for_page: bool = False) -> str:
    """The figure as an SVG whose title and description are the figure's own.

    for_page: its letters are text in the fonts of the page, and not outlines, and the page's ground shows through it.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    about = {
        "Title": named.title,
        "Description": named.alt,
        "Date": None,
        "Creator": None,
        "Format": None,
        "Type": None,
    }
    buffer, dpi = io.BytesIO(), named.figure.dpi
    for ground in (named.figure.patch, *(axes.patch for axes in named.figure.axes)):
        ground.set_visible(not for_page)
    with house_style(), rc_context({"svg.fonttype": "none" if for_page else "path"}):
        FigureCanvasSVG(named.figure).print_svg(buffer, metadata=about)  # type: ignore[no-untyped-call]
    named.figure.dpi = dpi  # print_svg leaves it at 72
    return printable(buffer.getvalue().decode().replace("'DejaVu Sans'", PAGE_FONTS))


def csv_text(frame: pd.DataFrame) -> str:
    r"""A tidy frame as CSV: nine significant digits, an empty cell for what is not known, no index.

    >>> csv_text(pd.DataFrame({"arm": ["sgd"], "value": [0.1 + 0.2]}))
    'arm,value\nsgd,0.3\n'
    """
    return guarded_csv(frame, "%.9g")


def save(named: NamedFigure, folder: Path, formats: Iterable[str] = FORMATS) -> tuple[Path, ...]:
    """Write a figure under its name, one file a format, each written aside and renamed; the paths, in order.

    Raises:
        BadInput: a format that is not one of `FORMATS`.
    """
    paths = []
    there = Folder(folder)
    there.make()
    for kind in formats:
        if kind not in FORMATS:
            raise BadInput("formats", kind, expected_one_of(kind, FORMATS))
        there.write(f"{named.name}.{kind}", _content(named, kind), flush=False)
        paths.append(folder / f"{named.name}.{kind}")
    return tuple(paths)


def save_all(figures: Iterable[NamedFigure], folder: Path, formats: Iterable[str] = FORMATS) -> tuple[Path, ...]:
    """`save` for many figures."""
    kinds = tuple(formats)
    return tuple(path for named in figures for path in save(named, folder, kinds))


def _content(named: NamedFigure, kind: str) -> bytes:
    if kind == "png":
        return png_bytes(named)
    return (svg_text(named) if kind == "svg" else csv_text(named.frame)).encode()
