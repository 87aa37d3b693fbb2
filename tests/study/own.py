"""Data sets and study files as people bring their own: noisy patterns of 6 x 6 pixels, in a folder to work in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import yaml


def data(folder: Path, name: str, train: int, val: int) -> None:
    """Write NAME.npz: three classes, so many images."""
    chance = np.random.default_rng(train)
    arrays: dict[str, Any] = {}
    for part, n in (("train", train), ("val", val)):
        arrays[f"{part}_labels"] = np.arange(n) % 3
        arrays[f"{part}_images"] = chance.integers(0, 256, (n, 6, 6), np.uint8)
    np.savez(folder / f"{name}.npz", **arrays)


def study(folder: Path, name: str, knob: str, values: list[Any], epochs: int = 2, **base: Any) -> Path:
    """Write NAME.yaml: an arm for each value of a knob, called a, b, ..."""
    arms = [{"name": "abcdefgh"[i], "change": {knob: value}} for i, value in enumerate(values)]
    return _file(folder, name, knobs=[knob], epochs=epochs, base={"hidden": [8], **base}, arms=arms)


def search(folder: Path, name: str, space: dict[str, Any], **base: Any) -> Path:
    """Write NAME.yaml: a small search."""
    wanted = {"trials": 4, "seeds": 1, "searcher": "random", "scheduler": "none", "space": space}
    return _file(folder, name, knobs=[*space], epochs=2, base={"hidden": [8], **base}, search=wanted)


def _file(folder: Path, name: str, **values: Any) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump({"name": name, "title": "T", "question": "Q?", **values}))
    return path
