"""A report is built again only when something that it shows has changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis import report
from study.spec import registry
from study.storage.results_folder import ResultsFolder
from tests import synthetic
from tests.analysis.report.test_build_page import without_figures
from tests.analysis.stores import store_of

SCALING = registry.load_study("scaling")


def test_what_is_so_is_left_and_what_changed_is_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_figures(monkeypatch, all_of_them=True)
    folder, out = tmp_path / "r", tmp_path / "out"
    store_of(folder, [SCALING], (0, 1))
    page = report.build(str(folder), out)
    first = page.read_bytes()
    page.write_bytes(b"mine")
    assert report.build(str(folder), out) == page and page.read_bytes() == b"mine", "nothing has changed"
    store = ResultsFolder(folder)
    for record in synthetic.records(SCALING, (2,)):
        store.write(record)
    report.build(str(folder), out)
    assert page.read_bytes() not in (first, b"mine"), "there are more records"
    page.unlink()
    assert report.build(str(folder), out).is_file()
