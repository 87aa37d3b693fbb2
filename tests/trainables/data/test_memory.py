"""What would take too much memory is refused before it is read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from trainables.config.errors import DataError
from trainables.data import npz_file, sources

pytestmark = pytest.mark.usefixtures("nowhere")


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
