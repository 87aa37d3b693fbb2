"""The text of a study file in Python is kept in the results folder, beside each version of the study."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from study.spec.registry import read
from study.spec.study import Study
from study.storage import diff as compare
from study.storage import kept_files
from study.storage import repair as upkeep
from study.storage.merge import Merge
from study.storage.results_folder import ResultsFolder
from tests.study.spec.test_study_file import STUDY


@pytest.fixture
def store(tmp_path: Path) -> ResultsFolder:
    return ResultsFolder(tmp_path / "results", create=True)


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A study file with a module and a package beside it, and what it does not import."""
    (tmp_path / "more").mkdir()
    (tmp_path / "more/__init__.py").write_text("from more.rates import RATES\n")
    (tmp_path / "more/rates.py").write_text("RATES = (0.1, 0.01)\n")
    (tmp_path / "other.py").write_text("")
    (tmp_path / "mine.py").write_text("from more import RATES\n" + STUDY)
    return tmp_path / "mine.py"


def freeze(store: ResultsFolder, path: Path) -> tuple[Study, dict[str, bytes]]:
    found = read(str(path))
    store.studies.freeze(found.study)
    kept_files.keep_files(store, found.study, found.files)
    return found.study, dict(found.files)


def test_what_was_read_is_kept_once_and_read_again(store: ResultsFolder, mine: Path) -> None:
    study, files = freeze(store, mine)
    assert files.keys() == {"mine.py", "more/__init__.py", "more/rates.py"}
    assert kept_files.files_of(store, study) == files
    assert store.folder.read("studies/s/1/more/rates.py") == b"RATES = (0.1, 0.01)\n"
    mine.write_text(mine.read_text() + "# another remark\n")
    assert freeze(store, mine)[0] == study and kept_files.files_of(store, study) == files, "what is on record stays"
    (mine.parent / "more/rates.py").write_text("RATES = (0.2,)\n")
    other, changed = freeze(store, mine)
    assert kept_files.files_of(store, other) == changed != files == kept_files.files_of(store, study)
    assert store.studies.versions("s") == [study, other] and store.studies.latest() == [other]
    assert upkeep.verify(store.folder.where).sound and upkeep.tidy(store) == []


def test_an_older_folder_gets_the_text_when_the_study_runs_again(store: ResultsFolder, mine: Path) -> None:
    study = read(str(mine)).study
    store.studies.freeze(study)
    assert kept_files.files_of(store, study) == {}
    assert freeze(store, mine) == (study, kept_files.files_of(store, study)) and len(store.studies.versions("s")) == 1


def test_a_damaged_version_is_put_aside_and_its_text_is_not_taken_for_another_ones(
    store: ResultsFolder, mine: Path
) -> None:
    study, files = freeze(store, mine)
    store.folder.write("studies/s/1.json", b"{")
    store.folder.delete("studies/s/1.copy")  # as in a folder of version 0.2.0
    assert "studies/s/1.json" in upkeep.repair(store.folder.where).lines[0]
    (mine.parent / "more/rates.py").write_text("RATES = (0.2,)\n")
    other, changed = freeze(store, mine)
    assert kept_files.files_of(store, other) == changed and store.folder.read("studies/s/1/mine.py") == files["mine.py"]
    assert store.studies.versions("s") == [other] and kept_files.files_of(store, study) == {}


def test_merge_takes_the_text_along_and_diff_does_not_mind_it(tmp_path: Path, store: ResultsFolder, mine: Path) -> None:
    study, files = freeze(store, mine)
    plain = ResultsFolder(tmp_path / "plain", create=True)
    plain.studies.freeze(study)
    plain.studies.freeze(dataclasses.replace(study, name="t"))
    assert not [d.what for d in compare.diff(store.folder.where, plain.folder.where) if "study s" in d.what]
    for name, pair in {"one": (store, plain), "two": (plain, store)}.items():
        Merge(pair[0].folder.where, pair[1].folder.where).write(str(tmp_path / name))
        assert kept_files.files_of(ResultsFolder(tmp_path / name), study) == files
