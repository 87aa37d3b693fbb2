"""A report is written where its folder is still there."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis import report
from analysis.report import write_report
from tests.analysis.report.test_fingerprint import SCALING
from tests.analysis.stores import store_of
from trainables.config.errors import StoreError


def test_a_folder_that_goes_while_pictures_are_drawn_gets_no_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "r"
    store_of(folder, [SCALING], (0, 1))

    def drawn(_: object) -> list[object]:
        (folder / "study-results.json").rename(tmp_path / "away")
        return []

    monkeypatch.setattr(write_report, "pictures_of", drawn)
    with pytest.raises(StoreError, match="the results folder is gone; bring it back"):
        report.build(str(folder))
    assert not (folder / "report").exists()
