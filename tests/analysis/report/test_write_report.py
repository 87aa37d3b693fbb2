"""A report is written where its folder is still there."""

from __future__ import annotations

import base64
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


def test_a_page_that_is_mailed_has_the_rows_of_its_answers_within(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of tables it said that their files are in the report's folder, which who gets the mail has not."""
    monkeypatch.setattr(write_report, "pictures_of", lambda _: [])
    folder = store_of(tmp_path / "r", [SCALING], (0, 1)).folder.where
    page = report.build(folder, tmp_path / "out", one_file=True)
    rows = (tmp_path / "out/tables/answers.csv").read_bytes()
    whole = f'<a href="data:text/csv;base64,{base64.b64encode(rows).decode()}" download="answers.csv">CSV</a>'
    assert f"These rows with all digits: {whole}" in page.read_text(encoding="utf-8")
    assert 'href="tables/' not in page.read_text(encoding="utf-8")
