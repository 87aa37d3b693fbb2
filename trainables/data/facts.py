"""What results are judged by that lies in their data set: how many images and classes, and what the pixels are.

A few numbers that stay with the results, for the data set itself may be elsewhere when they are read.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from trainables.config.trial_config import TrialConfig
from trainables.data.dataset import DataSet


@dataclass(frozen=True, kw_only=True)
class DataFacts:
    """A data set in a few numbers.

    Raises:
        ValueError: a field is of the wrong kind or out of range; names it.
    """

    name: str
    checksum: str
    classes: int
    train_images: int
    val_images: int
    train_largest_class: int
    """Images of the class that has most, in the training part."""
    val_largest_class: int
    lowest_pixel: int
    """Of the training images."""
    highest_pixel: int

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if field.type == "str":
                right = isinstance(value, str) and bool(value)
            else:
                right = type(value) is int and (value >= 0 if field.name.endswith("pixel") else value > 0)
            if not right:
                raise ValueError(
                    f"{field.name}: expected a {'text' if field.type == 'str' else 'count'}, got {value!r}"
                )
        for part in ("train", "val"):
            if getattr(self, f"{part}_largest_class") > getattr(self, f"{part}_images"):
                raise ValueError(f"{part}_largest_class: there are only {getattr(self, f'{part}_images')} images")
        if not self.lowest_pixel <= self.highest_pixel <= 255:
            raise ValueError(f"highest_pixel: expected {self.lowest_pixel} to 255, got {self.highest_pixel}")

    def validation(self, config: TrialConfig) -> tuple[int, float]:
        """Count the validation images that a configuration sees, and give the share of their largest class.

        What is held out of the training images has each class in its share, to within one image.
        """
        if config.held_out:
            return config.images_held_out(self.train_images), self.train_largest_class / self.train_images
        return self.val_images, self.val_largest_class / self.val_images


def facts_of(data: DataSet) -> DataFacts:
    """The numbers of a data set."""
    return DataFacts(
        name=data.name,
        checksum=data.checksum,
        classes=len(data.classes),
        train_images=len(data.train_labels),
        val_images=len(data.val_labels),
        train_largest_class=int(np.bincount(data.train_labels).max()),
        val_largest_class=int(np.bincount(data.val_labels).max()),
        lowest_pixel=int(data.train_images.min()),
        highest_pixel=int(data.train_images.max()),
    )


FASHION_MNIST = DataFacts(
    name="fashion-mnist",
    checksum="441b176ac402fe0c41c6ef760823aa95",
    classes=10,
    train_images=60_000,
    val_images=10_000,
    train_largest_class=6_000,
    val_largest_class=1_000,
    lowest_pixel=0,
    highest_pixel=255,
)
"""Known without the data: folders of earlier versions do not say them."""


def scale_hint(data: DataFacts, divisor: float = 255.0, *, invert: bool = False) -> str:
    """What to do where inputs lie so close together that learning is slow or stops; empty where they do not.

    Args:
        data: whose pixels.
        divisor: what they are divided by.
        invert: whether they are taken from 255 before.
    """
    low, high = data.lowest_pixel, data.highest_pixel
    if low == high:
        return f"all pixels are {high}, so nothing can be learnt"
    spread = (high - low) / divisor
    if spread >= 0.25:
        return ""
    if invert or high / divisor >= 0.25:
        taken = f", which `invert` makes {255 - high}..{255 - low}" if invert else ""
        return f"pixels lie in {low}..{high}{taken}, so inputs differ by {spread:.2g} at most: spread them over 0..255"
    if high == 1:
        return (
            "no pixel is above 1: pixels that were divided by 255 and kept as whole numbers are lost, save them as "
            "0..255; of black and white images write `input_divisor: 1` in `base`"
        )
    return (
        f"no pixel is above {high}, so inputs are {high / divisor:.2g} at most; write `input_divisor: {high}` in `base`"
    )
