"""A data set of few and plain images, for the figures that need no training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Small:
    """What the figures need of a data set."""

    name: str
    train_images: npt.NDArray[np.uint8]
    train_labels: npt.NDArray[Any]
    val_images: npt.NDArray[np.uint8]
    val_labels: npt.NDArray[Any]
    classes: tuple[str, ...]
    image_shape: tuple[int, ...]


SMALL = Small(  # the value of every pixel is ten times the label
    name="small",
    train_images=np.repeat(np.arange(10, dtype=np.uint8) * 10, 30)[:, None].repeat(16, axis=1),
    train_labels=np.repeat(np.arange(10), 30),
    val_images=np.zeros((20, 16), dtype=np.uint8),
    val_labels=np.repeat(np.arange(10), 2),
    classes=tuple(f"class {i}" for i in range(10)),
    image_shape=(4, 4),
)
