"""`NamedFigure`: what every figure maker returns, and what stands in where a figure cannot be drawn.

A figure is drawn when it is first looked at, for a page shows few of those that it could write as files. How it looks
lives in `style`, how it becomes files in `image_files`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

import pandas as pd

from analysis.figures.style import lines_of, new_figure, styled, wrapped

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class NamedFigure:
    """A figure with its words and the tidy frame that it is drawn from."""

    name: str
    """File name without an ending."""
    title: str
    alt: str
    """What a person who cannot see the figure is told."""
    caption: str
    """What is drawn: estimates, bands, marks, number of seeds."""
    frame: pd.DataFrame
    draw: Callable[[], Figure]
    raster: bool = False
    """Whether it is so full that it is smaller as pixels than as SVG; then nobody has to draw both to find out."""
    small: bool = False
    """Whether a phone shows it whole; a wider page sets such figures beside each other."""

    @cached_property
    def figure(self) -> Figure:
        """The figure, drawn once."""
        return self.draw()


def missing(name: str, title: str, reason: str) -> NamedFigure:
    """A figure that says why the one of this name cannot be drawn.

    >>> missing("grid", "Samples", "no data set was given").alt
    'Not drawn: no data set was given.'
    """
    text = f"Not drawn: {reason}."
    return NamedFigure(name, title, text, text, pd.DataFrame({"missing": [reason]}), partial(draw_note, text))


@styled
def draw_note(text: str) -> Figure:
    """A small figure that holds a sentence and nothing else."""
    said = wrapped(text, 6.8)
    figure = new_figure(height=0.67 + 0.13 * lines_of([said]))
    figure.set_layout_engine("none")
    figure.text(0.5, 0.5, said, ha="center", va="center", style="italic")
    return figure
