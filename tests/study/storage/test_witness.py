"""A stranger's folder is told from a results folder without its header; no command is advised that changes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from study.storage.durable_files import Folder
from study.storage.results_folder import ResultsFolder
from study.storage.witness import sound_file
from tests.study.cli.test_main import study
from trainables.config.errors import StoreError


@pytest.mark.parametrize("names", [("notes.txt",), ("runs/list.json", "notes.txt"), ("trials/x.json",)])
def test_a_strangers_folder_is_not_to_be_repaired_whatever_its_folders_are_called(
    tmp_path: Path, names: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """A run that was given one advised to repair it."""
    for name in names:
        (tmp_path / "other" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "other" / name).write_text("{}")
    with pytest.raises(StoreError, match=r"is not a results folder: it holds .*; choose another folder$"):
        ResultsFolder(tmp_path / "other", create=True)
    assert not sound_file(Folder(tmp_path / "other"))
    assert study("repair", str(tmp_path / "other")) == 4
    assert "so nothing was changed" in " ".join(capsys.readouterr().err.split())
    assert sorted(p.name for p in (tmp_path / "other").rglob("*.*")) == sorted(Path(n).name for n in names)
