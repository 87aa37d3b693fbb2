"""Pictures of the page: figures, each drawn when a page or a file needs it, in the form that it needs.

All of it happens in this process: a forked child could wait for ever for a lock that another thread held, and would
outlive a report that is killed. What draws is imported then, for verdicts need none of it.
"""

from __future__ import annotations

import base64
import io
import re
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analysis.figures.named_figure import NamedFigure

MAX_SVG_BYTES = 100_000
"""Bytes up to which a figure is put into the page as SVG; beyond, as PNG."""
SVG_SIZE = re.compile(rb'<svg [^>]*?width="([\d.]+)pt" height="([\d.]+)pt"')
"""Points, as Matplotlib writes them."""


@dataclass(frozen=True)
class DrawnPicture:
    """A picture as a page takes it."""

    kind: str
    """svg or png."""
    content: bytes = field(repr=False)

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height in a page's pixels, where the file says so: a page keeps the room before it is shown."""
        if self.kind == "png":
            width, height = struct.unpack(">II", self.content[16:24])
            return width, height
        if (found := SVG_SIZE.search(self.content)) is None:
            return None
        width, height = (round(float(points) * 96 / 72) for points in found.groups())
        return width, height


TYPES = {"svg": "image/svg+xml", "png": "image/png"}


@dataclass(frozen=True, eq=False)
class Picture:
    """A figure of the page."""

    figure: NamedFigure
    photo: bool = False
    """Its own colours are the point, so a dark page leaves them alone."""
    still: bool = False
    """The page draws the same data itself, so the picture is for the files beside it and the Markdown alone."""
    kept: Callable[[Picture], DrawnPicture | None] | None = None
    """Looks for one that was drawn before."""

    @property
    def name(self) -> str:
        """File name without an ending."""
        return self.figure.name

    @property
    def title(self) -> str:
        """What it is of."""
        return self.figure.title

    @property
    def alt(self) -> str:
        """What a person who cannot see it is told."""
        return self.figure.alt

    @property
    def caption(self) -> str:
        """What is drawn."""
        return self.figure.caption

    @property
    def absent(self) -> bool:
        """Whether there is nothing to draw: the caption says why, and a page needs no more."""
        return "missing" in self.figure.frame

    @cached_property
    def csv(self) -> bytes:
        """What it is drawn from."""
        from analysis.figures.image_files import csv_text

        return csv_text(self.figure.frame).encode()

    @cached_property
    def svg(self) -> bytes:
        """The picture as SVG, drawn once."""
        from analysis.figures.image_files import svg_text

        return svg_text(self._drawn).encode()

    @cached_property
    def _page_svg(self) -> bytes:
        """The same with its letters as text, in the fonts of the page."""
        from analysis.figures.image_files import svg_text

        return svg_text(self._drawn, for_page=True).encode()

    @cached_property
    def png(self) -> bytes:
        """The picture as PNG, drawn once."""
        from analysis.figures.image_files import png_bytes

        return png_bytes(self._drawn)

    @property
    def uri(self) -> str:
        """The value of an image's source."""
        return f"data:{TYPES[self.shown.kind]};base64,{base64.b64encode(self.shown.content).decode()}"

    @cached_property
    def shown(self) -> DrawnPicture:
        """What the page shows: what was drawn before, where it was kept."""
        return (self.kept(self) if self.kept else None) or self.for_page

    @property
    def for_page(self) -> DrawnPicture:
        """The picture as SVG, or as PNG where that is much smaller."""
        if not self.figure.raster:
            svg = self.svg if self.photo else self._page_svg
            if len(svg) <= MAX_SVG_BYTES:
                return DrawnPicture("svg", svg)
        return DrawnPicture("png", self.png if self.photo else in_few_colours(self.png))

    @cached_property
    def _drawn(self) -> NamedFigure:
        """The figure, or one that says why its records cannot be drawn."""
        from analysis.figures.named_figure import missing

        try:
            _ = self.figure.figure
        except (ValueError, KeyError, ArithmeticError, TypeError) as error:
            return missing(self.name, self.title, f"its records cannot be drawn ({type(error).__name__})")
        return self.figure


def pictures(
    figures: Iterable[NamedFigure], *, photo: bool = False, kept: Callable[[Picture], DrawnPicture | None] | None = None
) -> tuple[Picture, ...]:
    """Make the pictures of several figures."""
    return tuple(Picture(f, photo=photo, kept=kept) for f in figures)


def in_few_colours(png: bytes) -> bytes:
    """A drawing with a palette: a third of the bytes, and the page is to be mailed."""
    from PIL import Image

    small = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        image.convert("RGB").quantize(128).save(small, "PNG", optimize=True)
    return small.getvalue()
