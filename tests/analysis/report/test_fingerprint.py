"""A report is built again only when something that it shows has changed."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from analysis import report
from analysis.data.load import load
from analysis.report import extensions
from analysis.report.fingerprint import fingerprint, records_fingerprint
from analysis.report.output_folder import MARK
from study.spec import registry
from study.storage.durable_files import Folder
from study.storage.results_folder import ResultsFolder
from tests import synthetic
from tests.analysis.report.test_build_page import without_figures
from tests.analysis.stores import store_of
from trainables.config.errors import StoreError

SCALING = registry.load_study("scaling")


def test_what_is_so_is_left_and_what_changed_is_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_figures(monkeypatch, all_of_them=True)
    folder, out = tmp_path / "r", tmp_path / "out"
    store_of(folder, [SCALING], (0, 1))
    page = report.build(str(folder), out)
    first = page.read_bytes()
    when = page.stat().st_mtime_ns
    assert report.build(str(folder), out) == page and page.stat().st_mtime_ns == when, "nothing has changed"
    store = ResultsFolder(folder)
    for record in synthetic.records(SCALING, (2,)):
        store.write(record)
    report.build(str(folder), out)
    assert page.read_bytes() != first, "there are more records"


@pytest.mark.parametrize("harm", ["emptied", "deleted", "a table", "a mark of rubbish", "a mark of version 0.1"])
def test_what_is_not_as_it_was_written_is_built_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    without_figures(monkeypatch, all_of_them=True)
    folder, out = tmp_path / "r", tmp_path / "out"
    store_of(folder, [SCALING], (0, 1))
    page = report.build(str(folder), out)
    whole = {p: p.read_bytes() for p in out.rglob("*") if p.is_file()}
    if harm == "emptied":
        page.write_bytes(b"")
    elif harm == "deleted":
        page.unlink()
    elif harm == "a table":
        next(out.glob("tables/*.csv")).unlink()
    else:
        (out / MARK).write_text("[" if harm == "a mark of rubbish" else "0" * 64)
    report.build(str(folder), out)
    assert {p: p.read_bytes() for p in out.rglob("*") if p.is_file()} == whole


def test_a_page_of_a_damaged_record_goes_when_it_is_whole_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_figures(monkeypatch, all_of_them=True)
    folder, out = tmp_path / "r", tmp_path / "out"
    store = store_of(folder, [SCALING], (0, 1))
    at = Path(store.folder.path(store.trials.gathered()[0]))
    whole = at.read_bytes()
    at.write_bytes(whole[:-40] + bytes(40))
    assert at.name in report.build(str(folder), out).read_text()
    at.write_bytes(whole)
    assert at.name not in report.build(str(folder), out).read_text()


@pytest.mark.parametrize("link", ["report", "report/tables", "report/index.html", "report/.built-from"])
def test_a_report_in_a_strangers_folder_writes_nothing_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, link: str
) -> None:
    without_figures(monkeypatch, all_of_them=True)
    folder, outside = tmp_path / "r", tmp_path / "outside"
    store_of(folder, [SCALING], (0, 1))
    outside.mkdir()
    (outside / "dear").write_text("dear")
    (folder / link).parent.mkdir(exist_ok=True)
    folders = link in ("report", "report/tables")
    (folder / link).symlink_to(outside if folders else outside / "dear")
    if folders:
        with pytest.raises(StoreError, match=r"cannot be written: .* is a link"):
            report.build(str(folder))
    else:
        assert report.build(str(folder)).is_file() and not (folder / link).is_symlink()
    assert [p.name for p in outside.iterdir()] == ["dear"] and (outside / "dear").read_text() == "dear"


def test_what_is_read_while_a_run_gathers_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five of 150 trials were once in neither list: gathered between the two readings."""
    store = store_of(tmp_path / "r", [SCALING], (0, 1), gather=False)
    wanted = set(store.trials.on_record())
    read, gathers = type(store.folder).read, iter([True])

    def slow(self: Folder, name: str) -> bytes | None:
        if name.startswith("trials/") and next(gathers, False):
            ResultsFolder(tmp_path / "r").trials.gather()
        return read(self, name)

    monkeypatch.setattr(type(store.folder), "read", slow)
    found = load(store)
    assert set(found.frames.trials["trial"]) == wanted and not found.problems and not store.trials.loose()


def test_the_code_of_what_adds_to_pages_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Installed editably it changes, and its version does not."""
    store = store_of(tmp_path / "r", [registry.load_study("dropout")], (0,))
    added = tmp_path / "added"
    added.mkdir()
    (added / "pages_of_mine.py").write_text("TITLE = 1")
    monkeypatch.syspath_prepend(added)
    point = EntryPoint("mine", "pages_of_mine:add", extensions.GROUP)
    monkeypatch.setattr("analysis.report.fingerprint.metadata.entry_points", lambda group: [point])
    before = fingerprint(store)
    assert fingerprint(store) == before
    (added / "pages_of_mine.py").write_text("TITLE = 2")
    assert fingerprint(store) != before


def test_copies_of_studies_are_not_what_is_on_record_and_a_page_depends_on_them(tmp_path: Path) -> None:
    store = store_of(tmp_path / "r", [SCALING], (0,))
    records, page = records_fingerprint(store), fingerprint(store)
    store.folder.delete("studies/scaling/1.copy")
    assert records_fingerprint(store) == records and fingerprint(store) != page
