"""One's own data set: NAME.npz, checked.

The file is read as data alone: never a Python object, only the arrays that are asked for, and their sizes before their
contents.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from trainables.config.errors import BadInput, DataError, NoDataSet
from trainables.config.nearest import did_you_mean, first_of
from trainables.config.owners import refused_words
from trainables.config.trial_config import NAME_RULE, PACKED_FIRST
from trainables.data.dataset import DataSet, make_data_set
from trainables.data.facts import facts_of, one_class_hint, scale_hint
from trainables.data.fashion_mnist import DATA_DIR_VARIABLE
from trainables.data.memory import available_bytes
from trainables.data.shared_images import shared_hint

TABLE_SUFFIXES = (".csv", ".tsv", ".txt", ".parquet", ".xlsx", ".npy")
PACKED = "pack {what} as {name}.npz first (docs/guides/own-table.md), then write `data: {name}`"
ARRAYS = ("train_images", "train_labels", "val_images", "val_labels")
"""What every file holds; it may hold `test_images`, `test_labels` and `classes` too. Others are not read."""
TEST_ARRAYS = ("test_images", "test_labels")
MAX_BYTES = 10**10
"""Of all arrays together."""


@dataclass(frozen=True)
class SourceStatus:
    """What one place holds, for people to read."""

    source: str
    where: str
    state: Literal["verified", "damaged", "absent", "not tried", "passed over", "unusable"]
    detail: str = ""


def load_own(name: str, folder: Path | None, built_in: Collection[str] = ()) -> DataSet:
    """NAME.npz of the data folder; `built_in`: names that no file of one's own may have.

    Raises:
        BadInput: the name is none.
        NoDataSet: there is no such file.
        DataError: it cannot be used.
    """
    if not _is_name(name):
        raise BadInput("data", name, f"expected a name of {NAME_RULE}, of a file NAME.npz; {PACKED_FIRST}")
    if folder is None:
        why = f"it would be {name}.npz in the data folder, and none is given; name one by --data-dir or "
        raise NoDataSet(name, why + DATA_DIR_VARIABLE)
    path = folder / f"{name}.npz"
    if not path.is_file():
        if path.exists() or path.is_symlink():
            raise DataError(f"data set {name}: {_no_file(path)}")
        files = sorted(p for p in folder.glob("*.npz") if p.is_file())
        others = [p.stem for p in files if not _why_no_name(p, built_in)]
        odd = [f"{p.name} ({_why_no_name(p, built_in)})" for p in files if _why_no_name(p, built_in)]
        passed = f"; passed over: {first_of(odd)}" if odd else ""
        meant = _unpacked(folder, name) or did_you_mean(name, others)
        where = f"there is no {path.name} in {folder.absolute()}"
        raise NoDataSet(name, f"{where}; data sets in that folder: {first_of(others)}{passed}{meant}")
    return _own(path)


def _unpacked(folder: Path, name: str) -> str:
    """What to do with a table or a folder of images of that name, which lies where its data set should."""
    tables = [path.name for end in TABLE_SUFFIXES if (path := folder / f"{name}{end}").is_file()]
    if tables:
        return f"; {PACKED.format(name=name, what=tables[0])}"
    return f"; pack the folder {name}/ as {name}.npz first (docs/guides/data.md)" * (folder / name).is_dir()


def refuse_built_in(name: str, folder: Path | None) -> None:
    """Refuse a file of one's own that has the name of a built-in data set, which would be taken in its place.

    Raises:
        DataError: there is one in the data folder.
    """
    path = None if folder is None else folder / f"{name}.npz"
    if path is not None and path.is_file():
        raise DataError(f"{path} has the name of a built-in data set, which would be taken in its place: rename it")


def inspect_own(path: Path, built_in: Collection[str]) -> SourceStatus:
    """What one file holds, and by which name a study takes it."""
    source, where = "own data", str(path)
    if why := _why_no_name(path, built_in):
        return SourceStatus(source, where, "passed over", why)
    try:
        own = _own(path)
    except DataError as error:
        return SourceStatus(source, where, "damaged" if "damaged" in str(error) else "unusable", str(error))
    counts = [len(own.train_images), len(own.val_images), *([] if own.test_images is None else [len(own.test_images)])]
    images = f"{' + '.join(f'{n:,}' for n in counts)} images, {len(own.classes)} classes"
    hints = scale_hint(facts_of(own)) or one_class_hint(facts_of(own)), shared_hint(own)
    return SourceStatus(source, where, "verified", f"`data: {own.name}`; {'; '.join([images, *filter(None, hints)])}")


def _why_no_name(path: Path, built_in: Collection[str]) -> str:
    """Why no study takes a file by its name; empty where one can."""
    if path.stem in built_in:
        return "that is the name of a built-in data set: rename it"
    return "" if _is_name(path.stem) else f"no study can name it: rename it, {NAME_RULE}"


def _is_name(name: str) -> bool:
    return re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", name) is not None


# ------------------------------------------------------------------------------------------------------------ reading


def _no_file(path: Path) -> str:
    """What stands where a data file should, and is none: to open a pipe would wait for ever."""
    return f"{path} is {'a link to what is not there' if not path.exists() else 'no file'}"


def _own(path: Path) -> DataSet:
    if not path.is_file():
        raise DataError(_no_file(path))
    arrays = _read(path)
    parts = ("train", "val", "test") if "test_images" in arrays else ("train", "val")
    for part in parts:
        arrays[f"{part}_images"] = _images(path, arrays[f"{part}_images"], part)
        arrays[f"{part}_labels"] = _labels(path, arrays[f"{part}_labels"], part, len(arrays[f"{part}_images"]))
        if arrays["train_images"].shape[1:] != arrays[f"{part}_images"].shape[1:]:
            shapes = " and ".join(str(arrays[f"{p}_images"].shape[1:]) for p in ("train", part))
            words = {"val": "validation", "test": "test"}[part]
            raise DataError(f"{path}: training and {words} images differ in shape: {shapes}")
    return make_data_set(path.stem, arrays, _class_names(path, arrays), str(path))


def _read(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays that are asked for, their sizes looked at before their contents."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = {i.filename.removesuffix(".npy"): i for i in archive.infolist() if i.filename.endswith(".npy")}
            wanted = [*ARRAYS, *(TEST_ARRAYS if any(key in members for key in TEST_ARRAYS) else ())]
            for key in wanted:
                if key not in members:
                    raise DataError(f"{path}: there is no array {key}; it holds {_listed(members)}")
            wanted += [key for key in ("classes",) if key in members]
            _refuse_size(path, sum(members[key].file_size for key in wanted))
            return {key: _array(path, archive, members[key], key) for key in wanted}
    except DataError:
        raise
    except MemoryError:
        raise DataError(f"{path} does not fit into this machine's memory") from None
    except OSError as error:
        if error.errno is None:
            raise DataError(_damaged(path, error)) from None
        raise DataError(f"{path} cannot be read: {refused_words(error, path)}") from None
    except Exception as error:  # a zip file can be damaged in many ways, and each library has other errors for them
        raise DataError(_damaged(path, error)) from None


def _damaged(path: Path, error: Exception) -> str:
    with path.open("rb") as stream:
        begins = stream.read(6)
    if begins == b"\x93NUMPY":
        return f"{path} holds one array, as numpy.save writes it; numpy.savez(NAME.npz, train_images=..., ...) is meant"
    if not begins.startswith(b"PK"):
        why = "it is no zip archive" if begins else "it is empty"
        return f"{path} is damaged, or no file that numpy.savez wrote: {why}"
    no_end = isinstance(error, EOFError) or (isinstance(error, zipfile.BadZipFile) and "not a zip" in str(error))
    if isinstance(error, NotImplementedError | RuntimeError):  # another way of packing, or a password
        reason = "it is packed in a way that is not read here"
    else:
        reason = "its end is missing" if no_end else "some of its bytes are not what they were"
    return f"{path} is damaged, or no file that numpy.savez wrote: {reason}"


def _listed(members: Mapping[str, object]) -> str:
    """What a file holds; of two parts the second is the validation part, whatever it is called."""
    said = first_of(list(members)) if members else "nothing"
    if not any(key.startswith("val_") for key in members) and all(key in members for key in TEST_ARRAYS):
        said += ". Of two parts call the second val_images and val_labels; a search then keeps it as its test part"
    return said


def _refuse_size(path: Path, size: int) -> None:
    room = available_bytes()
    if size > MAX_BYTES:
        raise DataError(f"{path} would take {size / 1e9:.1f} GB in memory; at most {MAX_BYTES / 1e9:.0f} GB are read")
    if room is not None and size > room:
        raise DataError(f"{path} would take {size / 1e9:.1f} GB in memory, and {room / 1e9:.1f} GB are free here")


def _array(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo, key: str) -> NDArray[Any]:
    with archive.open(member) as stream:
        shape, kind, begun = _header(stream)
    if kind.hasobject:
        how = "np.array([...], dtype=str)" if key == "classes" else "an array of numbers"
        raise DataError(f"{path}: {key} holds Python objects, which allow_pickle alone would read; save it as {how}")
    size = int(np.prod(shape, dtype=object)) * kind.itemsize
    if begun + size != member.file_size:
        raise DataError(f"{path} is damaged: {key} should take {size:,} bytes and has {member.file_size - begun:,}")
    with archive.open(member) as stream:
        return np.asarray(npy.read_array(stream, allow_pickle=False))


def _header(stream: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any], int]:
    """Shape and kind of an array, and at which byte its values begin."""
    version = npy.read_magic(stream)
    read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}.get(version)
    if read is None:
        raise NotImplementedError(version)
    shape, _, kind = read(stream)
    return shape, kind, stream.tell()


# ----------------------------------------------------------------------------------------------------------- checking


SAME = "by the same numbers in every part"


def _images(path: Path, images: NDArray[Any], part: str) -> NDArray[np.uint8]:
    """Images as bytes; whole numbers from 0 to 255 are taken, whatever their kind."""
    what = f"{path}: {part}_images is {images.dtype} of shape {images.shape}"
    if images.ndim == 1 and images.size and images.dtype.kind in "buif":
        raise DataError(f"{what}; expected [images, ...]; of one feature save {part}_images.reshape(-1, 1)")
    if images.ndim < 2 or images.size == 0 or images.dtype.kind not in "buif":
        raise DataError(f"{what}; expected uint8, [images, ...], not empty")
    low, high = images.min(), images.max()
    if images.dtype.kind == "f":
        if not (np.isfinite(low) and np.isfinite(high)):
            how = "some values are NaN or infinite: put numbers there, bring them to 0..255 and round"
        elif low >= 0 and high <= 1:
            how = f"they lie in 0..1: multiply by 255 and round, np.rint(255 * {part}_images).astype(np.uint8)"
        else:
            how = f"they lie in {low:g}..{high:g}: bring them to 0..255, {SAME}, and round, then .astype(np.uint8)"
        raise DataError(f"{what}; expected uint8; {how}")
    if low < 0 or high > 255:
        raise DataError(
            f"{what} with values in {low}..{high}; expected 0..255: bring them there, {SAME}, then .astype(np.uint8)"
        )
    return images.astype(np.uint8, copy=False)


def _labels(path: Path, labels: NDArray[Any], part: str, images: int) -> NDArray[Any]:
    """Labels as [images]; a column of them, as MedMNIST has them, is taken too."""
    what = f"{path}: {part}_labels is {labels.dtype} of shape {labels.shape}"
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim == 2 and labels.dtype.kind in "buif" and labels.size and (labels.sum(axis=1) == 1).all():
        raise DataError(f"{what}, one column a class; save the number of the class, {part}_labels.argmax(1)")
    if labels.shape != (images,) or labels.dtype.kind not in "iu":
        how = f"; save {part}_labels.astype(int)" if labels.dtype.kind in "bf" else ""
        if labels.dtype.kind == "f" and not (np.isfinite(labels) & (labels == np.rint(labels))).all():
            how = "; some are none: each class needs a number, and what is measured is no class"
        if labels.dtype.kind in "US":
            how = "; save their numbers, and the names as `classes`: np.unique(names, return_inverse=True) gives both"
        raise DataError(f"{what}; expected whole numbers, one for each of {images} images{how}")
    if labels.min() < 0 or labels.max() >= 100_000:
        raise DataError(f"{path}: {part}_labels lie in {labels.min()}..{labels.max()}; expected 0 and up, below 100000")
    return labels


def _class_names(path: Path, arrays: Mapping[str, NDArray[Any]]) -> tuple[str, ...]:
    train, val = arrays["train_labels"], arrays["val_labels"]
    if "classes" in arrays:
        known = _named(path, arrays["classes"])
    else:
        known = tuple(str(n) for n in range(max(2, int(train.max()) + 1)))
        absent = sorted(set(range(len(known))) - set(train.tolist()))
        if not train.any():
            raise DataError(f"{path}: all train_labels are 0; expected two classes or more, to be told apart")
        if absent:
            begin = int(train.min())
            how = f"; they begin at {begin}: save labels - {begin}" if len(absent) == begin > 0 else ""
            what = f"{path}: no training image has label {absent[0]}"
            raise DataError(f"{what}; expected all from 0, unless `classes` names them{how}")
    parts = {"train": train, "val": val} | ({"test": arrays["test_labels"]} if "test_labels" in arrays else {})
    for part, labels in parts.items():
        if labels.max() >= len(known):
            raise DataError(
                f"{path}: {part}_labels go up to {labels.max()}, and there are {len(known)} classes, from 0"
            )
    return known


def _named(path: Path, names: NDArray[Any]) -> tuple[str, ...]:
    """Names of classes, as text or as bytes of UTF-8."""
    what = f"{path}: classes is {names.dtype} of shape {names.shape}"
    try:
        texts = [n.decode() if isinstance(n, bytes) else str(n) for n in names.reshape(-1).tolist()]
    except UnicodeDecodeError:
        raise DataError(f"{what}, and no UTF-8; save classes as text: np.array([...], dtype=str)") from None
    if names.dtype.kind not in "US" or names.ndim != 1 or len(set(texts)) < max(2, len(texts)):
        raise DataError(f"{what}; expected two or more different names: np.array([...], dtype=str)")
    return tuple(texts)
