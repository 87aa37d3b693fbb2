"""Own data as a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

Maker = Callable[[Path], Path]


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
