"""Figures 8 to 12: features that people made by hand before networks learnt their own."""

from __future__ import annotations

import hashlib
import json
from functools import partial
from importlib import resources
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from analysis.chapter.concepts import photo
from analysis.chapter.concepts.patches import CHANNELS, prepare_colour
from analysis.figures import style
from analysis.figures.axes import log_axis
from analysis.figures.named_figure import NamedFigure, missing
from trainables.config.errors import DataError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAMES = {
    "concept-08-histogram": "Histogram of a photograph's pixel values",
    "concept-09-edges-corners": "Its edges and corners",
    "concept-10-channels": "Its red, green and blue parts",
    "concept-11-gradient-magnitude": "The magnitude of its gradient",
    "concept-12-gradient-parts": "The gradient's y and x parts",
}
FULL = ("concept-09-edges-corners", "concept-10-channels")
"""Those of several large photographs."""
EDGES = "edges.json"
CAPTIONS = (
    "Number of pixels of each grey value from 0 to 255.",
    "Edges: Canny's detector, smoothed over 1.5 pixels; corners: peaks of Harris's measure.",
    "Each part in greys: the lighter, the more of that colour.",
    "Square root of the sum of the squares of Sobel's two parts.",
    "Sobel's filters; y: change from top to bottom, x: from left to right; grey is no change.",
)


def figures() -> list[NamedFigure]:
    """Figures 8 to 12; each says why, if there is no photograph."""
    try:
        colour = photo.shrink(photo.photograph(), 4)
    except DataError as error:
        return [missing(name, title, str(error)) for name, title in NAMES.items()]
    grey = photo.to_grey(colour)
    slopes = prepare_gradient(grey)
    frames = (
        prepare_histogram(grey),
        prepare_edges(grey),
        prepare_colour(colour),
        slopes[["row", "column", "magnitude"]],
        slopes[["row", "column", "y", "x"]],
    )
    drawn = (
        partial(draw_histogram, frames[0]),
        partial(draw_edges, frames[1]),
        partial(draw_channels, frames[2]),
        partial(draw_magnitude, frames[3]),
        partial(draw_parts, frames[4]),
    )
    captions = [f"{caption} {photo.CREDIT}" for caption in CAPTIONS]
    return [
        NamedFigure(name, title, f"{title}. {_said(name, frame)}", caption, frame, draw, raster=name in FULL)
        for (name, title), caption, frame, draw in zip(NAMES.items(), captions, frames, drawn, strict=True)
    ]


def _said(name: str, frame: pd.DataFrame) -> str:
    if "pixels" in frame:
        mode = frame.loc[frame["pixels"].idxmax()]
        return f"{frame['pixels'].sum()} pixels; the commonest value is {mode['value']}, of {mode['pixels']} pixels."
    if "edge" in frame:
        return f"{frame['edge'].sum()} of {len(frame)} pixels lie on edges; {frame['corner'].sum()} are corners."
    layers = [c for c in frame.columns if c not in ("row", "column")]
    return "; ".join(f"{c}: {frame[c].min():.3g} to {frame[c].max():.3g}" for c in layers) + "."


def prepare_histogram(grey: photo.Pixels) -> pd.DataFrame:
    """Value from 0 to 255 and the number of pixels that have it."""
    return pd.DataFrame({"value": np.arange(256), "pixels": np.bincount(grey.ravel(), minlength=256)})


def prepare_edges(grey: photo.Pixels) -> pd.DataFrame:
    """One row a pixel: grey value, whether it lies on an edge, whether it is a corner.

    Those of the photograph are kept in a file: what finds them takes half a second to import.
    """
    kept = json.loads((resources.files(__package__) / EDGES).read_text(encoding="utf-8"))
    edge, corner = (kept["edge"], kept["corner"]) if kept["of"] == digest(grey) else detected(grey)
    layers = np.zeros((2, grey.size), dtype=np.uint8)
    layers[0, edge] = layers[1, corner] = 1
    edges, corners = layers.reshape(2, *grey.shape)
    return photo.frame_of(value=grey, edge=edges, corner=corners)


def digest(grey: photo.Pixels) -> str:
    """Return a digest of an image's values."""
    return hashlib.sha256(f"{grey.shape}".encode() + grey.tobytes()).hexdigest()


def detected(grey: photo.Pixels) -> tuple[list[int], list[int]]:
    """Which pixels of an image lie on an edge, and which are corners: their places, row by row."""
    from skimage import feature

    canny, harris, peaks_of = (cast(Any, f) for f in (feature.canny, feature.corner_harris, feature.corner_peaks))
    share = grey / 255
    edges = canny(share, sigma=1.5)
    corners = np.zeros(grey.shape, dtype=bool)
    peaks = peaks_of(harris(share), min_distance=3, threshold_rel=0.02)
    corners[tuple(peaks.T)] = True
    return np.flatnonzero(edges).tolist(), np.flatnonzero(corners).tolist()


def prepare_gradient(grey: photo.Pixels) -> pd.DataFrame:
    """One row a pixel: the gradient's y and x part (grey values a pixel) and its magnitude."""
    from skimage import filters

    y, x = (cast(Any, part)(grey.astype(float)) for part in (filters.sobel_h, filters.sobel_v))
    return photo.frame_of(y=y, x=x, magnitude=np.hypot(y, x)).round(2)


@style.styled
def draw_histogram(frame: pd.DataFrame) -> Figure:
    """Draw the number of pixels over their value."""
    import seaborn as sns

    figure = style.new_figure(height=2.2)
    axes = figure.subplots()
    bins = [v - 0.5 for v in range(257)]
    sns.histplot(frame, x="value", weights="pixels", bins=bins, ax=axes, color="#555555", alpha=1, linewidth=0)
    axes.set(xlabel="pixel value", ylabel="pixels", xlim=(-2, 257), xticks=[0, 64, 128, 192, 255])
    log_axis(axes)
    return figure


@style.styled
def draw_edges(frame: pd.DataFrame) -> Figure:
    """The photograph, its edges, and its corners as marks on it."""
    figure = style.new_figure(height=2.5)
    panels = figure.subplots(1, 3)
    grey = photo.image_of(frame, "value")
    panels[0].imshow(grey, cmap="gray", vmin=0, vmax=255)
    panels[1].imshow(photo.image_of(frame, "edge"), cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")
    panels[2].imshow(grey, cmap="gray", vmin=-200, vmax=255)
    corners = frame[frame["corner"] == 1]
    panels[2].plot(corners["column"], corners["row"], "o", color="#d55e00", markerfacecolor="none", markersize=5)
    for axes, title in zip(panels, ("photograph", "edges", "corners"), strict=True):
        photo.bare(axes, title)
    return figure


@style.styled
def draw_channels(frame: pd.DataFrame) -> Figure:
    """The photograph and its three parts."""
    figure = style.new_figure(height=2.0)
    panels = figure.subplots(1, 4)
    panels[0].imshow(photo.image_of(frame, *CHANNELS))
    photo.bare(panels[0], "photograph")
    for axes, name in zip(panels[1:], CHANNELS, strict=True):
        axes.imshow(photo.image_of(frame, name), cmap="gray", vmin=0, vmax=255)
        photo.bare(axes, name)
    return figure


@style.styled
def draw_magnitude(frame: pd.DataFrame) -> Figure:
    """How steeply the grey value changes, dark where it does."""
    figure = style.new_figure(width=3.8, height=3.0)
    axes = figure.subplots()
    image = axes.imshow(photo.image_of(frame, "magnitude"), cmap="gray_r")
    photo.bare(axes)
    figure.colorbar(image, ax=axes, shrink=0.8, label="grey values a pixel")
    return figure


@style.styled
def draw_parts(frame: pd.DataFrame) -> Figure:
    """The two parts of the gradient on one scale, grey in the middle."""
    figure = style.new_figure(width=6.4, height=2.9)
    panels = figure.subplots(1, 2)
    most = float(frame[["y", "x"]].abs().max(axis=None))
    for axes, name in zip(panels, ("y", "x"), strict=True):
        image = axes.imshow(photo.image_of(frame, name), cmap="gray", vmin=-most, vmax=most)
        photo.bare(axes, f"{name} part")
    figure.colorbar(image, ax=list(panels), shrink=0.8, label="grey values a pixel")
    return figure
