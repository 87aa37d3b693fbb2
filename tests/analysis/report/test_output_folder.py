"""A page's folder is written whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from pathlib import Path

import pytest

from analysis.report.output_folder import MARK, OutputFolder
from trainables.config.errors import StoreError


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = OutputFolder(str(tmp_path), tmp_path / "out", "report")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(StoreError, match="cannot be written: no space left"):
        target.write("index.html", b"page")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("name", ["../x", "/etc/hostname", "a/../../x", ""])
def test_a_list_of_what_was_written_that_leads_elsewhere_touches_nothing(tmp_path: Path, name: str) -> None:
    """A stranger's folder may say so; the report was refused."""
    (tmp_path / "x").write_bytes(b"")
    target = OutputFolder(str(tmp_path), None, "report")
    target.write("index.html", b"page")
    target.finish("these records")
    mark = tmp_path / "report" / MARK
    said = json.loads(mark.read_text())
    said["wrote"][name] = hashlib.sha256(b"").hexdigest()
    mark.write_text(json.dumps(said))
    assert not OutputFolder(str(tmp_path), None, "report").is_fresh("these records", ["index.html"])
    target.finish("these records")
    assert (tmp_path / "x").exists() and name not in json.loads(mark.read_text())["wrote"]
