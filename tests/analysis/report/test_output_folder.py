"""A page's folder is written whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from analysis.report.output_folder import OutputFolder
from trainables.config.errors import StoreError


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = OutputFolder(str(tmp_path), tmp_path / "out", "report")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(StoreError, match="cannot be written: no space left"):
        target.write("index.html", b"page")
    assert list((tmp_path / "out").iterdir()) == []
