"""What would take too much memory is refused before it is read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from trainables.config.errors import DataError
from trainables.data import npz_file, sources
from trainables.data.memory import available_bytes

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


@pytest.mark.parametrize(
    ("group", "folder", "limit", "used"),
    [
        ("0::/\n", "sys/fs/cgroup", "memory.max", "memory.current"),
        ("0::/run.scope\n", "sys/fs/cgroup/run.scope", "memory.max", "memory.current"),
        ("5:cpu:/x\n4:memory:/box\n", "sys/fs/cgroup/memory/box", "memory.limit_in_bytes", "memory.usage_in_bytes"),
    ],
)
def test_the_limit_of_every_cgroup_around_counts(
    group: str, folder: str, limit: str, used: str, tmp_path: Path
) -> None:
    """Of version 1 and 2, and of a part of the machine, as `systemd-run -p MemoryMax=` makes."""
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/meminfo").write_text("MemTotal: 9000 kB\nMemAvailable:    8000 kB\n")
    (tmp_path / "proc/self/cgroup").write_text(group)
    (tmp_path / folder).mkdir(parents=True)
    (tmp_path / folder / limit).write_text("5000\n")
    (tmp_path / folder / used).write_text("4000\n")
    assert available_bytes(tmp_path) == 1000
    assert available_bytes(tmp_path / "nowhere") is None
