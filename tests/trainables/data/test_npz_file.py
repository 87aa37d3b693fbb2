"""Own data: what is taken, what is refused and why, and what a listing says."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.test_architecture import ROOT
from tests.trainables.data.own import own_file
from trainables.config.errors import BadInput, DataError
from trainables.config.trial_config import TrialConfig
from trainables.data import sources
from trainables.data.sources import list_sources, load_data_set

pytestmark = pytest.mark.usefixtures("nowhere")


def test_own_data(tmp_path: Path) -> None:
    own_file(tmp_path / "flowers.npz")
    loaded = load_data_set("flowers", tmp_path)
    assert loaded.train_images.shape == (12, 60)
    assert loaded.image_shape == (4, 5, 3)
    assert loaded.classes == ("0", "1", "2")
    assert not loaded.train_images.flags.writeable
    assert loaded.checksum == "2e12e26e85ca188d5622ef7a442c1128"
    named = own_file(tmp_path / "named.npz", classes=np.array(["a", "b", "c"]))
    assert load_data_set("named", tmp_path).classes == ("a", "b", "c")
    assert load_data_set("named", tmp_path).checksum == loaded.checksum
    four = own_file(tmp_path / "four.npz", classes=np.array(["a", "b", "c", "d"]))
    assert load_data_set("four", tmp_path).checksum != loaded.checksum
    assert [s.state for s in list_sources(tmp_path) if s.source == "own data"] == ["verified"] * 3
    assert {named.stem, four.stem} == {"named", "four"}


def test_one_number_changes_the_checksum(tmp_path: Path) -> None:
    own_file(tmp_path / "one.npz")
    images = load_data_set("one", tmp_path).train_images.reshape(12, 4, 5, 3).copy()
    images[3, 2, 1, 0] ^= 1
    own_file(tmp_path / "two.npz", train_images=images)
    assert load_data_set("one", tmp_path).checksum != load_data_set("two", tmp_path).checksum


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"val_labels": None}, "no array val_labels"),
        ({"train_images": np.zeros((12, 4, 5, 3))}, "float64"),
        ({"train_images": np.zeros(12, np.uint8)}, r"of one feature save train_images.reshape\(-1, 1\)"),
        ({"train_images": np.zeros((0, 4), np.uint8), "train_labels": np.zeros(0, int)}, "not empty"),
        ({"val_images": np.zeros((6, 4, 5), np.uint8)}, "differ in shape"),
        ({"train_labels": np.arange(11)}, "one for each of 12"),
        ({"train_labels": np.zeros(12)}, r"whole numbers.*; save train_labels.astype\(int\)"),
        ({"train_labels": np.arange(12) / 2}, "whole numbers.*; some are none: each class needs a number"),
        ({"train_labels": np.full(12, np.nan)}, "some are none"),
        ({"train_labels": np.zeros(12, int)}, "all train_labels are 0; expected two classes or more"),
        ({"train_labels": np.arange(12) % 3 - 1}, "-1..1"),
        ({"train_labels": np.arange(12) % 3 * 2}, "no training image has label 1"),
        ({"val_labels": np.arange(6)}, "val_labels go up to 5"),
        ({"classes": np.array(["a", "b"])}, "2 classes"),
        ({"classes": np.array(["a", "a", "b"])}, "different names"),
        ({"classes": np.arange(3)}, "int64"),
        ({"train_labels": np.array([{}] * 12, dtype=object)}, "allow_pickle"),
    ],
)
def test_bad_own_data(tmp_path: Path, changes: dict[str, np.ndarray | None], said: str) -> None:
    path = own_file(tmp_path / "bad.npz", **changes)
    with pytest.raises(DataError, match=said) as caught:
        load_data_set("bad", tmp_path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert list_sources(tmp_path)[-1].state == "unusable"


def test_no_file_of_numpy(tmp_path: Path) -> None:
    whole = own_file(tmp_path / "whole.npz").read_bytes()
    for name, content in {
        "half": whole[: len(whole) // 2],
        "text": b"images",
        "none": b"",
        "pickle": pickle.dumps([1]),
    }.items():
        (tmp_path / f"{name}.npz").write_bytes(content)
        with pytest.raises(DataError, match="damaged"):
            load_data_set(name, tmp_path)


@pytest.mark.parametrize(
    "changes",
    [
        {"train_labels": (np.arange(12) % 3)[:, None].astype(np.uint8), "val_labels": (np.arange(6) % 3)[:, None]},
        {"test_images": np.zeros((2, 4, 5, 3), np.uint8), "test_labels": np.zeros((2, 1), np.uint8)},
        {"files": np.array(["a.png", None], dtype=object)},
        {"train_images": (np.arange(12 * 60) * 37 % 251).astype(np.uint8).reshape(12, 4, 5, 3).astype(np.int64)},
        {"train_labels": (np.arange(12) % 3).astype(np.uint64), "val_labels": (np.arange(6) % 3).astype(">i2")},
    ],
    ids=[
        "labels-in-a-column",
        "arrays-of-medmnist",
        "objects-that-nobody-asks-for",
        "bytes-as-int64",
        "other-integers",
    ],
)
def test_files_as_people_have_them(tmp_path: Path, changes: dict[str, np.ndarray]) -> None:
    own_file(tmp_path / "usual.npz")
    own_file(tmp_path / "theirs.npz", **changes)
    checksum = sources.load_data_set("usual", tmp_path).checksum
    assert sources.load_data_set("theirs", tmp_path).checksum == checksum


def test_names_of_classes_may_be_bytes(tmp_path: Path) -> None:
    own_file(tmp_path / "bytes.npz", classes=np.array([b"bone", "Fettgewebe ä".encode(), b"skin"]))
    assert sources.load_data_set("bytes", tmp_path).classes == ("bone", "Fettgewebe ä", "skin")


@pytest.mark.parametrize(
    ("changes", "what_to_do"),
    [
        ({"classes": np.array(["a", "b", "c"], dtype=object)}, r"dtype=str"),
        ({"classes": np.array([b"\xff", b"b", b"c"])}, r"dtype=str"),
        ({"train_images": np.full((12, 4, 5, 3), 0.5)}, r"multiply by 255 and round"),
        ({"train_images": np.full((12, 4, 5, 3), 7.5)}, r"bring them to 0..255"),
        ({"train_images": np.full((12, 4, 5, 3), np.nan)}, r"bring them to 0..255"),
        ({"train_images": np.full((12, 4, 5, 3), 4095, np.int64)}, r"4095..4095; expected 0..255"),
        ({"train_images": np.full((12, 4, 5, 3), -1, np.int64)}, r"expected 0..255"),
        ({"train_labels": np.arange(12) % 3 * 1.0}, r"astype\(int\)"),
        ({"train_labels": np.eye(3, dtype=int)[np.arange(12) % 3]}, r"argmax\(1\)"),
        ({"train_labels": np.array("x")}, r"whole numbers"),
        ({"train_images": np.array(["x"] * 12)}, r"expected uint8"),
    ],
)
def test_what_is_sound_and_not_supported_says_what_to_do(
    tmp_path: Path, changes: dict[str, np.ndarray], what_to_do: str
) -> None:
    own_file(tmp_path / "bad.npz", **changes)
    with pytest.raises(DataError, match=what_to_do) as caught:
        sources.load_data_set("bad", tmp_path)
    assert "damaged" not in str(caught.value) and "\n" not in str(caught.value)


def test_an_array_that_is_larger_than_its_file_says_is_damage(tmp_path: Path) -> None:
    path = own_file(tmp_path / "lies.npz")
    content = path.read_bytes()
    path.write_bytes(content.replace(b"'shape': (12, 4, 5, 3)", b"'shape': (99, 4, 5, 3)"))
    with pytest.raises(DataError, match="damaged"):
        sources.load_data_set("lies", tmp_path)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda p: p.mkdir(), "x.npz is no file"),
        (lambda p: p.symlink_to("nowhere"), "x.npz is a link to what is not there"),
        (os.mkfifo, "x.npz is no file"),
        (lambda p: p.write_bytes(b""), "it is empty"),
        (lambda p: p.write_text("a,b"), "it is no zip archive"),
        (lambda p: p.write_bytes(own_file(p.with_name("whole.npz")).read_bytes()[:700]), "its end is missing"),
        (lambda p: np.save(p.open("wb"), np.zeros(3)), "holds one array, as numpy.save writes it; numpy.savez"),
    ],
)
def test_what_is_no_archive_is_said_in_our_words_and_never_waited_for(
    make: Callable[[Path], object], says: str, tmp_path: Path
) -> None:
    make(tmp_path / "x.npz")
    with pytest.raises(DataError, match=says) as caught:
        load_data_set("x", tmp_path)
    (listed,) = (s for s in list_sources(tmp_path) if s.where.endswith("x.npz"))
    assert says in listed.detail and listed.state in ("damaged", "unusable")
    assert "Errno" not in str(caught.value) + listed.detail


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"train_labels": np.array(["cat", "dog", "cow"] * 4)}, "save their numbers, and the names as `classes`"),
        ({"train_labels": np.arange(12) % 3 + 1}, "they begin at 1: save labels - 1"),
        ({"train_images": np.full((12, 4, 5, 3), np.nan)}, "some values are NaN"),
        ({"train_images": np.full((12, 4, 5, 3), np.inf)}, "some values are NaN or infinite: put numbers there"),
        ({"train_images": np.full((12, 4, 5, 3), -1.5)}, "by the same numbers in every part, and round"),
    ],
)
def test_labels_and_images_as_people_have_them_are_told_what_to_do(
    changes: dict[str, np.ndarray], says: str, tmp_path: Path
) -> None:
    own_file(tmp_path / "x.npz", **changes)
    with pytest.raises(DataError, match=says):
        load_data_set("x", tmp_path)


def test_of_many_data_sets_the_first_are_named(tmp_path: Path) -> None:
    for i in range(36):
        (tmp_path / f"set-{i:02d}.npz").write_bytes(b"")
    with pytest.raises(DataError, match=r"data sets in that folder: set-00, .*set-07 and 28 more$"):
        load_data_set("leaves", tmp_path)


def test_a_table_or_a_folder_of_images_that_lies_there_is_packed_first(tmp_path: Path) -> None:
    """It said "there is no wine.npz; data sets there: none", and of `wine.csv` what a name is made of."""
    (tmp_path / "wine.csv").write_text("a,b\n1,2\n")
    (tmp_path / "leaves").mkdir()
    table = r"wine\.npz in .*; pack wine\.csv as wine\.npz first \(docs/guides/own-table\.md\), then write `data: wine`"
    with pytest.raises(DataError, match=table):
        load_data_set("wine", tmp_path)
    with pytest.raises(DataError, match=r"pack the folder leaves/ as leaves\.npz first \(docs/guides/data\.md\)"):
        load_data_set("leaves", tmp_path)
    for refuse in (lambda: load_data_set("wine.csv", tmp_path), lambda: TrialConfig(data="wine.csv")):
        with pytest.raises(BadInput, match=r"NAME\.npz; a table is packed as one first \(docs/guides/own-table"):
            refuse()
    assert all((ROOT / "docs/guides" / name).is_file() for name in ("own-table.md", "data.md"))
