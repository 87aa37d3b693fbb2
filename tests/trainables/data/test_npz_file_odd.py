"""Data files with arrays that nobody means, and with wrong bytes: one line in our words, or images that can be used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.odd_values import mangled, must_be_ours, some
from tests.trainables.data.own import own_file
from trainables.config.errors import DataError
from trainables.data.facts import facts_of, scale_hint
from trainables.data.sources import list_sources, load_data_set

pytestmark = pytest.mark.usefixtures("nowhere")

KEYS = ("train_images", "train_labels", "val_images", "val_labels", "test_images", "test_labels", "classes", "else")
KINDS = ("?", "u1", "i1", ">i2", "u8", "i8", "f2", "f4", "f8", "g", "c8", "S3", "U3", "M8[D]", "m8[s]", "V4", "O")
FILLS: list[Any] = [0, 1, 255, 256, -1, 2**62, 0.5, float("nan"), float("inf"), "b", None]


def used_or_refused(folder: Path) -> None:
    try:
        found = load_data_set("x", folder)
    except DataError as error:
        must_be_ours(str(error).replace(str(folder), ""))
        assert list_sources(folder)[-1].state in ("damaged", "unusable")
        return
    for images in (found.train_images, found.val_images):
        assert images.dtype == np.uint8 and images.ndim == 2 and len(images)
    assert found.train_labels.min() >= 0 and found.train_labels.max() < len(found.classes)
    assert found.val_labels.min() >= 0 and found.val_labels.max() < len(found.classes)
    scale_hint(facts_of(found))
    "".join(found.classes).encode()
    assert list_sources(folder)[-1].state == "verified"


@some(60)
@given(data=st.data())
def test_an_array_that_nobody_means(tmp_path: Path, data: st.DataObject) -> None:
    arrays: dict[str, Any] = {}
    for key in data.draw(st.sets(st.sampled_from(KEYS), min_size=1, max_size=2)):
        kind, fill = data.draw(st.sampled_from(KINDS)), data.draw(st.sampled_from(FILLS))
        lengths = st.sampled_from([0, 1, 2, 3, 4, 5, 6, 12])
        shape = tuple(data.draw(st.lists(lengths, max_size=4)))
        if len(shape) > 0 and data.draw(st.booleans()):
            shape = ({"train": 12, "val": 6}.get(key.partition("_")[0], 3), *shape[1:])
        try:
            with np.errstate(all="ignore"):
                arrays[key] = np.full(shape, fill).astype(kind)
        except (ValueError, TypeError, OverflowError):
            arrays[key] = np.zeros(shape, kind)
    own_file(tmp_path / "x.npz", **arrays)
    used_or_refused(tmp_path)


@some(60)
@given(data=st.data())
def test_a_file_whose_bytes_are_wrong(tmp_path: Path, data: st.DataObject) -> None:
    path = own_file(tmp_path / "x.npz", classes=np.array(["a", "b", "c"]))
    path.write_bytes(mangled(path.read_bytes(), data.draw))
    used_or_refused(tmp_path)
