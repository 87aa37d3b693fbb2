"""Commands that stay wait until a run begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from study.app import signs_of_life
from study.cli import wait_for_run
from study.storage.results_folder import ResultsFolder
from trainables.config.errors import StoreError


def test_a_run_that_goes_on_ends_the_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ResultsFolder(tmp_path / "r", create=True).folder.where
    looks = iter([(None, False), (None, False), (None, True)])
    waited: list[float] = []
    monkeypatch.setattr(signs_of_life, "latest_run", lambda _: next(looks))
    monkeypatch.setattr(wait_for_run, "sleep", waited.append)
    wait_for_run.wait_for_next_run(str(where))
    assert waited == [wait_for_run.WAIT_SECONDS] * 2
    assert capsys.readouterr().err.count("waiting for a run to begin") == 1
    monkeypatch.setattr(signs_of_life, "latest_run", lambda _: (None, True))
    wait_for_run.wait_for_next_run(str(where))
    assert not capsys.readouterr().err, "nothing is waited for"


def test_a_file_is_waited_for_by_nobody(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(StoreError):
        wait_for_run.wait_for_folder(str(tmp_path / "notes.txt"))
