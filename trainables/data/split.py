"""The parts of a data set that a configuration asks for: train, val (selection is allowed), test (never).

A part is held out of the training images by its own seed, the classes evenly; then the data's own validation part is
the test part. The folds of one seed have no image in common.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from trainables.config.errors import BadInput
from trainables.config.plurals import counted
from trainables.config.trial_config import TrialConfig
from trainables.data.dataset import DataSet, order_with_classes_mixed, part_checksum, splitmix64


def with_held_out(data: DataSet, config: TrialConfig) -> DataSet:
    """The data set as a configuration sees it; the very same where nothing is held out.

    Raises:
        BadInput: see `check_held_out`.
    """
    if not config.held_out:
        return data
    check_held_out(data, config)
    order = _order(data, config.split_seed)
    first, end = config.places_held_out(len(order))
    val, train = np.sort(order[first:end]), np.sort(np.concatenate((order[:first], order[end:])))
    made = dataclasses.replace(
        data,
        train_images=data.train_images[train],
        train_labels=data.train_labels[train],
        val_images=data.train_images[val],
        val_labels=data.train_labels[val],
        test_images=data.val_images,
        test_labels=data.val_labels,
        test_checksum=part_checksum(data.val_images, data.val_labels),
    )
    for array in (made.train_images, made.train_labels, made.val_images, made.val_labels):
        array.flags.writeable = False
    return made


def checksum_of_test(data: DataSet) -> str:
    """Return the checksum of the part that is the test part of every configuration that has one."""
    return data.test_checksum or part_checksum(data.val_images, data.val_labels)


def check_held_out(data: DataSet, config: TrialConfig) -> None:
    """Refuse what cannot be held out of these data.

    Raises:
        BadInput: the data have a test part already, or a class has too few images for both parts.
    """
    if not config.held_out:
        return
    if data.test_images is not None:
        why = f"{data.name} has a test part of its own, so nothing has to be held out: leave it out"
        raise BadInput("held_out", config.held_out, why)
    labels = data.train_labels
    first, end = config.places_held_out(len(labels))
    held = np.bincount(labels[_order(data, config.split_seed)[first:end]], minlength=len(data.classes))
    there = np.bincount(labels, minlength=len(data.classes))
    for n in np.flatnonzero((there > 0) & ((held == 0) | (held == there))):
        needed = max(2, int(np.ceil(1 / max(config.held_out, 1e-9))))
        enough = f": {needed} would do" if needed < 1e9 else ""
        raise BadInput(
            "held_out",
            config.held_out,
            f"class {data.classes[n]} of {data.name} has {counted(int(there[n]), 'training image')}, too "
            f"few to hold {100 * config.held_out:g} % of each class out{enough}. Or bring test_images and "
            "test_labels of your own, or write held_out: 0 in base, without a test part",
        )


def _order(data: DataSet, seed: int) -> NDArray[np.int64]:
    """All training images in the order in which they are held out."""
    places = np.arange(len(data.train_labels), dtype=np.uint64)
    return order_with_classes_mixed(
        data.train_labels, splitmix64(splitmix64(places) ^ splitmix64(np.full(1, seed, np.uint64)))
    )
