"""What results are judged by that lies in their data set: how many images and classes, and what the pixels are.

A few numbers that stay with the results, for the data set itself may be elsewhere when they are read.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import cast

import numpy as np

from trainables.config.errors import spelled
from trainables.config.plurals import counted
from trainables.config.trial_config import TrialConfig
from trainables.data.dataset import DataSet

MIN_IMAGES = 2
"""Of a part: with fewer nothing can be compared."""
ONE_CLASS, TOO_FEW = "one class", "too few"
"""In what is said of a part that has no other, and of one that can hardly be learnt from or judged by."""


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
    typical_range: int | None = None
    """How far the lowest and highest value of a training pixel lie apart: the median of those that vary."""
    mean_pixels: tuple[float, ...] = ()
    """Of the training, the validation and, if there is one, the test part. Like `typical_range` not known of runs of
    version 0.2 and before."""

    def __post_init__(self) -> None:
        if isinstance(self.mean_pixels, list):
            object.__setattr__(self, "mean_pixels", tuple(self.mean_pixels))
        for field in dataclasses.fields(self):
            _check(field.name, field.type, getattr(self, field.name))
        for part in ("train", "val"):
            if getattr(self, f"{part}_largest_class") > getattr(self, f"{part}_images"):
                raise ValueError(f"{part}_largest_class: there are only {getattr(self, f'{part}_images')} images")
        if not self.lowest_pixel <= self.highest_pixel <= 255:
            raise ValueError(f"highest_pixel: expected {self.lowest_pixel} to 255, got {self.highest_pixel}")

    @property
    def has_test_part(self) -> bool | None:
        """Whether it has a part beside training and validation; None where that is not known."""
        return len(self.mean_pixels) > 2 if self.mean_pixels else None

    def validation(self, config: TrialConfig) -> tuple[int, float]:
        """Count the validation images that a configuration sees, and give the share of their largest class.

        What is held out of the training images has each class in its share, to within one image.
        """
        if config.held_out:
            return config.images_held_out(self.train_images), self.train_largest_class / self.train_images
        return self.val_images, self.val_largest_class / self.val_images


def _check(name: str, kind: object, value: object) -> None:
    if name == "mean_pixels":
        right = isinstance(value, tuple) and len(value) in (0, 2, 3)
        right = right and all(type(v) in (int, float) and 0 <= v <= 255 for v in cast(tuple[float, ...], value))
        expected = "means of two or three parts, 0 to 255"
    elif kind == "str":
        right, expected = isinstance(value, str) and bool(value), "a text"
    else:
        least = 0 if name in ("lowest_pixel", "highest_pixel", "typical_range") else 1
        right, expected = type(value) is int and value >= least, "a count"
        right = right or (value is None and name == "typical_range")
    if not right:
        raise ValueError(f"{name}: expected {expected}, got {spelled(value):.200}")


def facts_of(data: DataSet) -> DataFacts:
    """The numbers of a data set."""
    ranges = data.train_images.max(axis=0) - data.train_images.min(axis=0)
    parts = (data.train_images, data.val_images, data.test_images)
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
        typical_range=int(np.median(ranges[ranges > 0])) if ranges.any() else 0,
        mean_pixels=tuple(round(float(images.mean()), 3) for images in parts if images is not None),
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
    typical_range=255,
    mean_pixels=(72.94, 73.147),
)
"""Known without the data: folders of earlier versions do not say them."""


MIN_INPUT_SPREAD = 0.25
"""How far inputs should lie apart: networks begin as if they were about 1."""
MAX_INPUT = 30.0
"""How large inputs may be: the steps of the first weights grow with them."""
OTHER_SCALE_FACTOR = 4.0
"""Times by which the means of two parts differ that are not on one scale."""


def one_class_hint(data: DataFacts, *, held_out: bool = False) -> str:
    """What it means that a part is one image, or all its images have one class; empty where neither is so.

    `held_out`: the validation part is held out of the training images, and not the data's own.
    """
    parts = [("training", data.train_images, data.train_largest_class)]
    parts += [] if held_out else [("validation", data.val_images, data.val_largest_class)]
    for part, n, largest in parts:
        if n < MIN_IMAGES:
            return f"{counted(n, f'{part} image')}: {TOO_FEW}, expected at least {MIN_IMAGES}"
        if n == largest and data.classes > 1:
            return f"all {n:,} {part} images are of {ONE_CLASS}, so accuracy tells no arms apart"
    return ""


def scale_hint(data: DataFacts, divisor: float = 255.0, *, invert: bool = False) -> str:
    """What to do where inputs lie so close together that learning is slow or stops; empty where they do not.

    Args:
        data: whose pixels.
        divisor: what they are divided by.
        invert: whether they are taken from 255 before.
    """
    low, high = data.lowest_pixel, data.highest_pixel
    if data.train_images < MIN_IMAGES:
        return ""  # nothing varies from image to image
    if low == high:
        return f"all pixels are {high}, so nothing can be learnt"
    if other := _other_scale(data.mean_pixels):
        return other
    spread = (high - low) / divisor
    if spread >= MIN_INPUT_SPREAD:
        return _most_too_close(data, divisor)
    if invert or high / divisor >= MIN_INPUT_SPREAD:
        taken = f", which `invert` makes {255 - high}..{255 - low}" if invert else ""
        return f"pixels lie in {low}..{high}{taken}, so inputs differ by {spread:.2g} at most: spread them over 0..255"
    if high == 1:
        return (
            "no pixel is above 1: pixels that were divided by 255 and kept as whole numbers are lost. Save them as "
            "0..255. Of black and white images write `input_divisor: 1` in `base`"
        )
    return (
        f"no pixel is above {high}, so inputs are {high / divisor:.2g} at most; write `input_divisor: {high}` in `base`"
    )


def large_input_hint(data: DataFacts, divisor: float = 255.0, *, invert: bool = False) -> str:
    """What to do where inputs are so large that learning is poor or diverges; empty where they are not.

    Args:
        data: whose pixels.
        divisor: what they are divided by.
        invert: whether they are taken from 255 before.
    """
    largest = 255 - data.lowest_pixel if invert else data.highest_pixel
    if largest / divisor <= MAX_INPUT:
        return ""
    said = f"inputs go up to {largest / divisor:,.0f}, and networks learn best from about 1"
    return f"{said}: write `input_divisor: {largest}` in `base`"


def _other_scale(means: tuple[float, ...]) -> str:
    """What to do where a held-out part is not on the scale of the training part."""
    for name, mean in zip(("validation", "test"), means[1:], strict=False):
        low, high = sorted((means[0], mean))
        if high > OTHER_SCALE_FACTOR * low:
            said = f"training pixels are {means[0]:.3g} in the mean and {name} pixels {mean:.3g}"
            return f"{said}: bring both parts to one scale, by the same numbers"
    return ""


def _most_too_close(data: DataFacts, divisor: float) -> str:
    """What to do where a few pixels alone reach far, so that the scale fits them and no other."""
    typical = data.typical_range
    if typical is None or typical / divisor >= MIN_INPUT_SPREAD:
        return ""
    if typical == 0:
        return "no pixel varies from image to image, so nothing can be learnt"
    return (
        f"pixels go up to {data.highest_pixel}, but most of those that vary do so within {typical}, so their inputs "
        f"differ by {typical / divisor:.2g} at most: spread each over 0..255"
    )
