"""One's own data set: NAME.npz, checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from trainables.config.errors import BadInput, DataError
from trainables.data.dataset import DataSet, make_data_set
from trainables.data.fashion_mnist import VARIABLE


@dataclass(frozen=True)
class SourceStatus:
    """What one place holds, for people to read."""

    source: str
    where: str
    state: Literal["verified", "damaged", "absent", "not tried"]
    detail: str = ""


def load_own(name: str, folder: Path | None) -> DataSet:
    """NAME.npz of the data folder; raises DataError where it is not there or cannot be used."""
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
    return make_data_set(path.stem, arrays, _class_names(path, arrays))


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


def look_own(path: Path) -> SourceStatus:
    """What one file holds."""
    try:
        own = _own(path)
    except DataError as error:
        return SourceStatus("own data", str(path), "damaged", str(error))
    images = f"{len(own.train_images):,} + {len(own.val_images):,} images"
    return SourceStatus("own data", str(path), "verified", f"{own.name}: {images}, {len(own.classes)} classes")
