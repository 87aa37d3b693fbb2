"""A page's folder is written whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Callable
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


def files(*names: str, content: bytes = b"new") -> dict[str, Callable[[], bytes]]:
    return {name: lambda: content for name in names}


@pytest.mark.parametrize("kind", ["report", "csv", "tensorboard"])
@pytest.mark.parametrize("marked", [False, True])
def test_a_strangers_file_is_left_and_nothing_is_written_beside_it(tmp_path: Path, kind: str, marked: bool) -> None:
    """It was overwritten without a word."""
    out = tmp_path / "own"
    if marked:
        OutputFolder(str(tmp_path), out, kind).write_all(files("a.csv"))
    (out / "tables").mkdir(parents=True)
    (out / "tables/claims.csv").write_text("dear")
    before = {p: p.read_bytes() for p in out.rglob("*") if p.is_file()}
    said = r"own/tables/claims.csv is there already, and no .* wrote it: everything is left as it is; remove"
    with pytest.raises(StoreError, match=said):
        OutputFolder(str(tmp_path), out, kind).write_all(files("a.csv", "tables/claims.csv"))
    assert {p: p.read_bytes() for p in out.rglob("*") if p.is_file()} == before


def test_what_was_written_before_is_written_again_whatever_became_of_it(tmp_path: Path) -> None:
    out = tmp_path / "own"
    OutputFolder(str(tmp_path), out, "csv").write_all(files("a.csv", "b.csv"))
    (out / "a.csv").write_text("harmed")
    OutputFolder(str(tmp_path), out, "report").write_all(files("index.html"))
    paths = OutputFolder(str(tmp_path), out, "csv").write_all(files("a.csv", content=b"newer"))
    assert paths == [out / "a.csv"] and (out / "a.csv").read_bytes() == b"newer"
    assert not (out / "b.csv").exists() and (out / "index.html").exists(), "old ones of this kind alone go"


def test_one_that_was_killed_goes_on(tmp_path: Path) -> None:
    out = tmp_path / "own"

    def killed() -> bytes:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        OutputFolder(str(tmp_path), out, "report").write_all({**files("a.csv"), "b.csv": killed})
    assert (out / "a.csv").exists()
    OutputFolder(str(tmp_path), out, "report").write_all(files("a.csv", "b.csv", content=b"newer"), "records")
    assert OutputFolder(str(tmp_path), out, "report").is_fresh("records", ["a.csv", "b.csv"])


def test_what_is_kept_stays_on_the_list(tmp_path: Path) -> None:
    out = tmp_path / "own"
    for name in ("a", "b", "a"):
        OutputFolder(str(tmp_path), out, "tensorboard").write_all(files(name), clear=False)
    assert (out / "a").exists() and (out / "b").exists()


def test_within_a_results_folder_every_file_of_that_name_is_ours(tmp_path: Path) -> None:
    """Those of an earlier version have no list."""
    (tmp_path / "csv").mkdir()
    (tmp_path / "csv/a.csv").write_text("of an earlier version")
    OutputFolder(str(tmp_path), None, "csv").write_all(files("a.csv"))
    assert (tmp_path / "csv/a.csv").read_bytes() == b"new"


@pytest.mark.parametrize("below", ["", "deeper", "much/deeper"])
def test_a_file_where_a_folder_is_wanted_is_named(tmp_path: Path, below: str) -> None:
    """Of one that lay above the folder "cannot make a/b: not a directory" was said, after all was read."""
    (tmp_path / "a").write_text("mine")
    with pytest.raises(StoreError, match=r"/a cannot be written: it is a file, not a folder"):
        OutputFolder(str(tmp_path / "r"), tmp_path / "a" / below, "report")
    assert (tmp_path / "a").read_text() == "mine"
