"""The table over repeated splits on the page, and in Python."""

from __future__ import annotations

from pathlib import Path

import pytest

import study
from analysis.report.build_page import build_page
from analysis.report.inputs import read_inputs
from analysis.report.page_tree import Table, walk
from study.storage.results_folder import ResultsFolder
from tests.analysis.stores import store_of
from tests.analysis.tables.test_repeated_splits import STUDY


@pytest.fixture
def store(tmp_path: Path) -> ResultsFolder:
    return store_of(tmp_path / "results", [STUDY], (0, 1))


def test_python_and_the_page_have_the_same(store: ResultsFolder) -> None:
    found = study.open(str(store.folder.where)).splits()
    assert len(found) == 6
    built = build_page(read_inputs(store))
    assert built.frames["splits"].equals(found)
    tables = [b for b in walk(built.page.sections) if isinstance(b, Table)]
    assert [t.sheet.rows[0][0].text for t in tables if t.name == "splits-splits"] == ["hidden 5 (baseline)"]
