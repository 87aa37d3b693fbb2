"""Downloads: sources in their order, a cache, and nothing half."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.trainables.data.own import Maker
from tests.trainables.data.test_fashion_mnist import IMAGES, cached
from trainables.config.errors import DataError
from trainables.data import download as fetch
from trainables.data import fashion_mnist
from trainables.data.sources import load_data_set

pytestmark = pytest.mark.usefixtures("nowhere")


def test_sources_are_tried_in_order(small: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def fails(folder: Path) -> Path:
        asked.append("one")
        raise fetch.Unavailable("no route")

    def lies(folder: Path) -> Path:
        asked.append("two")
        (small(folder / "x") / f"{IMAGES}.gz").write_bytes(b"<html>")
        return folder / "x"

    def works(folder: Path) -> Path:
        asked.append("three")
        return small(folder)

    ways = [fetch.Source(name, name, way) for name, way in (("one", fails), ("two", lies), ("three", works))]
    monkeypatch.setattr(fetch, "SOURCES", tuple(ways))
    said: list[str] = []
    assert len(load_data_set("fashion-mnist", progress=said.append).train_images) == 20
    assert asked == ["one", "two", "three"]
    assert any("no route" in line for line in said)
    assert {p.name for p in cached().iterdir()} == {m.file for m in fashion_mnist.DATA_FILES.values()}
    load_data_set("fashion-mnist")
    assert asked == ["one", "two", "three"]


def test_nothing_works(small: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(folder: Path) -> Path:
        raise fetch.Unavailable("no route")

    monkeypatch.setattr(fetch, "SOURCES", (fetch.Source("somewhere", "there", fails),))
    with pytest.raises(DataError) as caught:
        load_data_set("fashion-mnist")
    message = str(caught.value)
    for part in (
        "cache",
        "no-package",
        "somewhere: no route",
        "--data-dir",
        "STUDY_DATA_DIR",
        "apt-get",
        "study show --data",
    ):
        assert part in message


def test_a_cache_that_cannot_be_written_is_done_without(
    small: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "xdg").write_text("a file where the cache should be")
    monkeypatch.setattr(fetch, "DEBIAN_FOLDER", small(tmp_path / "package"))
    assert len(load_data_set("fashion-mnist").train_images) == 20


def test_a_full_disk_leaves_no_half_file(small: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "DEBIAN_FOLDER", small(tmp_path / "package"))

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert len(load_data_set("fashion-mnist").train_images) == 20
    assert list(cached().iterdir()) == []


def test_failing_commands_say_why(tmp_path: Path) -> None:
    with pytest.raises(fetch.Unavailable, match="last words"):
        fetch._run([sys.executable, "-c", "import sys; sys.exit('first\\nlast words')"], tmp_path)
    with pytest.raises(fetch.Unavailable, match="No such file"):
        fetch._run([str(tmp_path / "no-such-command")], tmp_path)
