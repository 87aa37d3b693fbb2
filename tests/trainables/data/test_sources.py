"""Data sets by name or file."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from tests.trainables.data.own import own_file
from trainables.config.errors import BadInput, DataError
from trainables.data import sources
from trainables.data.facts import facts_of, scale_hint
from trainables.data.sources import load_data_set

pytestmark = pytest.mark.usefixtures("nowhere")


def test_the_listing_says_which_name_to_write_and_what_has_none(tmp_path: Path) -> None:
    for name in ("leaves", "Leaves", "my leaves", "fashion-mnist"):
        own_file(tmp_path / f"{name}.npz")
    own_file(tmp_path / "bad.npz", val_labels=None)
    found = {Path(s.where).stem: s for s in sources.list_sources(tmp_path) if s.source == "own data"}
    assert {name: s.state for name, s in found.items()} == {
        "leaves": "verified",
        "bad": "unusable",
        **dict.fromkeys(("Leaves", "my leaves", "fashion-mnist"), "passed over"),
    }
    assert "`data: leaves`" in found["leaves"].detail and "lower-case" in found["my leaves"].detail
    assert "rename it" in found["fashion-mnist"].detail and "val_labels" in found["bad"].detail
    with pytest.raises(DataError, match=r"built-in data set.*rename it"):
        sources.load_data_set("fashion-mnist", tmp_path)


def test_of_own_data_its_own_file_alone_is_listed(tmp_path: Path) -> None:
    for name in ("leaves", "trees"):
        own_file(tmp_path / f"{name}.npz")
    assert [s.where for s in sources.list_sources(tmp_path, "leaves")] == [str(tmp_path / "leaves.npz")]
    assert len(sources.list_sources(tmp_path, "fashion-mnist")) > 4


@pytest.mark.parametrize(
    ("largest", "divisor", "said"),
    [
        *[(255, 255.0, ""), (200, 255.0, ""), (255, 1.0, ""), (16, 16.0, ""), (1, 1.0, ""), (64, 255.0, "")],
        *[(1, 255.0, "divided by 255"), (16, 255.0, "input_divisor: 16"), (0, 255.0, "all pixels are 0")],
    ],
)
def test_where_the_scale_does_not_fit_there_is_a_hint(tmp_path: Path, largest: int, divisor: float, said: str) -> None:
    images = np.zeros((12, 4, 5, 3), np.uint8)
    images[3] = largest
    own_file(tmp_path / "digits.npz", train_images=images, val_images=images[:6])
    hint = scale_hint(facts_of(sources.load_data_set("digits", tmp_path)), divisor)
    assert said in hint and bool(said) == bool(hint)
    if divisor == 255.0 and said:
        assert said in sources.list_sources(tmp_path)[-1].detail


def test_names_of_own_data(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="--data-dir or STUDY_DATA_DIR"):
        load_data_set("flowers")
    own_file(tmp_path / "flowers.npz")
    with pytest.raises(DataError, match="data sets in that folder: flowers"):
        load_data_set("trees", tmp_path)
    with pytest.raises(BadInput, match="lower-case"):
        load_data_set("../flowers", tmp_path)


def test_of_a_missing_data_set_the_files_that_no_study_can_name_are_told_with_the_reason(tmp_path: Path) -> None:
    """It named `fashion-mnist`, which is refused, and not why the others have no name."""
    for name in ("Leaves", "my leaves", "fashion-mnist", "grains"):
        own_file(tmp_path / f"{name}.npz")
    with pytest.raises(DataError) as caught:
        load_data_set("leaves", tmp_path)
    rule = "(no study can name it: rename it, lower-case letters, digits, - and _)"
    taken = "(that is the name of a built-in data set: rename it)"
    assert str(caught.value).partition("; ")[2] == (
        f"data sets in that folder: grains; passed over: Leaves.npz {rule}, "
        f"fashion-mnist.npz {taken}, my leaves.npz {rule}"
    )


def test_a_data_folder_that_is_none_says_what_is_meant(tmp_path: Path) -> None:
    path = own_file(tmp_path / "flowers.npz")
    for folder in ("garden", "gardns"):
        (tmp_path / folder).mkdir()
    own_file(tmp_path / "garden" / "roses.npz")
    for named, says in {
        path: f"it is no folder; name the one that it lies in, {tmp_path}",
        tmp_path
        / "nowhere": f"there is no folder {tmp_path}/nowhere; name the folder in which the file of the data set",
        tmp_path / "gardn": f"there is no folder {tmp_path}/gardn; did you mean garden?",
        Path("s3://bucket/data"): "data folder s3://bucket/data (from --data-dir): it is a URL, and",
        Path(tmp_path.as_uri()): "it is a URL",
    }.items():
        with pytest.raises(DataError, match=re.escape(says)):
            load_data_set("flowers", named)
