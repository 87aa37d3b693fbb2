"""Reduced runs are told apart wherever a person or a tool reads a folder: frames, tables, exports, `arms.parquet`."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path

import optuna
import pandas as pd
import pytest

import study
from study.app.export_frames import export_frames
from study.app.export_optuna import export_optuna
from study.app.export_tensorboard import export_tensorboard
from study.search.optuna_dashboard import open_storage
from study.spec.study import Study
from study.storage.gathering import gather
from study.storage.results_folder import ARMS, ResultsFolder
from study.storage.run_records import write_run
from tests import synthetic
from tests.analysis.stores import fill, run, store_of
from tests.study import own
from tests.study.app import exported
from tests.study.app.test_export_tensorboard import read

FULL = exported.rates()
SMALL = dataclasses.replace(FULL, epochs=2, base={**FULL.base, "train_images": 500}, reduced=("*",))
OTHER = dataclasses.replace(SMALL, name="small")


def add(store: ResultsFolder, small: Study, seeds: tuple[int, ...] = (0, 1)) -> ResultsFolder:
    """A reduced run of a study, in a folder that is there."""
    fill(store, synthetic.records(small, seeds))
    store.studies.freeze(small)
    said = dataclasses.replace(run([small], seeds), reduced=True, reduced_studies=(small.name,))
    write_run(store.folder, f"20260102T000000-{small.name.encode().hex()[:6]}", said)
    gather(store)
    return store


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One study in full and reduced, another reduced alone."""
    where = tmp_path_factory.mktemp("both") / "r"
    add(add(store_of(where, [FULL]), SMALL), OTHER)
    return where


def test_each_frame_says_which_rows_are_of_a_reduced_run(both: Path) -> None:
    results = study.open(both)
    for frame in (results.trials, results.curves(), results.effects(), results.summary().frame):
        assert frame.groupby("study")["reduced"].agg(["min", "max"]).to_numpy().tolist() == [[False] * 2, [True] * 2]
    assert set(results.trials[results.trials["study"] == "rates"]["epochs"]) == {4}, "in full, where it is"


def test_a_person_reads_that_a_run_was_reduced(both: Path) -> None:
    results = study.open(both)
    assert repr(results).endswith("rates, small (reduced))")
    line = "reduced: small. Fewer epochs or images than declared, so nothing is judged."
    assert results.notes[-2:] == (line, "6 trials of reduced runs are in the folder besides, and in nothing here.")
    assert line in results._repr_html_() and line in str(results.summary())
    table = results.summary()._repr_html_()
    assert "baseline, reduced" in table and "True" not in table
    assert line not in str(results.summary().where("study", "rates"))
    assert list(results.answers) == ["rates"], "a reduced run answers nothing"


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_files_say_which_trials_only_a_reduced_run_asked_for(both: Path, tmp_path: Path, kind: str) -> None:
    """Those of a study that is there in full stood among them with no arm and no word."""
    files = {p.stem: p for p in export_frames(str(both), kind, tmp_path)}
    trials, arms = ((pd.read_csv if kind == "csv" else pd.read_parquet)(files[n]) for n in ("trials", "arms"))
    assert trials["reduced"].dtype == bool and (trials["reduced"] == (trials["train_images"] == 500)).all()
    assert arms.groupby("study")["reduced"].agg(["min", "max"]).to_numpy().tolist() == [[False] * 2, [True] * 2]


def test_a_trial_of_fewer_epochs_alone_goes_on_as_one_in_full(tmp_path: Path) -> None:
    add(store_of(tmp_path / "r", [FULL]), dataclasses.replace(FULL, epochs=2, reduced=("*",)), (7,))
    trials = pd.read_csv(
        next(p for p in export_frames(str(tmp_path / "r"), "csv", tmp_path / "o") if "trials" in p.name)
    )
    assert 7 in set(trials["seed"]) and not trials["reduced"].any()


def test_what_a_reduced_search_tried_is_reduced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the search in full, whose trials are not."""
    monkeypatch.chdir(tmp_path)
    own.data(tmp_path, "mine", 1300, 30)
    file = own.search(tmp_path, "looking", {"lr": {"kind": "float", "low": 0.001, "high": 0.1}}, data="mine")
    how = {"seeds": 1, "data_dir": tmp_path, "executor": "inline", "progress": False, "results": "r"}
    tried = [study.run(file, quick=quick, **how).configurations for quick in (True, False)]  # type: ignore[arg-type]
    assert [set(of["reduced"]) for of in tried] == [{True}, {False}]
    trials = pd.read_csv(next(p for p in export_frames("r", "csv", tmp_path / "o") if p.stem == "trials"))
    assert (trials["reduced"] == (trials["train_images"] == 1000)).all() and trials["reduced"].nunique() == 2


def test_other_tools_say_it_too(both: Path, tmp_path: Path) -> None:
    export_tensorboard(str(both), tmp_path / "runs")
    knobs = {name: read(tmp_path / f"runs/{name}/slow/seed-0")[1] for name in ("rates", "small")}
    assert "reduced" not in knobs["rates"] and knobs["small"]["reduced"] is True
    _, url = export_optuna(str(both), tmp_path / "x.log")
    there = {s.study_name: s for s in optuna.get_all_study_summaries(open_storage(url))}
    assert "reduced" not in there["rates"].user_attrs and "nothing is judged" in there["small"].user_attrs["reduced"]
    trials = optuna.load_study(study_name="small", storage=open_storage(url)).trials
    assert all(t.user_attrs["reduced"] for t in trials)


def test_the_folder_itself_says_it(both: Path) -> None:
    arms = pd.read_parquet(io.BytesIO((both / ARMS).read_bytes()))
    found = arms.groupby(["study", "version"])["reduced"].agg(["min", "max"]).to_numpy().tolist()
    assert found == [[False] * 2, [True] * 2, [True] * 2]
    (newest,) = set(arms[~arms["reduced"] & (arms["study"] == "rates")]["version"])
    assert newest == 1, "as the guide to pandas takes it"
