"""A machine without data, for the tests that look for some."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainables.data import download as fetch


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without data: an empty cache, no package, no network."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.delenv("STUDY_DATA_DIR", raising=False)
    monkeypatch.setattr(fetch, "DEBIAN_FOLDER", tmp_path / "no-package")
    monkeypatch.setattr(fetch, "SOURCES", ())
