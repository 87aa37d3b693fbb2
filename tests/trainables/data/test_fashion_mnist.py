"""Fashion-MNIST, on small files that stand for the real ones; the real ones where this machine has them."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.trainables.data.own import Maker, own_file
from trainables.config.errors import DataError
from trainables.data import dataset as data
from trainables.data import download as fetch
from trainables.data import fashion_mnist
from trainables.data.facts import FASHION_MNIST, facts_of
from trainables.data.sources import list_sources, list_to_first, load_data_set

pytestmark = pytest.mark.usefixtures("nowhere")


def cached() -> Path:
    return fashion_mnist.cache_dir() / "fashion-mnist"


IMAGES, LABELS = "train-images-idx3-ubyte", "t10k-labels-idx1-ubyte"


@pytest.mark.parametrize("layout", [".", "fashion-mnist", "FashionMNIST/raw"])
def test_data_folder_in_each_layout(small: Maker, tmp_path: Path, layout: str) -> None:
    small(tmp_path / "d" / layout)
    loaded = load_data_set("fashion-mnist", tmp_path / "d")
    assert loaded.train_images.shape == (20, 6)
    assert loaded.val_labels.dtype == np.uint8
    assert loaded.image_shape == (2, 3)
    assert loaded.classes[9] == "Ankle boot"


def test_folder_by_environment_and_unpacked(small: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for packed in small(tmp_path / "d").glob("*.gz"):
        packed.with_suffix("").write_bytes(gzip.decompress(packed.read_bytes()))
        packed.unlink()
    monkeypatch.setenv("STUDY_DATA_DIR", str(tmp_path / "d"))
    assert len(load_data_set("fashion-mnist").train_images) == 20


def test_package_is_cached_and_the_cache_is_enough(
    small: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "DEBIAN_FOLDER", small(tmp_path / "package"))
    first = load_data_set("fashion-mnist")
    monkeypatch.setattr(fetch, "DEBIAN_FOLDER", tmp_path / "gone")
    again = load_data_set("fashion-mnist")
    assert first.checksum == again.checksum
    assert np.array_equal(first.train_images, again.train_images)
    assert sorted(p.name for p in cached().iterdir()) == sorted(m.file for m in fashion_mnist.DATA_FILES.values())


def test_no_place_is_read_beyond_the_first_that_is_whole(
    small: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [s.state for s in list_to_first()] == ["absent", "absent"]
    monkeypatch.setattr(fetch, "DEBIAN_FOLDER", small(tmp_path / "package"))
    assert [(s.source, s.state) for s in list_to_first()] == [("cache", "absent"), ("Debian package", "verified")]
    small(cached())
    assert [(s.source, s.state) for s in list_to_first()] == [("cache", "verified")]
    (cached() / f"{IMAGES}.gz").write_bytes(b"")
    assert [s.state for s in list_to_first()] == ["damaged", "verified"]


def test_damaged_cache_is_replaced(small: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "DEBIAN_FOLDER", small(tmp_path / "package"))
    whole = load_data_set("fashion-mnist").checksum
    content = bytearray((cached() / IMAGES).read_bytes())
    content[-1] ^= 1
    (cached() / IMAGES).write_bytes(content)
    (cached() / LABELS).write_bytes(b"")
    said: list[str] = []
    assert load_data_set("fashion-mnist", progress=said.append).checksum == whole
    assert "damaged and will be replaced" in said[0]
    assert [s.state for s in list_sources() if s.source == "cache"] == ["verified"]


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda b: b[:-9], "cannot be read"),
        (lambda b: b[: len(b) // 2], "cannot be read"),
        (lambda b: b"", "half-written"),
        (lambda b: b"no gzip at all", "cannot be read"),
        (lambda b: gzip.compress(gzip.decompress(b)[:-1]), "half-written"),
        (lambda b: gzip.compress(gzip.decompress(b) + b"x"), "not the file that its name says"),
        (lambda b: gzip.compress(gzip.decompress(b)[:-1] + b"\xff\xff"[:1]), "another data set"),
    ],
    ids=["no-trailer", "half", "empty", "text", "short", "long", "changed"],
)
def test_damage_in_the_data_folder_is_refused(
    small: Maker, tmp_path: Path, harm: Callable[[bytes], bytes], said: str
) -> None:
    path = small(tmp_path / "d") / f"{IMAGES}.gz"
    path.write_bytes(harm(path.read_bytes()))
    before = path.read_bytes()
    with pytest.raises(DataError, match=said) as caught:
        load_data_set("fashion-mnist", tmp_path / "d")
    assert str(path) in str(caught.value)
    assert fashion_mnist.DATA_FILES["train_images"].sha256 in str(caught.value)
    assert path.read_bytes() == before
    assert list_sources(tmp_path / "d")[0].state == "damaged"


def test_wrong_folders(small: Maker, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"there is no folder .*nothing"):
        load_data_set("fashion-mnist", tmp_path / "nothing")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="none of the files"):
        load_data_set("fashion-mnist", tmp_path / "empty")
    (small(tmp_path / "three") / f"{LABELS}.gz").unlink()
    with pytest.raises(DataError, match=f"lacks {LABELS}.gz"):
        load_data_set("fashion-mnist", tmp_path / "three")
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="no folder"):
        load_data_set("fashion-mnist", tmp_path / "file")


def test_folder_of_own_data_leaves_the_rest_to_the_cache(small: Maker, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    own_file(tmp_path / "own" / "mine.npz")
    small(cached())
    assert len(load_data_set("fashion-mnist", tmp_path / "own").train_images) == 20


@pytest.fixture(scope="session")
def real() -> data.DataSet:
    """The real data set, if this machine has it; no test fetches it."""
    folder = Path("/usr/share/datasets/fashion-mnist")
    for place in (folder, fashion_mnist.cache_dir() / "fashion-mnist"):
        try:
            fashion_mnist.read_files(place)
        except (fashion_mnist.FilesAbsent, DataError):
            continue
        return load_data_set("fashion-mnist", place)
    pytest.skip("Fashion-MNIST is not on this machine: study show --data fashion-mnist --fetch")


def test_the_real_one(real: data.DataSet) -> None:
    assert real.train_images.shape == (60_000, 784)
    assert real.val_images.shape == (10_000, 784)
    assert np.bincount(real.train_labels).tolist() == [6_000] * 10
    assert np.bincount(real.val_labels).tolist() == [1_000] * 10
    assert real.train_labels[:5].tolist() == [9, 0, 0, 3, 0]
    assert round(float(real.train_images.mean()) / 255, 4) == 0.2860  # as published
    assert real.checksum == "441b176ac402fe0c41c6ef760823aa95"
    assert facts_of(real) == FASHION_MNIST
    assert data.subset(real, 12).tolist() == [
        34952,
        30320,
        10062,
        47786,
        7813,
        59078,
        59332,
        4967,
        44423,
        5326,
        9539,
        25727,
    ]
