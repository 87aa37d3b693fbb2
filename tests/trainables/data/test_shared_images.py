"""Validation and test images that are training images too are counted."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.trainables.data.own import own_file
from trainables.data.dataset import DataSet, make_data_set
from trainables.data.shared_images import shared_hint
from trainables.data.sources import list_sources

IMAGES = np.arange(2400, dtype=np.uint16).reshape(300, 8).view(np.uint8).reshape(300, 4, 4)


def data(val: np.ndarray, test: np.ndarray | None = None) -> DataSet:
    parts = {"train": IMAGES[:200], "val": val} | ({} if test is None else {"test": test})
    images = {f"{name}_images": part for name, part in parts.items()}
    labels = {f"{name}_labels": np.arange(len(part)) % 2 for name, part in parts.items()}
    return make_data_set("own", images | labels, ("a", "b"))


def test_images_of_two_parts_are_counted() -> None:
    """A copy of the training part as validation part was "verified", and no more."""
    end = "are training images too, so accuracy on them says nothing of new ones"
    assert shared_hint(data(IMAGES[200:])) == ""
    assert shared_hint(data(IMAGES[:200])) == f"all 200 validation images {end}"
    assert shared_hint(data(IMAGES[150:300])) == f"50 of 150 validation images {end}"
    assert shared_hint(data(IMAGES[200:], IMAGES[199:209])) == f"1 of 10 test images {end}"
    both = shared_hint(data(IMAGES[190:210], IMAGES[:3]))
    assert both == f"10 of 20 validation images and all 3 test images {end}"
    few = np.concatenate([IMAGES[:1], np.tile(IMAGES[250:251], (199, 1, 1))])
    assert shared_hint(data(few)) == "", "half a per cent"


def test_the_place_that_has_them_says_so(tmp_path: Path) -> None:
    labels = np.arange(200) % 2
    own_file(
        tmp_path / "leak.npz",
        train_images=IMAGES[:200],
        train_labels=labels,
        val_images=IMAGES[:200],
        val_labels=labels,
    )
    (found,) = list_sources(tmp_path, "leak")
    assert found.state == "verified" and "; all 200 validation images are training images too" in found.detail
