"""Where what is damaged is moved to."""

from __future__ import annotations

from pathlib import Path

from study.storage.durable_files import Folder
from study.storage.quarantine import move_to_quarantine


def test_what_is_moved_has_a_name_of_its_own(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    for data in (b"a", b"b"):
        folder.write("trials/x.json", data)
        move_to_quarantine(folder, "trials/x.json")
    assert folder.names(deep=True) == ["quarantine/trials__x.json", "quarantine/trials__x.json.2"]
