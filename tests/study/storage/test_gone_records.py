"""A file of records that was deleted, or not copied along, is said by every command, and mended by a run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from study.app.plan_studies import folder_as_a_run_has_it
from study.cli.main import app
from study.storage import survey as survey_module
from study.storage.gathering import gather
from study.storage.gone_records import gone_trials
from study.storage.repair import repair, verify
from study.storage.results_folder import ARMS, ResultsFolder
from study.storage.survey import survey
from tests import synthetic
from tests.analysis import stores
from tests.study.storage.test_arms_table import ONE, TWO
from tests.test_architecture import ROOT

SAID = "trials that were on record are gone, with what held them in trials/"


@pytest.fixture
def study(tmp_path: Path) -> ResultsFolder:
    """Of studies: twenty trials in a file of fifteen and in loose ones."""
    made = stores.store_of(tmp_path / "study", [ONE, TWO], range(5), gather=False)
    gather(made)
    return made


@pytest.fixture
def search(tmp_path: Path) -> ResultsFolder:
    """Of a search; no file says which trials belong to which arms."""
    shutil.copytree(ROOT / "tests/fixtures/v0.1/search/results", tmp_path / "search")
    return ResultsFolder(tmp_path / "search")


@pytest.mark.parametrize("kind", ["study", "search"])
def test_an_emptied_folder_is_not_called_sound(kind: str, request: pytest.FixtureRequest) -> None:
    store: ResultsFolder = request.getfixturevalue(kind)
    folder, before = store.folder.where, set(store.trials.on_record())
    assert verify(folder).sound and survey(store).notes == () and gone_trials(store, before) == ()
    for name in store.folder.names("trials"):
        store.folder.delete(name)
    gone = gone_trials(store, ())
    assert gone and set(gone) <= before, "trials of the answer are no search's, and may be in no file of arms"
    found = verify(folder)
    assert not found.sound and f"0 records checked: {len(gone)} {SAID}" in found.lines[-1]
    assert survey(store).problems == () and f"{len(gone)} {SAID}" in survey(store).notes[0]
    done = CliRunner().invoke(app, ["status", folder])
    assert f"{len(gone)} {SAID}" in " ".join(done.output.split())
    repair(folder)
    end = "no trial is on record" if kind == "study" else f"{len(gone)} {SAID}"
    assert f"0 records checked: {end}" in verify(folder).lines[-1], "not: all sound"


def test_a_plan_says_that_trials_are_gone(study: ResultsFolder, capsys: pytest.CaptureFixture[str]) -> None:
    """It said "nothing on record", as of a new folder."""
    where = study.folder.where
    assert folder_as_a_run_has_it(where) is not None and capsys.readouterr().err == ""
    (name,) = study.trials.gathered()
    study.folder.delete(name)
    assert folder_as_a_run_has_it(where) is not None
    assert f"15 {SAID}" in " ".join(capsys.readouterr().err.split())


def test_what_is_left_of_a_folder_is_still_called_sound(study: ResultsFolder) -> None:
    (name,) = study.trials.gathered()
    study.folder.delete(name)
    study.write(next(synthetic.records(ONE, (9,))))
    found = verify(study.folder.where)
    assert not found.sound and f"all that is there is sound; 15 {SAID}" in found.lines[-1]


def test_what_repair_puts_aside_is_told_as_that_and_not_as_gone_too(study: ResultsFolder) -> None:
    (name,) = study.trials.gathered()
    whole = study.folder.read(name) or b""
    study.folder.write(name, whole[: len(whole) // 2])
    assert not any(SAID in line for line in (*verify(study.folder.where).lines, *survey(study).notes))
    assert not any(SAID in line for line in repair(study.folder.where).lines)
    assert verify(study.folder.where).sound, "what was lost has been said"


def test_repair_says_what_is_gone_and_the_command_that_goes_on(study: ResultsFolder) -> None:
    (name,) = study.trials.gathered()
    study.folder.delete(name)
    found = repair(study.folder.where)
    assert f"15 {SAID}" in found.lines[0] and "names the command that trains again" in found.lines[-1] and found.sound


def test_a_table_of_arms_that_cannot_be_read_says_nothing(study: ResultsFolder) -> None:
    for damage in (b"", b"no table", (study.folder.read(ARMS) or b"")[:-9]):
        study.folder.write(ARMS, damage)
        assert gone_trials(study, ()) == ()


def test_what_a_run_records_meanwhile_is_not_gone(
    search: ResultsFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that followed a search said that trials were gone, which it had trained after the records were read."""
    aside = {name: tmp_path / "search" / name for name in ("trials", "searches")}
    for name, path in aside.items():
        path.rename(tmp_path / name)
    real = survey_module._looked_at

    def while_it_trains(store: ResultsFolder) -> object:
        found = real(store)
        for name, path in aside.items():
            (tmp_path / name).rename(path)
        return found

    monkeypatch.setattr(survey_module, "_looked_at", while_it_trains)
    assert survey(search).notes == () and aside["trials"].exists()
