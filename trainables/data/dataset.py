"""A data set as plain read-only arrays, and its subsets in an order fixed for ever.

Nothing here knows of Ray or torch: who shares the arrays with trials does so elsewhere, and who divides pixels does so
in the loop. Where a data set is found is `trainables.data.sources`; how a part is held out, `trainables.data.split`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainables.config.errors import BadInput

Bytes = NDArray[np.uint8]
Labels = NDArray[np.uint8] | NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class DataSet:
    """Training and validation images with their labels, perhaps test images too; all arrays are read-only."""

    name: str
    train_images: Bytes
    """[images, features], 0..255, each image flattened row by row."""
    train_labels: Labels
    """[images], from 0."""
    val_images: Bytes
    val_labels: Labels
    classes: tuple[str, ...]
    """Name of each label."""
    image_shape: tuple[int, ...]
    """Of one image before it was flattened."""
    checksum: str
    """32 hexadecimal digits over the numbers: arrays, shapes and the count of classes, not names nor the test part."""
    test_images: Bytes | None = None
    """The part that nothing selects on; None where there is none."""
    test_labels: Labels | None = None
    test_checksum: str = ""
    """16 hexadecimal digits over the test part; empty where there is none."""
    file: str = ""
    """Whose it was read from; empty where it has several, or none."""

    @property
    def nbytes(self) -> int:
        """How many bytes all its arrays take together."""
        parts = (self.train_images, self.train_labels, self.val_images, self.val_labels)
        return sum(a.nbytes for a in (*parts, self.test_images, self.test_labels) if a is not None)


def make_data_set(name: str, arrays: Mapping[str, NDArray[Any]], classes: tuple[str, ...], file: str = "") -> DataSet:
    """A data set of `train_images`, `train_labels`, `val_images` and `val_labels`, with its checksum.

    `test_images` and `test_labels` may be there too. They are no part of the checksum, for no trial learns from them.
    """
    shape = tuple(int(n) for n in arrays["train_images"].shape[1:])
    kind = np.uint8 if len(classes) <= 256 else np.int64
    whole: dict[str, Any] = {}
    for part in ("train", "val", *(("test",) if "test_images" in arrays else ())):
        images, labels = arrays[f"{part}_images"], arrays[f"{part}_labels"]
        whole[f"{part}_images"] = np.ascontiguousarray(images.reshape(len(images), -1))
        whole[f"{part}_labels"] = np.ascontiguousarray(labels.astype(kind))
    for array in whole.values():
        array.flags.writeable = False
    kept = {key: array for key, array in whole.items() if not key.startswith("test")}
    checksum = digest_of(f"{len(classes)} classes, images {shape}", kept)[:32]
    if "test_images" in whole:
        whole["test_checksum"] = part_checksum(whole["test_images"], whole["test_labels"])
    return DataSet(name=name, **whole, classes=classes, image_shape=shape, checksum=checksum, file=file)


def digest_of(what: str, arrays: Mapping[str, NDArray[Any]]) -> str:
    """A digest over arrays and their names."""
    digest = hashlib.sha256(what.encode())
    for key in sorted(arrays):
        digest.update(f"{key} {arrays[key].dtype.newbyteorder('<').str} {arrays[key].shape}".encode())
        digest.update(arrays[key].data)
    return digest.hexdigest()


def part_checksum(images: Bytes, labels: Labels) -> str:
    """Return the digest of a test part: of images as bytes and labels."""
    return digest_of("test", {"images": images, "labels": labels})[:16]


def subset(data: DataSet, images: int) -> NDArray[np.int64]:
    """Indices of the first so many training images in an order that is fixed for ever, whatever the seed of a trial.

    The classes are mixed evenly: every beginning holds each of them in its share, to within one image. A smaller subset
    is the beginning of a larger one. Only labels and positions decide.

    Raises:
        BadInput: fewer than one, or more than there are.
    """
    labels = data.train_labels
    if not 1 <= images <= len(labels):
        raise BadInput("train_images", images, f"expected 1 to {len(labels)}, the training images of {data.name}")
    return order_with_classes_mixed(labels, splitmix64(np.arange(len(labels), dtype=np.uint64)))[:images].astype(
        np.int64
    )


def order_with_classes_mixed(labels: Labels, key: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return all positions [n], the classes mixed evenly; within a class the smaller key comes first."""
    share = np.empty(len(labels))
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        ranked = members[np.argsort(key[members])]
        share[ranked] = (np.arange(len(ranked)) + 0.5) / len(ranked)
    return np.lexsort((key, share))


def splitmix64(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64's finaliser: one to one, and in no order; arithmetic alone, so no library can change it.

    Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
    """
    z = (numbers + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
