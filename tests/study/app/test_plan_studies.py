"""Which studies a command plans."""

from __future__ import annotations

import dataclasses
import re
from functools import partial
from pathlib import Path

import pytest
import yaml

from study.app.plan_studies import PlanRequest, plan_request
from study.app.run_studies import RunOptions, run
from study.app.run_view import RunView
from study.app.study_plan import study_plan
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import read_runs
from tests import synthetic
from tests.study import own
from tests.study.app.test_other_arms import asked, written
from trainables.config.errors import BadInput, StoreError, StudyError
from trainables.config.trial_config import TrialConfig


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    own.data(tmp_path, "grains", 60, 30)
    own.study(tmp_path, "other", "lr", [0.1, 0.01], data="grains")
    return tmp_path


def test_a_study_that_is_nowhere_is_said_and_one_of_the_command_is_enough(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(folder, "other/b")
    plan_request(asked(folder, "mine"), here=True)
    assert "study mine, claim c, part 1: it needs other/b, and there is no study other in" in capsys.readouterr().err
    plan_request(asked(folder, "mine", "other"), here=True)
    assert "no study other" not in capsys.readouterr().err


def test_a_study_that_is_named_by_two_paths_is_planned_once(folder: Path) -> None:
    twice = PlanRequest(
        (str(folder / "other.yaml"), f"{folder}/./other.yaml"), results=str(folder / "r"), data_dir=folder
    )
    made, _, _ = plan_request(twice, here=True)
    assert [s.name for s in made.studies] == ["other"] and len(made.trials) == 10


def test_a_folder_to_begin_from_that_is_not_there_is_said_by_the_plan(folder: Path) -> None:
    path = own.search(folder, "sought", {"lr": {"kind": "float", "low": 0.01, "high": 0.1}}, data="grains")
    path.write_text(path.read_text().replace("searcher: random", f"searcher: tpe\n  warm_start: [{folder / 'none'}]"))
    with pytest.raises(StoreError, match=r"study sought, search\.warm_start: there are no results in .*none"):
        plan_request(asked(folder, "sought"), here=True)


def test_all_that_is_wrong_with_a_command_is_told_in_one_go(folder: Path) -> None:
    """The device against the file, a metric that is none, seeds, what the data cannot have, a claim's seen seeds."""
    whole = PlanRequest((str(folder / "other.yaml"),), 2, results=str(folder / "r"), data_dir=folder)
    run(whole, RunOptions(executor="inline"), RunView(quiet=True))
    written(folder, "a")
    for name in ("mine", "other"):
        path = folder / f"{name}.yaml"
        base = {"batch_size": 61} if name == "other" else {"device": "cpu"}
        values = yaml.safe_load(path.read_text())
        path.write_text(yaml.safe_dump({**values, "base": {**values["base"], **base}}))
    request = PlanRequest(
        (str(folder / "mine.yaml"), str(folder / "other.yaml")),
        "4-3",
        results=str(folder / "r"),
        data_dir=folder,
        device="cuda",
        precision="fp8",
        metrics=("val_accuracies", "lr", "speed"),
    )
    said = [
        r"--metrics: got 'val_accuracies'; did you mean val_accuracy",
        r"--metrics: got 'speed'; expected one of",
        r"--seeds: got '4-3'; expected how many",
        r"--device: got 'cuda'; study mine says cpu",
        r"--precision: got 'fp8'; expected one of",
        r".*other\.yaml, line \d+: base\.batch_size: got 61; expected at most 60",
        r".*mine\.yaml, line \d+: claim c, from_seed: this folder has seeds up to 1",
    ]
    for ask in (partial(plan_request, request, here=True), partial(run, request, RunOptions(), RunView())):
        with pytest.raises(BadInput) as told:
            ask()
        lines = str(told.value).splitlines()
        assert len(lines) == len(said) and all(map(re.match, said, lines)), lines


def test_every_folder_to_begin_from_that_is_not_there_is_said_beside_the_gpu_that_is_not(folder: Path) -> None:
    for name in ("one", "two"):
        path = own.search(folder, name, {"lr": {"kind": "float", "low": 0.01, "high": 0.1}}, data="grains")
        there = f"searcher: tpe\n  warm_start: [{folder / name}-a, {folder / name}-b]"
        path.write_text(path.read_text().replace("searcher: random", there))
    request = dataclasses.replace(asked(folder, "one", "two"), device="cuda")
    with pytest.raises(StudyError) as told:
        plan_request(request, here=True)
    lines = str(told.value).splitlines()
    assert [next(n for n in ("one-a", "one-b", "two-a", "two-b") if n in line) for line in lines[:4]] == [
        "one-a", "one-b", "two-a", "two-b",
    ]  # fmt: skip
    assert len(lines) == 5 and "device: got 'cuda'" in lines[4]


@pytest.mark.parametrize("what", ["trials", "studies"])
def test_a_plan_of_a_damaged_folder_is_what_a_run_does_and_says_the_damage_once(
    folder: Path, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It said the same sentence twice and ended with 4, where the run puts the record aside and trains it again."""
    request = PlanRequest(
        (str(folder / "other.yaml"),), 1, results=str(folder / "r"), data_dir=folder, metrics=("val_loss",)
    )
    run(request, RunOptions(executor="inline", cpus=1), RunView(quiet=True))
    store = ResultsFolder(request.results)
    records = list(store.trials.records())
    for name in store.trials.gathered():
        (folder / "r" / name).unlink()
    for record in records:
        store.write(record)
    damaged = sorted((folder / "r" / what).rglob("*.json"))[0]
    damaged.write_bytes(damaged.read_bytes()[:-9])
    capsys.readouterr()
    plan = study_plan(request, RunOptions(executor="inline", cpus=1))
    (said,) = [line for line in capsys.readouterr().err.splitlines() if "damaged" in line]
    assert damaged.name in said
    run(request, RunOptions(executor="inline", cpus=1), RunView(quiet=True))
    runs = read_runs(store.folder)
    assert plan.trials == 2 and plan.missing == (1 if what == "trials" else 0)
    assert [r.trials_to_train for r in runs] == [2, 1][: 1 + plan.missing], "and a run that trains nothing adds none"


def test_a_plan_refuses_what_a_run_refuses(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two records of a trial contradict each other."""
    request = PlanRequest((str(folder / "other.yaml"),), 1, results=str(folder / "r"), data_dir=folder)
    run(request, RunOptions(executor="inline", cpus=1), RunView(quiet=True))
    store = ResultsFolder(request.results)
    one = next(store.trials.records())
    store.write(synthetic.changed(one, -1, val_accuracy=0.123))
    for refused in (
        lambda: study_plan(request, RunOptions(executor="inline", cpus=1)),
        lambda: run(request, RunOptions(executor="inline", cpus=1), RunView(quiet=True)),
    ):
        with pytest.raises(StoreError, match="has two records that contradict each other"):
            refused()
    assert "contradict" not in capsys.readouterr().err, "nor is it said twice"


def test_a_study_that_selects_is_trained_in_a_folder_with_a_damaged_record(folder: Path) -> None:
    """Whether its arms are on record without a test part was asked before the folder was tidied: it ended with 4."""
    own.study(folder, "cut", "schedule", ["constant", "plateau"], epochs=1, data="grains")
    store = ResultsFolder(folder / "r", create=True)
    record = synthetic.record(TrialConfig(epochs=1))
    store.write(record)
    damaged = folder / "r" / store.trials.loose()[0]
    damaged.write_bytes(damaged.read_bytes()[:-9])
    request = PlanRequest((str(folder / "cut.yaml"),), 1, results=str(folder / "r"), data_dir=folder)
    assert study_plan(request, RunOptions(executor="inline", cpus=1)).missing == 2
    run(request, RunOptions(executor="inline", cpus=1), RunView(quiet=True))
    assert len(ResultsFolder(folder / "r").trials.on_record()) == 2
