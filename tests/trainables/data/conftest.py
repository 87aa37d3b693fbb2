"""A machine without data, for the tests that look for some, and small files that stand for Fashion-MNIST's."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
from pathlib import Path

import numpy as np
import pytest

from tests.trainables.data.own import Maker
from trainables.data import download as fetch
from trainables.data import fashion_mnist
from trainables.data.fashion_mnist import DataFile


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without data: an empty cache, no package, no network."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.delenv("STUDY_DATA_DIR", raising=False)
    monkeypatch.setattr(fetch, "DEBIAN_FOLDER", tmp_path / "no-package")
    monkeypatch.setattr(fetch, "SOURCES", ())


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Maker:
    """Fashion-MNIST of 20 and 5 images of 2 x 3; the maker writes its four files, gzipped, into a folder."""
    rng = np.random.default_rng(7)
    shapes = {"train_images": (20, 2, 3), "train_labels": (20,), "val_images": (5, 2, 3), "val_labels": (5,)}
    content: dict[str, bytes] = {}
    members: dict[str, DataFile] = {}
    for key, real in fashion_mnist.DATA_FILES.items():
        member = dataclasses.replace(real, shape=shapes[key], sha256="")
        pixels = rng.integers(0, 256 if "images" in key else 10, shapes[key], dtype=np.uint8)
        content[key] = member.header + pixels.tobytes()
        members[key] = dataclasses.replace(member, sha256=hashlib.sha256(content[key]).hexdigest())
    monkeypatch.setattr(fashion_mnist, "DATA_FILES", members)

    def make(folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for key, member in members.items():
            (folder / f"{member.file}.gz").write_bytes(gzip.compress(content[key]))
        return folder

    return make
