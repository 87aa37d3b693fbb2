"""The data of a study of one's own are found beside its file, and where its runs had them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from study.app.own_data_folder import own_data, own_data_folder
from study.spec import registry
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import RunRecord, write_run
from tests.study import own


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    own.study(tmp_path, "case", "lr", [0.1], data="grains")
    return tmp_path


def ran(*words: str) -> None:
    """A run in this folder's `results/case`, by that command."""
    store = ResultsFolder("results/case", create=not Path("results/case").exists())
    command = ("study", *words)
    write_run(store.folder, f"2026010{len(store.folder.names('runs')) + 1}T000000-000000",
              RunRecord(command=command, studies=("case",), seeds=(0,), reduced=False))  # fmt: skip


def test_the_data_of_a_study_that_is_known_from_its_results_are_where_its_runs_had_them(work: Path) -> None:
    case = registry.load_study("case.yaml")
    assert own_data(case) == "grains" and own_data_folder("case", case) is None
    for name in ("my data", "beside", "digits-demo"):
        (work / name).mkdir()
    ran("demo", "digits")
    assert own_data_folder("case", case) is None, "no folder has them"
    own.data(work / "digits-demo", "grains", 60, 10)
    assert own_data_folder("case", case) == Path("digits-demo")
    own.data(work / "beside", "grains", 60, 10)
    ran("run", "beside/case.yaml", "--seeds", "3")
    assert own_data_folder("case", case) == Path("beside"), "the last run's comes first"
    own.data(work / "my data", "grains", 60, 10)
    ran("run", "beside/case.yaml", "--data-dir=my data")
    assert own_data_folder("case", case) == Path("my data")
    own.data(work, "grains", 60, 10)
    assert own_data_folder("case.yaml", case) == Path(), "beside its file before all"


def test_of_fashion_mnist_there_is_no_folder_to_name() -> None:
    dropout = registry.load_study("dropout")
    assert own_data(dropout) == "" and own_data_folder("dropout", dropout) is None
    said = dataclasses.replace(dropout, base={"data": "fashion-mnist"})
    assert own_data(said) == ""
