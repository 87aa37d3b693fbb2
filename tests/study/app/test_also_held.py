"""A run into a folder of other studies says so in a line, and goes on: several studies in one folder share its page."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from study.app.also_held import also_held
from study.app.plan_studies import PlanRequest, plan_request
from study.app.run_studies import RunOptions, run
from study.app.run_view import RunView
from study.spec.study import Study
from study.storage.results_folder import ResultsFolder
from tests.analysis import stores
from tests.study import own
from tests.study.app.test_status import SMALL


def named(*names: str) -> list[Study]:
    return [dataclasses.replace(SMALL, name=name, claims=()) for name in names]


def test_other_studies_are_named_and_those_of_the_command_are_not(tmp_path: Path) -> None:
    store = ResultsFolder(tmp_path / "r", create=True)
    assert also_held(store, named("a")) == ""
    for study in named("a", "b", "c", "c.answer", "d"):
        store.studies.freeze(study)
    where = store.folder.where
    assert also_held(store, named("a", "b", "c", "d")) == "", "a search and its answer are one"
    assert also_held(store, named("a", "b", "c.answer")) == f"{where} also holds d: its page shows all of them"
    assert also_held(store, named("x")) == f"{where} also holds a, b, c and 1 more: its page shows all of them"


def test_a_plan_and_a_run_say_it_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A study went into a folder of another one without a word."""
    own.data(tmp_path, "grains", 60, 30)
    path = own.study(tmp_path, "rates", "lr", [0.1], data="grains")
    stores.store_of(tmp_path / "r", [SMALL], ())
    plan_request(PlanRequest((str(path),), 1, results=str(tmp_path / "r"), data_dir=tmp_path), here=True)
    said = f"{tmp_path}/r also holds {SMALL.name}: its page shows both"
    assert " ".join(capsys.readouterr().err.split()).count(said) == 1
    for result, times in ((True, 1), (False, 0)):  # a batch of `study decide` says nothing of its own
        asked = PlanRequest((str(path),), 1, results=str(tmp_path / "r"), data_dir=tmp_path)
        run(asked, RunOptions(executor="inline"), RunView(quiet=True, result=result))
        assert " ".join(capsys.readouterr().err.split()).count(said) == times
