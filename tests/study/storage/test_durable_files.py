"""A file is whole or not there, whatever the storage does; nothing leaves the folder."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from study.storage.durable_files import Folder
from trainables.config.errors import BadInput, StorageRefused, StoreError


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_write_read_list_move_delete(folder: Folder) -> None:
    folder.write("a/b.json", b"one")
    folder.write("a/b.json", b"two")
    folder.write("c.json", b"three")
    assert folder.read("a/b.json") == b"two"
    assert folder.names() == ["c.json"] and folder.names(deep=True) == ["a/b.json", "c.json"]
    folder.move("c.json", "q/c.json")
    folder.delete("a/b.json")
    folder.delete("a/b.json")
    assert folder.names(deep=True) == ["q/c.json"] and folder.read("c.json") is None


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/passwd", "a//b", "a/./b", "a\\b", "a\0b", "", "a/"])
def test_no_name_leaves_the_folder(folder: Folder, name: str) -> None:
    for act in (lambda: folder.write(name, b""), lambda: folder.read(name), lambda: folder.delete(name)):
        with pytest.raises(BadInput):
            act()


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, ("no space left", "3 bytes more", "nothing is lost")),
        (errno.EDQUOT, ("no space left",)),
        (errno.EROFS, ("no permission", "read-only")),
        (errno.EACCES, ("no permission",)),
    ],
)
def test_a_storage_that_refuses_leaves_the_old_file_whole(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, number: int, words: tuple[str, ...]
) -> None:
    folder.write("a.json", b"old")

    def refuse(_handle: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(StorageRefused) as caught:
        folder.write("a.json", b"new")
    assert all(word in str(caught.value) for word in words) and "\n" not in str(caught.value)
    assert folder.read("a.json") == b"old" and folder.leftovers("") == []


def test_a_folder_that_vanished_is_not_made_anew(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "results")
    folder.make()
    folder.write("a.json", b"1")
    (tmp_path / "results").rename(tmp_path / "elsewhere")
    with pytest.raises(StorageRefused, match="the results folder is gone"):
        folder.write("trials/b.json", b"2")
    assert not (tmp_path / "results").exists()
    (tmp_path / "elsewhere").rename(tmp_path / "results")
    folder.write("trials/b.json", b"2")
    assert folder.names(deep=True) == ["a.json", "trials/b.json"]


@pytest.mark.parametrize("url", ["s3://", "s3:///", "s3:///folder"])
def test_a_url_without_a_bucket_is_one_line(url: str) -> None:
    with pytest.raises((BadInput, StoreError)) as caught:
        Folder(url).read("a")
    assert "\n" not in str(caught.value)


def test_half_written_files_are_never_listed_as_files(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "trials").mkdir()
    (tmp_path / "trials" / ".x.json.0123abcd.tmp").write_bytes(b"half")
    assert folder.names(deep=True) == [] and folder.leftovers("trials") == ["trials/.x.json.0123abcd.tmp"]


def test_remote_storage_is_tried_again_but_not_without_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.local = False
    slept: list[float] = []
    monkeypatch.setattr("study.storage.durable_files.time.sleep", slept.append)
    tries = iter([OSError("reset"), OSError("reset"), b"fine"])

    def attempt() -> Any:
        result = next(tries)
        if isinstance(result, OSError):
            raise result
        return result

    assert folder._patiently("read", "a", attempt) == b"fine" and slept == [0.5, 1.0]

    def hopeless() -> bytes:
        raise OSError("AWS Error ACCESS_DENIED: Access Denied")

    with pytest.raises(StoreError, match="cannot read"):
        folder._patiently("read", "a", hopeless)
    assert len(slept) == 2


def test_pipes_links_and_names_that_are_no_text_are_neither_waited_for_nor_followed(
    folder: Folder, tmp_path: Path
) -> None:
    folder.write("trials/a.json", b"x")
    os.mkfifo(tmp_path / "trials" / "pipe.json")
    os.close(os.open(os.fsencode(tmp_path / "trials") + b"/\xff.json", os.O_CREAT))
    (tmp_path / "loop").symlink_to(tmp_path)
    assert folder.names("trials") == folder.names(deep=True) == ["trials/a.json"]
    with pytest.raises(StoreError, match="not a file"):
        folder.read("trials/pipe.json")
    with pytest.raises(StoreError, match="link"):
        folder.names("loop")
    folder.delete_folder("loop")
    assert not (tmp_path / "loop").exists() and folder.read("trials/a.json") == b"x", "the link goes, not what it means"
