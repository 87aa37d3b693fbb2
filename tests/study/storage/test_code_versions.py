"""A raised version of the training code: older trials stay, and are never read without a word."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from analysis.report.inputs import read_inputs
from study.spec import registry
from study.storage import code_versions
from study.storage import repair as upkeep
from study.storage.code_versions import notes_on_code
from study.storage.merge import Merge
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import write_run
from study.storage.survey import survey
from tests import synthetic
from tests.analysis import stores
from trainables.config.identity import CODE_VERSION

DROPOUT = registry.load_study("dropout")


def held(where: Path, *versions: int) -> ResultsFolder:
    """A folder with the trials and the run of each version."""
    store = stores.store_of(where, [DROPOUT], ())
    for version in versions:
        made = synthetic.records(DROPOUT, (0, 1))
        stores.fill(store, (dataclasses.replace(record, code_version=version) for record in made))
        write_run(store.folder, f"2026010{version}T000000-000000", stores.run([DROPOUT], (0, 1)))
    store.trials.gather()
    return store


@pytest.mark.parametrize("gathered", [True, False])
def test_a_raised_version_is_said_wherever_the_folder_is_read(
    gathered: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = held(tmp_path / "r", CODE_VERSION)
    if not gathered:
        store = stores.store_of(tmp_path / "s", [DROPOUT], (0,), gather=False)
        run = dataclasses.replace(stores.run([DROPOUT], (0,)), code_version=CODE_VERSION)
        write_run(store.folder, "20260102T000000-000000", run)
    assert notes_on_code(store) == ()
    monkeypatch.setattr(code_versions, "CODE_VERSION", CODE_VERSION + 1)
    (note,) = notes_on_code(store)
    assert f"of version {CODE_VERSION} of the training code; this program has version {CODE_VERSION + 1}" in note
    where = store.folder.where
    assert note in survey(store).notes and note in upkeep.verify(where).lines and note in read_inputs(store).notes


def test_a_damaged_file_is_told_by_others(tmp_path: Path) -> None:
    store = held(tmp_path / "r", CODE_VERSION)
    (name,) = store.trials.gathered()
    Path(store.folder.path(name)).write_bytes(b"damaged")
    assert notes_on_code(store) == ()


def test_a_merged_folder_keeps_the_trials_of_both_versions(tmp_path: Path) -> None:
    old, new = held(tmp_path / "a", CODE_VERSION), held(tmp_path / "b", CODE_VERSION + 1)
    trials = len(old.trials.on_record())
    assert Merge(old.folder.where, new.folder.where).write(str(tmp_path / "c")) == (2 * trials, 0)
    (note,) = notes_on_code(ResultsFolder(tmp_path / "c"))
    assert f"versions {CODE_VERSION} and {CODE_VERSION + 1} of the training code" in note
