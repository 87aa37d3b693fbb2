"""Names and texts as people have them, in what other tools read: the names that a study may have, and all free text."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import optuna
import pandas as pd
import pytest

import study
from analysis.report.output_folder import OutputFolder
from study.app.export_frames import export_frames
from study.app.export_optuna import export_optuna
from study.app.export_tensorboard import export_tensorboard
from study.search.optuna_dashboard import open_storage
from study.spec.study import Arm
from study.storage.merge import Merge
from study.storage.results_folder import ResultsFolder
from tests import synthetic
from tests.analysis.stores import fill, store_of
from tests.study.app import exported
from trainables.config.errors import BadInput, StoreError

REFUSED = (
    "a/b",
    "..",
    "../a",
    ".a",
    "two words",
    "größe",
    "a\nb",
    "a\x00",
    "n" * 65,
    "n" * 200,
    "",
    "a:b",
    "=1+1",
    "-a",
)
ODD = ("n" * 64, "a..b", "a.", "None", "nan", "NULL", "1e5", "007", "True", "seed-0", "CON", "a--b")
TEXT = "=1+1 \u00e9\u4e2d\U0001f600\u202e <b>&\"'\t" + 3000 * "long "


@pytest.mark.parametrize("name", REFUSED)
def test_a_name_that_no_tool_could_take_is_refused_where_it_is_written(name: str) -> None:
    with pytest.raises(BadInput, match="at most 64"):
        exported.rates(name=name)
    with pytest.raises(BadInput, match="at most 64"):
        exported.rates(baseline=name, arms=[{"name": name, "change": {"lr": 0.1}}], effect=None)


def odd(folder: Path) -> None:
    """A study whose arms have the oddest names that are allowed, whose texts are anything."""
    arms = tuple(Arm(name=n, change={"lr": 0.001 * (i + 1)}, note=TEXT, say=TEXT) for i, n in enumerate(ODD))
    store_of(folder, [exported.rates(title=TEXT, question=TEXT, arms=arms, baseline=ODD[0], effect=None)], seeds=(0,))


def test_odd_names_and_texts_come_back_from_optuna(tmp_path: Path) -> None:
    odd(tmp_path / "r")
    for file in ("x.db", "x.log"):
        _, url = export_optuna(str(tmp_path / "r"), tmp_path / file)
        study = optuna.load_study(study_name="rates", storage=open_storage(url))
        assert [t.user_attrs["arm"] for t in study.trials] == list(ODD)
        assert study.user_attrs["title"] == TEXT


def test_odd_names_are_runs_of_tensorboard(tmp_path: Path) -> None:
    odd(tmp_path / "r")
    paths = export_tensorboard(str(tmp_path / "r"), tmp_path / "out")
    assert [p.relative_to(tmp_path / "out").parts[:2] for p in paths] == [(n, "seed-0") for n in ODD]


def test_a_part_of_a_search_and_a_study_of_its_name_are_two_studies_of_optuna(tmp_path: Path) -> None:
    folder = tmp_path / "r"
    exported.folder(folder, exported.rates(name="search-sgd-adam.sgd", base={"hidden": (8,), "data": "made-up"}))
    merged = tmp_path / "all"
    ResultsFolder(str(merged), create=True)
    Merge(str(folder), str(exported.SEARCH)).write(str(merged))
    _, url = export_optuna(str(merged), tmp_path / "x.log")
    names = optuna.get_all_study_names(open_storage(url))
    assert len(names) == len(set(names)) == 4 and "search-sgd-adam.sgd" in names


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_text_is_no_formula_in_a_spreadsheet_and_is_as_it_was_in_parquet(tmp_path: Path, kind: str) -> None:
    record = synthetic.record(exported.rates().config("slow", seed=0))
    message = "=HYPERLINK(1)"
    lost = dataclasses.replace(record, status="diverged", message=message)
    ResultsFolder(str(tmp_path / "r"), create=True).write(lost)
    trials, _, _ = export_frames(str(tmp_path / "r"), kind, tmp_path / "out")
    frame = pd.read_csv(trials) if kind == "csv" else pd.read_parquet(trials)
    assert list(frame["message"]) == ["'" + message if kind == "csv" else message]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_files_say_which_arms_a_trial_belongs_to(tmp_path: Path, kind: str) -> None:
    again = exported.rates(name="again")
    store_of(tmp_path / "r", [exported.rates(), again], seeds=(0, 1))
    trials, epochs, arms = (
        pd.read_csv(p) if kind == "csv" else pd.read_parquet(p)
        for p in export_frames(str(tmp_path / "r"), kind, tmp_path / "out")
    )
    names = [a.name for a in again.arms]
    assert sorted(trials["arms"].unique()) == sorted(f"again/{n}; rates/{n}" for n in names)
    assert list(arms.columns) == ["study", "arm", "seed", "trial", "epochs", "reduced"]
    assert len(arms) == 2 * 2 * len(names) and not arms["reduced"].any() and not trials["reduced"].any()
    by_arm = epochs.merge(arms[arms["study"] == "rates"], on="trial").groupby("arm")["val_accuracy"].count()
    assert dict(by_arm) == {a.name: 2 * exported.rates().config(a.name).epochs for a in again.arms}


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_configurations_of_a_search_are_a_file_that_joins_with_its_trials(tmp_path: Path, kind: str) -> None:
    """No export said which configuration a trial was of, who proposed it, and why it ended."""
    files = {p.stem: p for p in export_frames(str(exported.SEARCH), kind, tmp_path / "out")}
    tried, trials = (
        pd.read_csv(files[n]) if kind == "csv" else pd.read_parquet(files[n]) for n in ("configurations", "trials")
    )
    here = study.open(exported.SEARCH).configurations
    assert list(tried.columns) == list(here.columns) and list(tried["value"]) == list(here["value"])
    both = tried.merge(trials[trials["seed"] < 1000], on="group", suffixes=("", "_trial"))
    assert len(both) == 2 * len(tried) == 48 and (both["epochs"] == both["epochs_done"]).all()
    assert (both["lr"] == both["lr_trial"]).all()


def arms_of(where: str, out: Path) -> dict[tuple[str, str], set[int]]:
    """The seeds of each arm that a file `arms` has."""
    export_frames(where, "csv", out)
    rows = pd.read_csv(out / "arms.csv")
    return {(study, arm): set(of["seed"]) for (study, arm), of in rows.groupby(["study", "arm"])}


def test_an_arm_has_the_seeds_that_were_asked_of_it(tmp_path: Path) -> None:
    """It had those that were trained for another study, and of a search's answer those that chose it."""
    store = exported.folder(tmp_path / "r")
    fill(store, synthetic.records(exported.rates(), (3,)))
    found = arms_of(store.folder.where, tmp_path / "a")
    assert found == {("rates", a.name): {0, 1, 2} for a in exported.rates().arms}
    trials = pd.read_csv(tmp_path / "a" / "trials.csv")
    assert set(trials[trials["arms"].isna()]["seed"]) == {3}
    answer = arms_of(str(exported.SEARCH), tmp_path / "b")
    assert answer and all(seed >= 1000 for seeds in answer.values() for seed in seeds)
    asked = study.open(exported.SEARCH).trials.groupby(["study", "arm"])["seed"]
    assert answer == {name: set(seeds) for name, seeds in asked}


def test_trials_of_no_study_that_the_folder_holds_have_no_arms(tmp_path: Path) -> None:
    ResultsFolder(str(tmp_path / "r"), create=True).write(synthetic.record(exported.rates().config("slow", seed=0)))
    trials, _, arms = map(pd.read_csv, export_frames(str(tmp_path / "r"), "csv", tmp_path / "out"))
    assert trials["arms"].isna().all() and not len(arms)


def test_frames_are_written_whole_and_through_no_link_of_the_results_folder(tmp_path: Path) -> None:
    exported.folder(tmp_path / "r")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/trials.csv").write_text("dear")
    (tmp_path / "r/csv").symlink_to(tmp_path / "outside")
    with pytest.raises(StoreError, match="csv is a link to another place"):
        export_frames(str(tmp_path / "r"), "csv", None)
    (tmp_path / "out").mkdir()
    (tmp_path / "out/trials.csv").symlink_to(tmp_path / "outside/trials.csv")  # a whole file takes the link's place
    export_frames(str(tmp_path / "r"), "csv", tmp_path / "out")
    assert (tmp_path / "outside/trials.csv").read_text() == "dear"
    assert not (tmp_path / "out/trials.csv").is_symlink()


def test_a_place_that_cannot_be_written_is_said_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exported.folder(tmp_path / "r")
    monkeypatch.setattr(os, "access", lambda path, mode: not str(path).endswith("/r"))
    for kind in ("csv", "report", "tensorboard"):
        with pytest.raises(
            StoreError,
            match=rf"{kind} cannot be written: no permission to write in .*/r \(.*/r is yours: .*\); name another",
        ):
            OutputFolder(str(tmp_path / "r"), None, kind)


def test_after_a_reduced_run_the_arms_are_those_of_the_page(tmp_path: Path) -> None:
    store = store_of(tmp_path, [exported.rates()], seeds=(0, 1))
    before = pd.read_csv(next(p for p in export_frames(store.folder.where, "csv", tmp_path / "a") if "arms" in p.name))
    store.studies.freeze(dataclasses.replace(exported.rates(), epochs=1, reduced=("*",)))
    after = pd.read_csv(next(p for p in export_frames(store.folder.where, "csv", tmp_path / "b") if "arms" in p.name))
    assert len(before) and before.equals(after)
