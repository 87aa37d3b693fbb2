"""Data sets, on small files that stand for the real ones; the real ones where this machine has them."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from trainables.config.errors import BadInput, DataError
from trainables.data import dataset as data
from trainables.data import download as fetch
from trainables.data import fashion_mnist, npz_file, sources
from trainables.data.facts import FASHION_MNIST, facts_of, scale_hint
from trainables.data.fashion_mnist import Member
from trainables.data.sources import list_sources, load_data_set

Maker = Callable[[Path], Path]


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without data: an empty cache, no package, no network."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.delenv("STUDY_DATA_DIR", raising=False)
    monkeypatch.setattr(fetch, "DEBIAN_FOLDER", tmp_path / "no-package")
    monkeypatch.setattr(fetch, "SOURCES", ())


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Maker:
    """Fashion-MNIST of 20 and 5 images of 2 x 3; the maker writes its four files, gzipped, into a folder."""
    rng = np.random.default_rng(7)
    shapes = {"train_images": (20, 2, 3), "train_labels": (20,), "val_images": (5, 2, 3), "val_labels": (5,)}
    content: dict[str, bytes] = {}
    members: dict[str, Member] = {}
    for key, real in fashion_mnist.MEMBERS.items():
        member = dataclasses.replace(real, shape=shapes[key], sha256="")
        pixels = rng.integers(0, 256 if "images" in key else 10, shapes[key], dtype=np.uint8)
        content[key] = member.header + pixels.tobytes()
        members[key] = dataclasses.replace(member, sha256=hashlib.sha256(content[key]).hexdigest())
    monkeypatch.setattr(fashion_mnist, "MEMBERS", members)

    def make(folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for key, member in members.items():
            (folder / f"{member.file}.gz").write_bytes(gzip.compress(content[key]))
        return folder

    return make


def cached() -> Path:
    return fashion_mnist.cache_dir() / "fashion-mnist"


IMAGES, LABELS = "train-images-idx3-ubyte", "t10k-labels-idx1-ubyte"


# ------------------------------------------------------------------------------------------------------ Fashion-MNIST


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
    assert sorted(p.name for p in cached().iterdir()) == sorted(m.file for m in fashion_mnist.MEMBERS.values())


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
    assert fashion_mnist.MEMBERS["train_images"].sha256 in str(caught.value)
    assert path.read_bytes() == before
    assert list_sources(tmp_path / "d")[0].state == "damaged"


def test_wrong_folders(small: Maker, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not there"):
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


def test_sources_are_tried_in_order(small: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def fails(folder: Path) -> Path:
        asked.append("one")
        raise fetch.Unavailable("no route")

    def lies(folder: Path) -> Path:
        asked.append("two")
        (small(folder / "x") / f"{IMAGES}.gz").write_bytes(b"<html>")
        return folder / "x"

    def works(folder: Path) -> Path:
        asked.append("three")
        return small(folder)

    ways = [fetch.Source(name, name, way) for name, way in (("one", fails), ("two", lies), ("three", works))]
    monkeypatch.setattr(fetch, "SOURCES", tuple(ways))
    said: list[str] = []
    assert len(load_data_set("fashion-mnist", progress=said.append).train_images) == 20
    assert asked == ["one", "two", "three"]
    assert any("no route" in line for line in said)
    assert {p.name for p in cached().iterdir()} == {m.file for m in fashion_mnist.MEMBERS.values()}
    load_data_set("fashion-mnist")
    assert asked == ["one", "two", "three"]


def test_nothing_works(small: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(folder: Path) -> Path:
        raise fetch.Unavailable("no route")

    monkeypatch.setattr(fetch, "SOURCES", (fetch.Source("somewhere", "there", fails),))
    with pytest.raises(DataError) as caught:
        load_data_set("fashion-mnist")
    message = str(caught.value)
    for part in (
        "cache",
        "no-package",
        "somewhere: no route",
        "--data-dir",
        "STUDY_DATA_DIR",
        "apt-get",
        "study show --data",
    ):
        assert part in message


def test_a_cache_that_cannot_be_written_is_done_without(
    small: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "xdg").write_text("a file where the cache should be")
    monkeypatch.setattr(fetch, "DEBIAN_FOLDER", small(tmp_path / "package"))
    assert len(load_data_set("fashion-mnist").train_images) == 20


def test_a_full_disk_leaves_no_half_file(small: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "DEBIAN_FOLDER", small(tmp_path / "package"))

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert len(load_data_set("fashion-mnist").train_images) == 20
    assert list(cached().iterdir()) == []


def test_failing_commands_say_why(tmp_path: Path) -> None:
    with pytest.raises(fetch.Unavailable, match="last words"):
        fetch._run([sys.executable, "-c", "import sys; sys.exit('first\\nlast words')"], tmp_path)
    with pytest.raises(fetch.Unavailable, match="No such file"):
        fetch._run([str(tmp_path / "no-such-command")], tmp_path)


@pytest.fixture(scope="session")
def real() -> data.DataSet:
    """The real data set, if this machine has it; no test fetches it."""
    folder = Path("/usr/share/datasets/fashion-mnist")
    for place in (folder, fashion_mnist.cache_dir() / "fashion-mnist"):
        try:
            fashion_mnist.read(place)
        except (fashion_mnist.Absent, DataError):
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


# ----------------------------------------------------------------------------------------------------------- own data


def own_file(path: Path, **changes: np.ndarray | None) -> Path:
    def pixels(n: int) -> np.ndarray:
        return (np.arange(n * 60) * 37 % 251).astype(np.uint8).reshape(n, 4, 5, 3)

    arrays: dict[str, np.ndarray | None] = {
        "train_images": pixels(12),
        "train_labels": np.arange(12) % 3,
        "val_images": pixels(6),
        "val_labels": np.arange(6) % 3,
    }
    np.savez(path, **{k: v for k, v in {**arrays, **changes}.items() if v is not None})  # type: ignore[arg-type]
    return path


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
        ({"train_images": np.zeros(12, np.uint8)}, "expected uint8"),
        ({"train_images": np.zeros((0, 4), np.uint8), "train_labels": np.zeros(0, int)}, "not empty"),
        ({"val_images": np.zeros((6, 4, 5), np.uint8)}, "differ in shape"),
        ({"train_labels": np.arange(11)}, "one for each of 12"),
        ({"train_labels": np.zeros(12)}, "whole numbers"),
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


def test_a_file_that_would_take_too_much_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    big = np.zeros((5000, 4, 5, 3), np.uint8)
    arrays = {
        "train_images": big,
        "train_labels": np.arange(5000) % 2,
        "val_images": big,
        "val_labels": np.arange(5000) % 2,
    }
    np.savez_compressed(tmp_path / "bomb.npz", **arrays)  # type: ignore[arg-type]
    assert (tmp_path / "bomb.npz").stat().st_size < 20_000
    monkeypatch.setattr(npz_file, "available_bytes", lambda: 100_000)
    with pytest.raises(DataError, match=r"would take 0\.0 GB in memory, and 0\.0 GB are free"):
        sources.load_data_set("bomb", tmp_path)
    monkeypatch.setattr(npz_file, "MAX_BYTES", 100_000)
    with pytest.raises(DataError, match="at most"):
        sources.load_data_set("bomb", tmp_path)


def test_an_array_that_is_larger_than_its_file_says_is_damage(tmp_path: Path) -> None:
    path = own_file(tmp_path / "lies.npz")
    content = path.read_bytes()
    path.write_bytes(content.replace(b"'shape': (12, 4, 5, 3)", b"'shape': (99, 4, 5, 3)"))
    with pytest.raises(DataError, match="damaged"):
        sources.load_data_set("lies", tmp_path)


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
    own_file(tmp_path / "digits.npz", train_images=images)
    hint = scale_hint(facts_of(sources.load_data_set("digits", tmp_path)), divisor)
    assert said in hint and bool(said) == bool(hint)
    if divisor == 255.0 and said:
        assert said in sources.list_sources(tmp_path)[-1].detail


def test_names_of_own_data(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="--data-dir or STUDY_DATA_DIR"):
        load_data_set("flowers")
    own_file(tmp_path / "flowers.npz")
    with pytest.raises(DataError, match="data sets there: flowers"):
        load_data_set("trees", tmp_path)
    with pytest.raises(BadInput, match="lower-case"):
        load_data_set("../flowers", tmp_path)


# ------------------------------------------------------------------------------------------------------------- subset


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
