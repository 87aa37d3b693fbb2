"""Which results folder is meant where none is named: the study's own for a run, the last one for what reads."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path

import pytest

import study
from study.app.folders import default_folder, last_folder, meant_folders, remember
from study.app.plan_studies import read_named
from study.storage.results_folder import ResultsFolder
from tests.study import own
from trainables.config.errors import NotFound


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder, and a state of one's own."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return work


def folder_of(*names: str) -> str:
    return default_folder(names, read_named(list(names)))


def test_a_study_has_a_folder_of_its_name(here: Path) -> None:
    file = own.study(here, "rates", "lr", [0.1])
    assert folder_of(str(file)) == "results/rates"
    assert folder_of("dropout") == folder_of("dropout", "annealing") == "results/dropout"
    assert folder_of("chapter") == folder_of("chapter", str(file)) == "results/chapter"


def test_what_an_older_version_put_elsewhere_goes_on_there() -> None:
    before = ResultsFolder("results/study", create=True)
    assert folder_of("dropout") == "results/dropout", "another study's"
    before.studies.freeze(read_named(["dropout"])["dropout"].study)
    assert folder_of("dropout") == "results/study"
    assert folder_of("annealing") == "results/annealing"
    assert folder_of("annealing", "dropout") == "results/study"
    ResultsFolder("results/dropout", create=True)
    assert folder_of("dropout") == "results/dropout"


def made(name: str, run: str | None, changed: float) -> None:
    folder = Path(ResultsFolder(f"results/{name}", create=True).folder.where)
    (folder / "runs").mkdir(exist_ok=True)
    if run:
        (folder / f"runs/{run}-abcdef.json").write_text("{}")
    os.utime(folder, (changed, changed))


def test_the_last_folder_is_the_one_that_was_run_last_whenever_its_files_were_copied() -> None:
    assert last_folder() is None
    made("older", "20260101T120000", 2e9)
    made("newer", "20260301T120000", 1e9)
    assert last_folder() == "results/newer", "a checkout writes files in any order"
    made("begun", None, 1_800_000_000)  # 2027, and nothing ran there yet
    assert last_folder() == "results/begun"
    remember("results/older")
    assert last_folder() == "results/older", "what was run from here comes before what lies here"


def test_a_run_from_python_is_the_last_one(here: Path) -> None:
    own.data(here, "mine", 60, 30)
    file = own.study(here, "rates", "lr", [0.1], epochs=1, data="mine")
    made("other", "20990101T120000", 4e9)
    study.run(file, seeds=1, data_dir=".", executor="inline", progress=False)
    assert last_folder() == "results/rates"


def test_a_study_that_the_folder_alone_has_goes_by_its_name(tmp_path: Path) -> None:
    """Its file may be somewhere else by now: plan, run and decide take what is on record."""
    mine = dataclasses.replace(read_named(["dropout"])["dropout"].study, name="mine")
    ResultsFolder(str(tmp_path / "r"), create=True).studies.freeze(mine)
    assert read_named(["mine"], str(tmp_path / "r"))["mine"].study == mine
    for folder in (None, str(tmp_path / "none")):
        with pytest.raises(NotFound, match="there is no study 'mine'"):
            read_named(["mine"], folder)


def test_what_is_remembered_is_written_through_no_link_and_read_from_no_pipe(here: Path, tmp_path: Path) -> None:
    dear, state = tmp_path / "dear", tmp_path / "state" / "hyperparameter-study"
    dear.write_text("dear")
    state.mkdir(parents=True)
    for name in ("last-results.json", f"last-results.{os.getpid()}"):  # the second was a name that could be guessed
        (state / name).symlink_to(dear)
    remember("results/a")
    assert dear.read_text() == "dear" and not (state / "last-results.json").is_symlink()
    (state / "last-results.json").unlink()
    os.mkfifo(state / "last-results.json")
    assert last_folder() is None, "to open it would wait for ever"
    (state / "last-results.json").unlink()
    (state / "last-results.json").write_text("[" * 100_000)
    assert last_folder() is None


@pytest.mark.parametrize("last", ["", "a" * 5000, "\0", "\udcff", "no/such/folder", 5, None, ["results/a"], {"a": "b"}])
def test_what_is_remembered_and_is_no_folder_names_none(here: Path, tmp_path: Path, last: object) -> None:
    state = tmp_path / "state" / "hyperparameter-study"
    state.mkdir(parents=True)
    (state / "last-results.json").write_text(json.dumps({str(here): last}))
    assert last_folder() is None
    made("there", "20260101T120000", 1e9)
    assert last_folder() == "results/there"


def test_in_another_users_home_nothing_is_remembered(
    here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by `sudo`, which keeps HOME: the file would be root's, and the home's owner could not write it any more."""
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    if tmp_path.stat().st_uid == 0:
        os.chown(tmp_path, 12345, -1)
    remember("results/a")
    assert not (tmp_path / "state").exists()


def test_a_folder_in_which_nothing_was_trained_is_not_offered() -> None:
    """A run that found no cluster left its study and its command, and was offered as results."""
    made("refused", "20260101T000000", 1.0)
    made("trained", "20260102T000000", 2.0)
    assert meant_folders("q") == "" and last_folder() == "results/trained"
    Path("results/trained/trials").mkdir()
    assert meant_folders("q") == ""
    Path("results/trained/trials/x").touch()
    assert meant_folders("q") == "There are results in results/trained."
