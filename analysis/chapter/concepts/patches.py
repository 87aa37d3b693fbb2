"""Figures 1 to 7: what an image is to a program. Patches, crops, arrays of values."""

from __future__ import annotations

import itertools
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.chapter.concepts import photo
from analysis.figures import style
from analysis.figures.named_figure import NamedFigure, missing
from trainables.config.errors import DataError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NAMES = {
    "concept-01-grey-patch": "A grey patch of 3 x 3 pixels and its values",
    "concept-02-grey-crop": "A grey crop of a photograph, 200 x 200",
    "concept-03-grey-small": "The same crop at 25 x 25",
    "concept-04-values": "The array of values of the 25 x 25 crop",
    "concept-05-coded-values": "The same array, coloured by value",
    "concept-06-colour-crop": "A colour crop, channels in the order red, green, blue",
    "concept-07-colour-patch": "The colour crop's bottom-right 3 x 3 pixels and their values",
}
FULL = ("concept-04-values", "concept-05-coded-values")
"""Those that hold hundreds of numbers."""
CHANNELS = ("red", "green", "blue")
EYE = (slice(92, 95), slice(119, 122))
MIDDLE = (slice(10, 138), slice(15, 143))
"""Rows and columns within the crop: a patch with contrast, and the colour crop."""
NUMBERS_PER_STRING = 5
"""Numbers that are written as one string: more are faster, but drift off their cells."""


def figures() -> list[NamedFigure]:
    """Figures 1 to 7; each says why, if there is no photograph."""
    try:
        colour = photo.photograph()[photo.FACE]
    except DataError as error:
        return [missing(name, title, str(error)) for name, title in NAMES.items()]
    grey = photo.to_grey(colour)
    small = photo.shrink(grey, 8)
    frames = (
        photo.frame_of(value=grey[EYE]),
        photo.frame_of(value=grey),
        photo.frame_of(value=small),
        photo.frame_of(value=small),
        photo.frame_of(value=small),
        prepare_colour(colour[MIDDLE]),
        prepare_colour(colour[MIDDLE][-3:, -3:]),
    )
    drawn = (
        partial(draw_patch, frames[0]),
        partial(draw_grey, frames[1]),
        partial(draw_grey, frames[2]),
        partial(draw_values, frames[3], coded=False),
        partial(draw_values, frames[4], coded=True),
        partial(draw_colour, frames[5]),
        partial(draw_patch, frames[6]),
    )
    return [
        NamedFigure(name, title, f"{title}. {_said(frame)}", photo.CREDIT, frame, draw, raster=name in FULL)
        for (name, title), frame, draw in zip(NAMES.items(), frames, drawn, strict=True)
    ]


def prepare_colour(pixels: photo.Pixels) -> pd.DataFrame:
    """One row a pixel: row, column, red, green, blue."""
    return photo.frame_of(**{name: pixels[..., i] for i, name in enumerate(CHANNELS)})


def _said(frame: pd.DataFrame) -> str:
    if len(frame) > 9:
        names = [c for c in frame.columns if c not in ("row", "column")]
        return (
            "; ".join(f"{n} from {frame[n].min()} to {frame[n].max()}, mean {frame[n].mean():.0f}" for n in names) + "."
        )
    return "Values row by row: " + "; ".join(
        ", ".join(_cell(pixel).replace("\n", "/") for pixel in row.to_dict("records"))
        for _, row in frame.groupby("row")
    )


def _cell(pixel: dict[Any, Any]) -> str:
    return "\n".join(str(pixel[k]) for k in pixel if k not in ("row", "column"))


@style.styled
def draw_patch(frame: pd.DataFrame) -> Figure:
    """A few pixels, large, each with its value or its three values."""
    figure, axes = _square(2.6)
    grey = "value" in frame
    pixels = photo.image_of(frame, *(("value",) if grey else CHANNELS))
    axes.imshow(pixels, cmap="gray", vmin=0, vmax=255)
    for pixel in frame.to_dict("records"):
        light = float(np.mean([pixel[k] for k in (("value",) if grey else CHANNELS)])) > 110
        text = _cell(pixel) if grey else "\n".join(f"{c[0].upper()} {pixel[c]}" for c in CHANNELS)
        colour = "black" if light else "white"
        axes.text(
            pixel["column"], pixel["row"], text, ha="center", va="center", color=colour, fontsize=13 if grey else 9
        )
    return figure


@style.styled
def draw_grey(frame: pd.DataFrame) -> Figure:
    """A grey image with its size in pixels and a scale of values."""
    figure = style.new_figure(width=3.6, height=3.0)
    axes = figure.subplots()
    pixels = photo.image_of(frame, "value")
    image = axes.imshow(pixels, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    photo.bare(axes, f"{pixels.shape[0]} x {pixels.shape[1]} pixels")
    figure.colorbar(image, ax=axes, shrink=0.8, label="value", ticks=[0, 64, 128, 192, 255])
    return figure


@style.styled
def draw_values(frame: pd.DataFrame, *, coded: bool) -> Figure:
    """The array as numbers; `coded`: each on the colour of its value, else on white."""
    from matplotlib.figure import Figure

    pixels = photo.image_of(frame, "value").astype(int)
    height, width = pixels.shape
    figure = Figure(figsize=(style.WIDTH_INCHES, style.WIDTH_INCHES * height / width * 0.62))
    axes = figure.add_axes((0, 0, 1, 1))
    if coded:
        axes.imshow(pixels, cmap="viridis", vmin=0, vmax=255, aspect="auto", interpolation="nearest")
    axes.set(xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5))
    axes.set_axis_off()
    for row, start in itertools.product(range(height), range(0, width, NUMBERS_PER_STRING)):
        run = pixels[row, start : start + NUMBERS_PER_STRING]
        for colour, wanted in (("white", run < 120), ("black", run >= 120)) if coded else (("black", run >= 0),):
            text = "".join(f"{v:^4d}" if w else "    " for v, w in zip(run, wanted, strict=True))
            if text.strip():
                axes.text(start - 0.5, row, text, color=colour, **_mono(width))
    return figure


def _mono(columns: int) -> dict[str, Any]:
    """A fixed-width font (a letter is 0.602 of its size wide) in which four letters fill one of so many columns."""
    size = style.WIDTH_INCHES * 72 / columns / 4 / 0.602
    return {"family": "DejaVu Sans Mono", "fontsize": size, "va": "center_baseline"}


@style.styled
def draw_colour(frame: pd.DataFrame) -> Figure:
    """A colour image with the shape of its array."""
    figure, axes = _square(3.0)
    pixels = photo.image_of(frame, *CHANNELS)
    axes.imshow(pixels, interpolation="nearest")
    photo.bare(axes, f"shape {pixels.shape}")
    return figure


def _square(side: float) -> tuple[Figure, Axes]:
    figure = style.new_figure(width=side + 0.6, height=side)
    axes = figure.subplots()
    axes.set_axis_off()
    return figure, axes
