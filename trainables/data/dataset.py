"""Data sets: load them, verified, and describe what is there; the fixed order of subsets; own data.

A `DataSet` is plain arrays of numpy. Nothing here knows of Ray or torch: who shares the arrays with trials does so
elsewhere, and who divides pixels does so in the loop. Where Fashion-MNIST is found is `trainables.data.fashion_mnist`.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from trainables.config.errors import BadInput, DataError
from trainables.data import download as fetch
from trainables.data import fashion_mnist
from trainables.data.fashion_mnist import VARIABLE, Say

Bytes = NDArray[np.uint8]
Labels = NDArray[np.uint8] | NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class DataSet:
    """Training and validation images with their labels; all arrays are read-only."""

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
    """32 hexadecimal digits over the numbers: arrays, shapes and the count of classes, not names."""


@dataclass(frozen=True)
class SourceStatus:
    """What one place holds, for people to read."""

    source: str
    where: str
    state: Literal["verified", "damaged", "absent", "not tried"]
    detail: str = ""


# ------------------------------------------------------------------------------------------------------------ loading


def load_data_set(name: str, data_dir: Path | None = None, *, progress: Say | None = None) -> DataSet:
    """The data set of that name, verified.

    Fashion-MNIST comes from the first that has it of: the data folder, the cache, the Debian package's folder,
    torchvision's download, the Debian package fetched and unpacked. Any other name is NAME.npz in the data folder.

    Args:
        name: `fashion-mnist`, or that of a file of one's own.
        data_dir: the data folder; if not given, the environment's STUDY_DATA_DIR, if that is set.
        progress: is told, a line at a time, what takes time or was found damaged.

    Raises:
        DataError: it is nowhere, or damaged where the caller said it should be.
    """
    folder = _data_folder(data_dir)
    if name != fashion_mnist.NAME:
        return _load_own(name, folder)
    say = progress or _silent
    contents = fashion_mnist.find(folder, say)
    arrays = {
        key: np.frombuffer(contents[key], np.uint8, offset=len(m.header)).reshape(m.shape)
        for key, m in fashion_mnist.MEMBERS.items()
    }
    return _data_set(name, arrays, fashion_mnist.CLASSES)


def list_sources(data_dir: Path | None = None) -> list[SourceStatus]:
    """What each place holds, looked at and verified but not fetched; own data sets of the data folder come last."""
    folder = _data_folder(data_dir)
    found = [_look("data folder", folder)] if folder is not None else []
    found.append(_look("cache", fashion_mnist.cache_dir() / fashion_mnist.NAME))
    found.append(_look("Debian package", fetch.DEBIAN_FOLDER))
    later = "fetched when no place above has it"
    found += [SourceStatus(source.name, source.where, "not tried", later) for source in fetch.SOURCES]
    return found + [_look_own(path) for path in (sorted(folder.glob("*.npz")) if folder is not None else ())]


def _data_folder(data_dir: Path | None) -> Path | None:
    named = data_dir if data_dir is not None else os.environ.get(VARIABLE) or None
    if named is None:
        return None
    folder = Path(named).expanduser()
    if not folder.is_dir():
        origin = "--data-dir" if data_dir is not None else VARIABLE
        raise DataError(
            f"data folder {folder} (from {origin}): {'it is no folder' if folder.exists() else 'not there'}"
        )
    return folder


def _look(source: str, folder: Path) -> SourceStatus:
    try:
        fashion_mnist.read(folder)
    except fashion_mnist.Absent as absent:
        return SourceStatus(source, str(folder), "absent", str(absent))
    except DataError as error:
        return SourceStatus(source, str(folder), "damaged", str(error))
    return SourceStatus(source, str(folder), "verified", f"{fashion_mnist.NAME}: 60,000 + 10,000 images")


def _silent(_: str) -> None:
    pass


# ----------------------------------------------------------------------------------------------------------- own data


def _load_own(name: str, folder: Path | None) -> DataSet:
    if re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", name) is None:
        raise BadInput("data", name, "expected a name of lower-case letters, digits, - and _")
    if folder is None:
        raise DataError(
            f"data set {name}: it would be {name}.npz in the data folder, and none is given; "
            f"name one by --data-dir or {VARIABLE}"
        )
    path = folder / f"{name}.npz"
    if not path.is_file():
        others = ", ".join(sorted(p.stem for p in folder.glob("*.npz"))) or "none"
        raise DataError(f"data set {name}: there is no {path}; data sets there: {others}")
    return _own(path)


def _own(path: Path) -> DataSet:
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {key: archive[key] for key in archive.files}
    except Exception as error:  # a zip file can be damaged in many ways, and numpy has another error for each
        raise DataError(f"{path} is damaged, or no file that numpy.savez wrote: {error}") from None
    for part in ("train", "val"):
        _check_part(path, arrays, part)
    if arrays["train_images"].shape[1:] != arrays["val_images"].shape[1:]:
        shapes = " and ".join(str(arrays[f"{part}_images"].shape[1:]) for part in ("train", "val"))
        raise DataError(f"{path}: training and validation images differ in shape: {shapes}")
    return _data_set(path.stem, arrays, _class_names(path, arrays))


def _check_part(path: Path, arrays: Mapping[str, NDArray[Any]], part: str) -> None:
    """Refuse images and labels that do not fit what is promised, or each other."""
    for key in (f"{part}_images", f"{part}_labels"):
        if key not in arrays:
            raise DataError(f"{path}: there is no array {key}; it holds {', '.join(arrays) or 'nothing'}")
    images, labels = arrays[f"{part}_images"], arrays[f"{part}_labels"]
    if images.dtype != np.uint8 or images.ndim < 2 or images.size == 0:
        raise DataError(
            f"{path}: {part}_images is {images.dtype} of shape {images.shape}; expected uint8, [images, ...], not empty"
        )
    if labels.dtype.kind not in "iu" or labels.shape != images.shape[:1]:
        raise DataError(
            f"{path}: {part}_labels is {labels.dtype} of shape {labels.shape}; expected whole numbers, "
            f"one for each of {len(images)} images"
        )
    if labels.min() < 0 or labels.max() >= 100_000:
        raise DataError(f"{path}: {part}_labels lie in {labels.min()}..{labels.max()}; expected 0 and up, below 100000")


def _class_names(path: Path, arrays: Mapping[str, NDArray[Any]]) -> tuple[str, ...]:
    train, val = arrays["train_labels"], arrays["val_labels"]
    if "classes" in arrays:
        names = arrays["classes"]
        if names.dtype.kind != "U" or names.ndim != 1 or len(set(names.tolist())) < max(2, len(names)):
            raise DataError(
                f"{path}: classes is {names.dtype} of shape {names.shape}; expected two or more different names"
            )
        known = tuple(str(n) for n in names)
    else:
        known = tuple(str(n) for n in range(max(2, int(train.max()) + 1)))
        absent = sorted(set(range(len(known))) - set(train.tolist()))
        if absent:
            raise DataError(
                f"{path}: no training image has label {absent[0]}; expected all from 0, unless `classes` names them"
            )
    for part, labels in (("train", train), ("val", val)):
        if labels.max() >= len(known):
            raise DataError(
                f"{path}: {part}_labels go up to {labels.max()}, and there are {len(known)} classes, from 0"
            )
    return known


def _look_own(path: Path) -> SourceStatus:
    try:
        own = _own(path)
    except DataError as error:
        return SourceStatus("own data", str(path), "damaged", str(error))
    images = f"{len(own.train_images):,} + {len(own.val_images):,} images"
    return SourceStatus("own data", str(path), "verified", f"{own.name}: {images}, {len(own.classes)} classes")


# ------------------------------------------------------------------------------------------------- checksum and subset


def _data_set(name: str, arrays: Mapping[str, NDArray[Any]], classes: tuple[str, ...]) -> DataSet:
    shape = tuple(int(n) for n in arrays["train_images"].shape[1:])
    kind = np.uint8 if len(classes) <= 256 else np.int64
    whole = {
        "train_images": arrays["train_images"].reshape(len(arrays["train_images"]), -1),
        "train_labels": arrays["train_labels"].astype(kind),
        "val_images": arrays["val_images"].reshape(len(arrays["val_images"]), -1),
        "val_labels": arrays["val_labels"].astype(kind),
    }
    digest = hashlib.sha256(f"{len(classes)} classes, images {shape}".encode())
    for key in sorted(whole):
        whole[key] = np.ascontiguousarray(whole[key])
        whole[key].flags.writeable = False
        digest.update(f"{key} {whole[key].dtype.newbyteorder('<').str} {whole[key].shape}".encode())
        digest.update(whole[key].data)
    return DataSet(name=name, **whole, classes=classes, image_shape=shape, checksum=digest.hexdigest()[:32])


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
    key = _scatter(np.arange(len(labels), dtype=np.uint64))
    share = np.empty(len(labels))
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        ranked = members[np.argsort(key[members])]
        share[ranked] = (np.arange(len(ranked)) + 0.5) / len(ranked)
    return np.lexsort((key, share))[:images].astype(np.int64)


def _scatter(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64's finaliser: one to one, and in no order; arithmetic alone, so no library can change it.

    Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
    """
    z = (numbers + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
