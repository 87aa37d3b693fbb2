"""Figures 13 and 14: the data set's summary and a grid of samples."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.chapter.concepts.formulas import draw_columns
from analysis.figures import style
from analysis.figures.named_figure import NamedFigure, missing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SUMMARY = ("concept-13-data-set", "The data set: shapes, classes and their names")
GRID = ("concept-14-samples", "Ten random samples of each class")
NONE = "the data set is not at hand"
MAX_CLASSES = 30


class Images(Protocol):
    """What is needed of a data set; `trainables.data.dataset.DataSet` is one."""

    @property
    def name(self) -> str: ...
    @property
    def train_images(self) -> npt.NDArray[np.uint8]: ...
    @property
    def train_labels(self) -> npt.NDArray[Any]: ...
    @property
    def val_images(self) -> npt.NDArray[np.uint8]: ...
    @property
    def val_labels(self) -> npt.NDArray[Any]: ...
    @property
    def classes(self) -> tuple[str, ...]: ...
    @property
    def image_shape(self) -> tuple[int, ...]: ...


def figures(dataset: Images | None, seed: int) -> list[NamedFigure]:
    """Figures 13 and 14; they say so where there is no data set."""
    if dataset is None:
        return [missing(*SUMMARY, NONE), missing(*GRID, NONE)]
    summary = prepare_summary(dataset)
    counts = summary.groupby("part", sort=False)["images"].sum()
    alt = f"{dataset.name}: " + ", ".join(f"{n} {part} images" for part, n in counts.items())
    alt += f" of {summary['values'].iloc[0]} values each; classes: " + ", ".join(dict.fromkeys(summary["class"])) + "."
    draw = partial(draw_summary, summary, dataset.name, dataset.image_shape)
    return [
        NamedFigure(*SUMMARY, alt, "Validation images: the official test split.", summary, draw),
        _grid(dataset, seed),
    ]


def _grid(dataset: Images, seed: int) -> NamedFigure:
    if len(dataset.image_shape) not in (2, 3):
        return missing(*GRID, f"an image of shape {dataset.image_shape} cannot be shown")
    frame = prepare_grid(dataset, seed)
    caption = f"Drawn at random from the training images, seed {seed}."
    if len(dataset.classes) > MAX_CLASSES:
        caption += f" The first {MAX_CLASSES} of {len(dataset.classes)} classes."
    alt = "Sample images in rows: " + ", ".join(dict.fromkeys(frame["class"])) + "."
    return NamedFigure(*GRID, alt, caption, frame, partial(draw_grid, frame, dataset.image_shape))


def prepare_summary(dataset: Images) -> pd.DataFrame:
    """One row a part (training, validation) and class: label, class, number of images, values an image."""
    rows = []
    parts = {
        "training": (dataset.train_images, dataset.train_labels),
        "validation": (dataset.val_images, dataset.val_labels),
    }
    for part, (images, labels) in parts.items():
        counts = np.bincount(labels.astype(np.int64), minlength=len(dataset.classes))
        for label, name in enumerate(dataset.classes):
            row = {"part": part, "label": label, "class": name, "images": int(counts[label])}
            rows.append({**row, "values": images.shape[1]})
    return pd.DataFrame(rows)


def _short(name: object, most: int) -> str:
    """The name of a class, cut where it is too long for its place."""
    return str(name) if len(str(name)) <= most else f"{str(name)[: most - 3]}..."


@style.styled
def draw_summary(frame: pd.DataFrame, name: str, image_shape: tuple[int, ...]) -> Figure:
    """Shapes above, classes with their numbers of images below."""
    wide = frame.pivot_table(index=["label", "class"], columns="part", values="images", sort=False).reset_index()
    shown = wide.head(MAX_CLASSES)
    figure = style.new_figure(height=0.165 * len(shown) + 1.25)
    figure.set_layout_engine("none")
    axes = figure.add_axes((0.02, 0, 0.96, 1))
    axes.set_axis_off()
    totals = frame.groupby("part", sort=False)["images"].sum()
    shapes = [f"{part} images: {n:,} x {frame['values'].iloc[0]}, labels: {n:,}" for part, n in totals.items()]
    head = [f"{name}: {len(wide)} classes", *shapes]
    head.append(f"an image: {' x '.join(map(str, image_shape))}, values 0 to 255")
    axes.text(0, 0.98, style.wrapped(head[0], 6.7, 9.0, bold=True), va="top", fontweight="bold", fontsize=9)
    axes.text(0, 0.98 - 0.25 / figure.get_figheight(), "\n".join(head[1:]), va="top", linespacing=1.4)
    columns = {
        "label": shown["label"].astype(str),
        "class": shown["class"].map(lambda c: style.plain(_short(c, 40))),
        "training images": shown["training"].map("{:,.0f}".format),
        "validation images": shown["validation"].map("{:,.0f}".format),
    }
    top = 1 - 0.95 / figure.get_figheight()
    draw_columns(axes, columns, places=(0.05, 0.12, 0.6, 0.85), top=top, left=("class",))
    return figure


def prepare_grid(dataset: Images, seed: int, samples: int = 10) -> pd.DataFrame:
    """One row a sample: class, label, place in the row, index among the training images, and its values p0, p1, ...

    A class of fewer images shows those it has.
    """
    rng = np.random.default_rng(seed)
    parts = []
    for label, name in enumerate(dataset.classes[:MAX_CLASSES]):
        of_class = np.flatnonzero(dataset.train_labels == label)
        chosen = rng.choice(of_class, min(samples, len(of_class)), replace=False)
        facts = pd.DataFrame({"class": name, "label": label, "sample": np.arange(len(chosen)), "index": chosen})
        pixels = pd.DataFrame(dataset.train_images[chosen]).add_prefix("p")
        parts.append(pd.concat([facts, pixels], axis=1))
    return pd.concat(parts, ignore_index=True)


@style.styled
def draw_grid(frame: pd.DataFrame, image_shape: tuple[int, ...]) -> Figure:
    """A class a row; one picture of all samples with a pixel of white between them."""
    height, width = image_shape[:2]
    names = frame.drop_duplicates("label").set_index("label")["class"]
    columns, rows = int(frame["sample"].max()) + 1, int(frame["label"].max()) + 1
    mosaic = np.full((rows * (height + 1), columns * (width + 1), *image_shape[2:]), 255, dtype=np.uint8)
    pixels = frame.filter(regex=r"^p\d+$").to_numpy(dtype=np.uint8).reshape(-1, *image_shape)
    for label, sample, image in zip(frame["label"], frame["sample"], pixels, strict=True):
        y, x = label * (height + 1), sample * (width + 1)
        mosaic[y : y + height, x : x + width] = image
    figure = style.new_figure(width=6.0, height=max(1.0, 5.0 * rows * height / (columns * width)))
    axes = figure.subplots()
    axes.imshow(mosaic.squeeze(), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    places = [label * (height + 1) + height / 2 for label in names.index]
    axes.set_yticks(places, [style.wrapped(_short(n, 60), 1.4, style.RC["ytick.labelsize"]) for n in names])
    axes.set_xticks([])
    axes.grid(False)
    axes.spines[:].set_visible(False)
    return figure
