"""A folder as a run tidies it, in memory: what it then has, and that no file is touched."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from study.storage import repair
from study.storage.results_folder import ResultsFolder
from study.storage.tidied_view import tidied_view
from tests.analysis.stores import store_of
from tests.study.app.test_status import SMALL


def cut(pattern: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        file = sorted(folder.glob(pattern))[0]
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 0xFF
        file.write_bytes(data)

    return damage


def linked(folder: Path) -> None:
    file = sorted(folder.glob("trials/*"))[0]
    file.unlink()
    file.symlink_to("/etc/hostname")


def content(folder: Path) -> dict[str, bytes | None]:
    return {
        str(p.relative_to(folder)): None if p.is_dir() or p.is_symlink() else p.read_bytes() for p in folder.rglob("*")
    }


@pytest.mark.parametrize("gather", [True, False])
@pytest.mark.parametrize("damage", [cut("trials/*"), cut("studies/*/*.json"), cut("studies/*/*.copy"), linked])
def test_what_it_shows_is_what_tidying_leaves(tmp_path: Path, damage: Callable[[Path], None], gather: bool) -> None:
    store = store_of(tmp_path / "r", [SMALL], (0, 1), gather=gather)
    damage(tmp_path / "r")
    before = content(tmp_path / "r")
    shutil.copytree(tmp_path / "r", tmp_path / "really", symlinks=True)
    really = ResultsFolder(tmp_path / "really")
    assert repair.tidy(really)
    seen = tidied_view(store)
    assert content(tmp_path / "r") == before
    assert seen.trials.on_record() == really.trials.on_record()
    assert [r.id for r in seen.trials.records()] == [r.id for r in really.trials.records()]
    assert seen.studies.versions(SMALL.name) == really.studies.versions(SMALL.name) == [SMALL]
    assert seen.folder.names(deep=True) == really.folder.names(deep=True)
    seen.refuse_gone()
