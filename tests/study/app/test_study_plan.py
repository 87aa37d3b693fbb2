"""`study.plan` and `study plan` are one: what a run would train, what it costs, and what is selected."""

from __future__ import annotations

import inspect
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

import study
from study.cli.main import app
from tests.study import own
from trainables.config.errors import BadInput, StoreError


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with data; no Ray and no PyTorch: whoever imports them fails."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("ray", "torch"):
        monkeypatch.setitem(sys.modules, name, None)
    own.data(tmp_path, "mine", 60, 30)
    return tmp_path


def command(*words: str, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    app(list(words), standalone_mode=False)
    return capsys.readouterr().out


def test_a_plan_has_seeds_cost_and_what_is_missing(work: Path) -> None:
    file = own.study(work, "rates", "lr", [0.1, 0.01], data="mine")
    found = study.plan(file, seeds=3, data_dir=".")
    assert isinstance(found, study.StudyPlan)
    assert (found.studies, found.seeds, found.results) == (("rates",), (0, 1, 2), "results/rates")
    assert (found.trials, found.missing) == (6, 6)
    assert found.epochs == sum(found.arms["epochs"] * found.arms["missing"])
    assert list(found.arms["missing"]) == [3, 3] and list(found.arms["on_record"]) == [0, 0]
    low, high = found.seconds
    assert 0 < low < high and not found.measured, "a range, where nothing was measured on this machine"
    assert found.decides[0].choices[0].seeds == 3
    assert not (work / "results").exists() and not (work / "state").exists(), "a plan writes nothing"
    assert "6 to train" in str(found) and " to " in str(found)
    assert "<table" in found._repr_html_() and "6 to train" in found._repr_html_()


def test_command_and_python_plan_the_same(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = own.study(work, "rates", "lr", [0.1, 0.01], data="mine")
    told = json.loads(command("plan", str(file), "--seeds", "3", "--data-dir", ".", "--json", capsys=capsys))
    found = study.plan(file, seeds=3, data_dir=".", progress=False)  # an argument of run, as all of them
    assert (told["results"], told["trials"]) == (found.results, {"distinct": 6, "missing": 6})
    assert (told["seconds_low"], told["seconds_high"]) == pytest.approx(found.seconds)


def test_a_plan_names_what_is_selected_and_what_claims_need_elsewhere(work: Path) -> None:
    found = study.plan("annealing", results="r")
    assert "annealing/annealing-2" in found.selected and "plateau" in found.selected["annealing/annealing-2"]
    assert study.plan("dropout", results="r").needed == {"annealing": ("overfit-1",)}
    assert "annealing-2 is selected on val" in str(found)


def test_a_search_is_a_range(work: Path) -> None:
    low, high = study.plan("search-sgd-adam", results="r").seconds
    assert 0 < low < high


def test_what_is_wrong_is_said_as_the_command_says_it(work: Path) -> None:
    with pytest.raises(BadInput, match="dropout"):
        study.plan("dropuot")
    with pytest.raises(BadInput, match="a share of accuracy"):
        study.plan("dropout", difference=2.0)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"executor": "bogus"}, "executor: got 'bogus'; expected one of auto, ray, inline"),
        ({"executor": 5}, "executor: got 5; expected one of auto, ray, inline"),
        ({"cpus": True}, "cpus: got true; expected a whole number"),
        ({"metrics": 5}, "metrics: got 5; expected a name, or several"),
        ({"metrics": ["penalty", 5]}, "metrics: got 5; expected a name, or several"),
        ({"difference": "0.01"}, "difference: got '0.01'; expected a share of accuracy"),
        ({"difference": 0.01, "quick": True}, "difference: got 0.01; it does not go with quick"),
        ({"data_dir": 5}, "data_dir: got 5; expected a path"),
        ({"data_dir": ""}, "data_dir: got ''; expected a path"),
        ({"results": 5}, "results: got 5; expected a path"),
        ({"device": ["cpu"]}, "device: got ['cpu']; expected one of cpu, cuda"),
        ({"precision": 16}, "precision: got 16; expected one of fp32, bf16"),
        ({"seeds": 2.5}, "seeds: got 2.5; expected how many"),
        ({"seeds": True}, "seeds: got true; expected how many"),
    ],
)
def test_an_argument_of_another_kind_is_one_sentence(work: Path, arguments: dict[str, object], says: str) -> None:
    with pytest.raises(BadInput) as caught:
        study.plan("dropout", **arguments)  # type: ignore[arg-type]
    assert str(caught.value).startswith(says) and "\n" not in str(caught.value)
    assert not (work / "results").exists()


def test_arguments_may_be_of_numpy(work: Path) -> None:
    seeds, share = np.arange(3), np.float32(0.5)
    assert study.plan("dropout", seeds=seeds, results="r").seeds == (0, 1, 2)
    assert study.plan("dropout", cpus=np.int64(2), quick=np.bool_(True), results="r").clock.cores == 2  # type: ignore[arg-type]
    assert study.plan("dropout", seeds=[np.int64(1)], results="r", difference=share).seeds == (1,)  # type: ignore[arg-type,list-item]


def test_the_home_folder_may_be_written_short(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = own.study(work, "mine", "lr", [0.1, 0.01], data="mine")
    monkeypatch.setenv("HOME", str(file.parent))
    found = study.plan(f"~/{file.name}", data_dir="~", results="~/r", seeds=1)
    assert found.results == f"{file.parent}/r" and found.trials == 2
    with pytest.raises(StoreError, match=f"{file.parent}/r"):
        study.open("~/r")
    with pytest.raises(BadInput, match="where: got 5; expected a path"):
        study.open(5)  # type: ignore[arg-type]


def test_a_plan_takes_the_executor_of_the_environment_as_the_run_that_follows_does(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plan was right, and the run that it named was refused."""
    monkeypatch.setenv("STUDY_EXECUTOR", "bogus")
    with pytest.raises(BadInput, match="--executor: got 'bogus'; expected one of auto, ray, inline"):
        app(["plan", "dropout"], standalone_mode=False)


def test_command_and_python_have_one_default_folder(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = own.study(work, "some_file", "lr", [0.1, 0.01], data="mine")

    def planned(*names: str) -> str:
        told = command("plan", *names, "--seeds", "1", "--data-dir", ".", "--json", capsys=capsys)
        return str(json.loads(told)["results"])

    assert planned("dropout") == "results/dropout" == study.plan("dropout").results
    assert planned("chapter") == "results/chapter" == study.plan("chapter", seeds=1).results
    assert planned("dropout", "annealing") == "results/dropout", "one folder, so that claims find what they read"
    assert planned(str(file)) == f"results/{study.plan(file, data_dir='.').studies[0]}"


def test_a_plan_takes_every_argument_of_a_run() -> None:
    """It had no `progress`, and the guide said that it takes all."""
    assert set(inspect.signature(study.run).parameters) <= set(inspect.signature(study.plan).parameters)


def test_a_metric_of_the_test_part_is_measured_or_refused(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It was taken, and neither recorded nor spoken of."""
    file = own.study(work, "rates", "lr", [0.1, 0.01], data="mine")
    with pytest.raises(BadInput, match=r"metrics: got 'test_accuracy'; mine has no test part: write held_out: 0.1"):
        study.plan(file, seeds=1, data_dir=".", metrics="test_accuracy")
    held = own.study(work, "held", "lr", [0.1, 0.01], data="mine", held_out=0.25)
    assert all(t.test for t in study.plan(held, seeds=1, data_dir=".", metrics="test_accuracy").plan.trials)
    assert not any(t.test for t in study.plan(held, seeds=1, data_dir=".").plan.trials)
    told = command("plan", str(held), "--data-dir", ".", capsys=capsys)
    assert re.search(r"2 epochs, \d+ of \d+ training examples of mine", told), "not all: some are held out"
