"""The work that all sides are given: which images, which configurations, which epochs. No torch here."""

from __future__ import annotations

import itertools
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

OPTIMIZERS = ("sgd", "adam")
RATES = (0.0003, 0.001, 0.003, 0.01)
WIDTHS = (100, 500, 1000)
BATCH = 32


@dataclass(frozen=True)
class Work:
    """A grid of configurations, their seeds, and how long each is trained on how many images."""

    optimizers: tuple[str, ...]
    rates: tuple[float, ...]
    widths: tuple[int, ...]
    seeds: int
    epochs: int
    images: int
    first_seed: int = 0

    def trials(self) -> Iterator[dict[str, Any]]:
        """Every (configuration, seed), the seeds outermost."""
        for seed, optimizer, lr, hidden in itertools.product(
            range(self.first_seed, self.first_seed + self.seeds), self.optimizers, self.rates, self.widths
        ):
            yield {"seed": seed, "optimizer": optimizer, "lr": lr, "hidden": hidden}

    def __str__(self) -> str:
        configurations = len(self.optimizers) * len(self.rates) * len(self.widths)
        return f"{configurations} configurations x {self.seeds} seeds x {self.epochs} epochs on {self.images} images"


def work(task: str, part: int = 1, first_seed: int = 0) -> Work:
    """The work of a task; `part` n takes an n-th of it, `first_seed` is where its seeds begin.

    >>> print(work("small"))
    24 configurations x 3 seeds x 2 epochs on 12000 images
    >>> print(work("small", 6))
    12 configurations x 1 seeds x 2 epochs on 12000 images
    >>> print(work("trial"))
    1 configurations x 1 seeds x 1 epochs on 60000 images
    """
    if task == "trial":
        return Work(("adam",), (0.001,), (1000,), 1, 1, 60_000 // part, first_seed)
    if part == 1:
        return Work(OPTIMIZERS, RATES, WIDTHS, 3, 2, 12_000)
    if part <= 3:
        return Work(OPTIMIZERS, RATES, WIDTHS, 1, 2, 12_000)
    if part <= 12:
        return Work(OPTIMIZERS, RATES[1:3], WIDTHS, 1, 2, 12_000)
    return Work(OPTIMIZERS, RATES[1:2], WIDTHS[:2], 1, 1, 2000)


def study_file(given: Work, folder: Path) -> Path:
    """The work as a study file of ours."""
    arms = [
        {"name": f"{o}-{lr:g}-{h}", "change": {"optimizer": o, "lr": lr, "hidden": [h]}}
        for o, lr, h in itertools.product(given.optimizers, given.rates, given.widths)
    ]
    base = {"train_images": given.images, "batch_size": BATCH}
    values: dict[str, Any] = {"name": "small", "title": "Small study", "question": "Which is best?", "base": base}
    values["knobs"] = ["optimizer", "lr", "hidden"]
    path = folder / "small.yaml"
    path.write_text(json.dumps({**values, "epochs": given.epochs, "arms": arms}), encoding="utf-8")  # JSON is YAML
    return path


def empty_study(folder: Path, epochs: int = 5) -> Path:
    """A study of trials that have next to nothing to do, and its data set beside it."""
    chance = np.random.default_rng(0)
    arrays = {}
    for part, images in (("train", 64), ("val", 32)):
        arrays[f"{part}_images"] = chance.integers(0, 256, (images, 4, 4), dtype=np.uint8)
        arrays[f"{part}_labels"] = (np.arange(images) % 2).astype(np.uint8)
    np.savez(folder / "empty.npz", **arrays)  # type: ignore[arg-type, unused-ignore]
    base = {"data": "empty", "hidden": [], "batch_size": 64}
    values = {
        "name": "empty",
        "title": "Empty trials",
        "question": "What does a trial cost?",
        "knobs": [],
        "base": base,
    }
    path = folder / "empty.yaml"
    path.write_text(
        json.dumps({**values, "epochs": epochs, "arms": [{"name": "only", "change": {}}]}), encoding="utf-8"
    )
    return path


def mnist_root() -> str:
    """A folder from which `torchvision.datasets.FashionMNIST` reads the very images that our trials use."""
    root = Path(tempfile.gettempdir()) / "study-benchmarks-data"
    raw = root / "FashionMNIST" / "raw"
    names = {
        "train-images-idx3-ubyte": ("train_images", (60_000, 28, 28)),
        "train-labels-idx1-ubyte": ("train_labels", (60_000,)),
        "t10k-images-idx3-ubyte": ("val_images", (10_000, 28, 28)),
        "t10k-labels-idx1-ubyte": ("val_labels", (10_000,)),
    }
    if all((raw / name).exists() for name in names):
        return str(root)
    from trainables.data.sources import load_data_set

    data = load_data_set("fashion-mnist")
    raw.mkdir(parents=True, exist_ok=True)
    for name, (field, shape) in names.items():
        header = (0x0800 + len(shape)).to_bytes(4, "big") + b"".join(n.to_bytes(4, "big") for n in shape)
        temporary = raw / f".{name}.tmp"
        temporary.write_bytes(header + getattr(data, field).tobytes())
        temporary.replace(raw / name)
    return str(root)


def rows(images: int) -> list[int]:
    """Which training images a trial of ours takes."""
    if images >= 60_000:
        return list(range(60_000))
    from trainables.data.dataset import subset
    from trainables.data.sources import load_data_set

    return [int(i) for i in subset(load_data_set("fashion-mnist"), images)]
