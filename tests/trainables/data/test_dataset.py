"""Subsets of a data set: nested, even, fixed for ever."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from trainables.config.errors import BadInput
from trainables.data import dataset as data

pytestmark = pytest.mark.usefixtures("nowhere")


def labelled(labels: np.ndarray) -> data.DataSet:
    images = np.zeros((len(labels), 1), np.uint8)
    kept = labels.astype(np.uint8)
    return data.DataSet("x", images, kept, images, kept, tuple(map(str, range(10))), (1,), "0" * 32)


def test_subsets_are_nested_even_and_fixed() -> None:
    sorted_by_class = labelled(np.repeat(np.arange(10), 50))
    order = data.subset(sorted_by_class, 500)
    assert sorted(order.tolist()) == list(range(500))
    for images in (1, 7, 30, 123, 499):
        chosen = data.subset(sorted_by_class, images)
        assert chosen.tolist() == order[:images].tolist()
        counts = np.bincount(sorted_by_class.train_labels[chosen], minlength=10)
        assert counts.max() - counts.min() <= 1
    assert order[:10].tolist() == [410, 366, 254, 203, 319, 53, 33, 147, 494, 170]


def test_rare_classes_keep_their_share() -> None:
    rare = labelled(np.array([0] * 900 + [1] * 90 + [2] * 10))
    counts = np.bincount(rare.train_labels[data.subset(rare, 100)], minlength=3)
    assert counts.tolist() == [90, 9, 1]


@pytest.mark.parametrize("images", [0, -1, 21])
def test_impossible_subsets(images: int) -> None:
    with pytest.raises(BadInput, match="expected 1 to 20"):
        data.subset(labelled(np.arange(20) % 10), images)


def test_neither_torch_nor_ray_is_imported() -> None:
    code = "import sys, trainables.data; print(sorted({'torch', 'torchvision', 'ray'} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
