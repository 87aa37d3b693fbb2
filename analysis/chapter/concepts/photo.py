"""The photograph of the concept figures, which ships with scikit-image; its grey and small forms; images as frames."""

from __future__ import annotations

import functools
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image

from trainables.config.errors import DataError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Pixels = npt.NDArray[np.uint8]

PHOTO = "astronaut.png"
CREDIT = "Photograph: NASA, in the public domain, from scikit-image's collection."
FACE = (slice(10, 210), slice(125, 325))
"""Rows and columns of the crop."""
GREY_WEIGHTS = np.array([0.2125, 0.7154, 0.0721])
"""Weights of red, green and blue in a grey value (as scikit-image's `rgb2gray`)."""


@functools.cache
def photograph() -> Pixels:
    """The photograph, [512, 512, 3], values 0 to 255, channels red, green, blue.

    Raises:
        DataError: this installation of scikit-image has no such file.
    """
    try:
        with resources.as_file(resources.files("skimage.data") / PHOTO) as path, Image.open(path) as image:
            return np.asarray(image.convert("RGB"))
    except (OSError, ModuleNotFoundError) as error:
        raise DataError(f"scikit-image's photograph {PHOTO} cannot be read: {error}") from None


def to_grey(pixels: Pixels) -> Pixels:
    """Grey values of colours, rounded.

    >>> to_grey(np.array([[[255, 255, 255], [255, 0, 0]]], dtype=np.uint8)).tolist()
    [[255, 54]]
    """
    grey: Pixels = np.rint(pixels @ GREY_WEIGHTS).astype(np.uint8)
    return grey


def shrink(pixels: Pixels, factor: int) -> Pixels:
    """Each block of `factor` x `factor` pixels becomes its mean.

    >>> shrink(np.array([[0, 2], [4, 6]], dtype=np.uint8), 2).tolist()
    [[3]]
    """
    height, width = (n // factor for n in pixels.shape[:2])
    blocks = pixels[: height * factor, : width * factor].reshape(height, factor, width, factor, -1)
    means: Pixels = np.rint(blocks.mean(axis=(1, 3))).astype(np.uint8).reshape(height, width, *pixels.shape[2:])
    return means


def frame_of(**layers: npt.NDArray[np.generic]) -> pd.DataFrame:
    """One row a pixel: row, column, and its value in each layer ([height, width])."""
    rows, columns = np.indices(next(iter(layers.values())).shape)
    return pd.DataFrame({"row": rows.ravel(), "column": columns.ravel(), **{k: v.ravel() for k, v in layers.items()}})


def image_of(frame: pd.DataFrame, *layers: str) -> npt.NDArray[np.generic]:
    """The inverse of `frame_of`: [height, width], or [height, width, layers] for several."""
    shape = (int(frame["row"].max()) + 1, int(frame["column"].max()) + 1)
    stacked = np.stack([frame[name].to_numpy().reshape(shape) for name in layers], axis=-1)
    return stacked[..., 0] if len(layers) == 1 else stacked


def bare(axes: Axes, title: str = "") -> None:
    """A panel that holds an image: no ticks, no frame."""
    axes.set_axis_off()
    if title:
        axes.set_title(title)
