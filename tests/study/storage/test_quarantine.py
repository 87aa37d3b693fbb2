"""Where what is damaged is moved to."""

from __future__ import annotations

from pathlib import Path

import pytest

from study.storage import repair
from study.storage.durable_files import Folder
from study.storage.quarantine import move_to_quarantine
from study.storage.results_folder import ResultsFolder


def test_what_is_moved_has_a_name_of_its_own(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    for data in (b"a", b"b"):
        folder.write("trials/x.json", data)
        move_to_quarantine(folder, "trials/x.json")
    assert folder.names(deep=True) == ["quarantine/trials__x.json", "quarantine/trials__x.json.2"]


@pytest.mark.parametrize("name", ["x" * 250, "é" * 120, "x" * 255])
def test_a_long_name_is_cut_so_that_a_disk_takes_it(tmp_path: Path, name: str) -> None:
    """Beside `trials__` it was too long, and no run began in the folder."""
    store = ResultsFolder(tmp_path / "r", create=True)
    (tmp_path / "r/trials").mkdir()
    (tmp_path / "r/trials" / name).symlink_to("/etc/hostname")
    (tmp_path / "r/trials" / name[:-1]).write_bytes(b"?")
    assert len(repair.tidy(store)) == 2
    assert not list((tmp_path / "r/trials").iterdir()) and len(list((tmp_path / "r/quarantine").iterdir())) == 2
