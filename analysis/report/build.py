"""From a results folder to files: the page, its Markdown twin, figures and tables. The only module here that writes."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from pathlib import Path

from analysis.figures import png_bytes, svg_text
from analysis.figures.named import NamedFigure
from analysis.report import html
from analysis.report.content import page
from analysis.report.material import read
from analysis.report.page import Page, Picture, walk
from study.store import Store
from trainables.errors import StoreError

LARGEST_SVG = 160_000
"""Bytes up to which a figure is put into the page as SVG; beyond, as PNG."""


def build(folder: str, out: Path | None = None) -> Path:
    """Write the report of a results folder.

    Args:
        folder: a results folder; a path or a URL.
        out: where to write; if not given, `report` within the results folder.

    Returns:
        The path of the page.

    Raises:
        StoreError: the folder is not a results folder, or `out` cannot be written.
    """
    made = page(read(Store(folder)))
    target = Path(folder) / "report" if out is None else out
    pictures = {f.name: data_uri(f) for f in _figures(made)}
    return _write(target / "index.html", html.render(made, pictures))


def data_uri(figure: NamedFigure) -> str:
    """A figure as the value of an image's source."""
    svg = svg_text(figure).encode()
    kind, content = ("svg+xml", svg) if len(svg) <= LARGEST_SVG else ("png", png_bytes(figure))
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def _figures(made: Page) -> Iterable[NamedFigure]:
    return (b.figure for b in walk(made.sections) if isinstance(b, Picture))


def _write(path: Path, text: str) -> Path:
    """A file whole or not at all."""
    aside = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_text(text, encoding="utf-8", newline="\n")
        aside.replace(path)
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}") from None
    return path
