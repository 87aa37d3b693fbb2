"""`~` is the home folder in every path, and a user without a home is told so."""

from __future__ import annotations

from pathlib import Path

import pytest

from study.app import folders
from study.cli.paths import path
from study.storage.durable_files import Folder
from trainables.config.errors import BadInput, DataError
from trainables.config.paths import expanded, home
from trainables.data.fashion_mnist import cache_dir
from trainables.data.sources import load_data_set


@pytest.fixture
def _homeless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user whom the system does not know, as containers start under numbers of their own."""
    for name in ("HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("os.getuid", lambda: 2_000_111_222)


def test_the_home_folder_is_written_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert expanded("x", "~/a") == f"{tmp_path}/a" and expanded("x", "~") == str(tmp_path)
    assert Folder("~/r").where == Folder(Path("~/r")).where == f"{tmp_path}/r"
    assert Folder("./~").where == "./~"


@pytest.mark.parametrize("text", ["~nobody-of-that-name", "~nobody-of-that-name/x"])
def test_another_users_home_that_is_not_there(text: str) -> None:
    for read in (path("--results", str), Folder):
        with pytest.raises(BadInput, match=f"got '{text}'; no such user; a folder of that name is ./{text}"):
            read(text)
    with pytest.raises(DataError, match=r"no such user"):
        load_data_set("x", Path(text))


@pytest.mark.usefixtures("_homeless")
def test_a_user_without_a_home_is_no_traceback() -> None:
    with pytest.raises(BadInput, match=r"this user has no home folder: set HOME; a folder of that name is ./~/x"):
        expanded("--results", "~/x")
    assert home() == Path("/") and cache_dir() == Path("/.cache/hyperparameter-study")
    folders.last_folder()


@pytest.mark.parametrize("text", ["a" * 256, "x/" + "ä" * 128 + "/y", "a/" * 2048])
def test_a_path_that_is_too_long_for_any_disk_is_a_line(text: str, tmp_path: Path) -> None:
    for read in (path("--results", str), Folder):
        with pytest.raises(BadInput, match=r"a name in it has 256 letters|it is longer than a path may be"):
            read(text)
    with pytest.raises(DataError, match=r"has 256 letters|longer than a path"):
        load_data_set("x", tmp_path / text)
    assert expanded("x", "s3://bucket/" + "a" * 300)
