"""A search from its first proposal to its answer, with every learner; the training is made up, and Ray left out."""

from __future__ import annotations

import contextlib
import dataclasses
import math
from pathlib import Path
from typing import Any

import pytest

from analysis import search_words
from study import runner, seeking
from study.plan import Plan
from study.search_log import answer_of, parts
from study.search_spec import Scheduler, Search
from study.space import Choice, Float
from study.spec import Study
from study.store import Store
from tests import synthetic
from tests.study.test_seeking import setting
from trainables.config import TrialConfig
from trainables.means import mean_curves
from trainables.records import TrialRecord

SPACE: dict[str, Any] = {
    "optimizer": Choice(values=("sgd", "adam")),
    "lr": Float(low=1e-4, high=1.0, log=True),
    "momentum": Float(low=0.0, high=0.9, when={"optimizer": ("sgd",)}),
    "dropout_input": Float(low=0.0, high=0.3),
}
USUAL: dict[str, Any] = {"space": SPACE, "trials": 6, "seeds": 2, "searcher": "random"}
CASES: dict[str, dict[str, Any]] = {
    "gp": {"searcher": "gp", "scheduler": Scheduler(name="median")},
    "cmaes": {"searcher": "cmaes"},
    "nsga2": {"searcher": "nsga2", "objectives": ("val_accuracy", "accuracy_gap")},
    "racing": {"racing": 2},
    "within": {"searcher": "tpe", "scheduler": Scheduler(name="asha"), "within": "optimizer"},
}


def trained(config: TrialConfig, until: int) -> TrialRecord:
    """A made-up trial whose luck depends on its seed and configuration."""
    luck = 0.02 * math.sin(1e4 * config.lr + 7 * config.seed)
    return synthetic.record(config, "finished" if until == config.epochs else "stopped", until, shift=luck)


def seek(searcher: Any, at_once: int, device: str, store: Store, data: Any, engine: Any, progress: Any, _: Any) -> None:
    """What asks the searcher, in Ray's place."""
    progress.start()
    number = 0
    while isinstance(asked := searcher.suggest(str(number)), dict):
        knobs = {k: v for k, v in asked["knobs"].items() if k != "seeds"}
        config, until = TrialConfig.from_dict({**knobs, "seed": 0}), asked["until"]
        made = [trained(config.replace(seed=s), until) for s in asked["knobs"]["seeds"]]
        for record in made:
            store.write(record)
        curves = mean_curves([r.epochs for r in made], until)
        result: dict[str, Any] = {f"curves/{k}": v for k, v in curves.items()}
        searcher.on_trial_complete(str(number), {**result, "diverged": False})
        number += 1
    progress.stop()


def run(plan: Plan, store: Store, *_: Any) -> runner.Outcome:
    """What trains an ordinary study, in the runner's place."""
    for trial in plan.missing:
        store.write(trained(trial.config, trial.config.epochs))
    return runner.Outcome(len(plan.missing), (), False, 0.0)


@pytest.fixture
def without_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeking, "seek", seek)
    monkeypatch.setattr(runner, "run", run)
    monkeypatch.setattr(runner, "connected", lambda *_: contextlib.nullcontext())


def study(**changes: Any) -> Study:
    return Study(name="s", title="S", question="Q?", knobs=("lr",), epochs=3, search=Search(**{**USUAL, **changes}))


def ran(folder: Path, wanted: Study, **more: Any) -> Store:
    """A results folder after a whole search."""
    made = dataclasses.replace(setting(folder, wanted), **more)
    seeking.check(made)
    made.store.freeze(wanted)
    found = seeking.run(made, 3)
    assert not found.interrupted and not found.failed and found.answer
    return made.store


@pytest.mark.usefixtures("without_ray")
@pytest.mark.parametrize("name", CASES)
def test_every_learner_comes_to_an_answer(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    store = ran(tmp_path, study(**CASES[name]))
    found = parts(store)
    assert len(found) == (2 if name == "within" else 1)
    for part in found:
        assert len(part.proposals) == 6 and {p.state for p in part.proposals} <= {"whole", "paused"}
    told = search_words.answer(store, "s")
    assert all(r.estimate.n == 3 and r.searched for r in told)
    expected = {"within": {"sgd", "adam"}, "nsga2": {f"front-{i + 1}" for i in range(len(told))}}
    assert {r.arm for r in told} == expected.get(name, {"winner", "runner-up"})
    assert all((r.second is not None) == (name == "nsga2") for r in told)
    raced = answer_of(store, "s")["raced"]
    seeds = {r.config.seed for r in store.records()}
    assert seeds == {*range(max([2, *(r["seeds"] for r in raced)])), 1000, 1001, 1002}
    assert bool(raced) == (name == "racing")
    shown = capsys.readouterr().err
    assert "under fresh seeds" in shown and ("too close to call" in shown) == (name == "racing")
    said = "\n".join(search_words.told(store, "s"))
    assert all(r.arm in said for r in told) and "nan" not in said


@pytest.mark.usefixtures("without_ray")
@pytest.mark.parametrize("name", ["halving", "hyperband", "asha"])
def test_a_finished_search_with_its_answer_is_extended(
    tmp_path: Path, name: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import optuna

    storage = optuna.storages.InMemoryStorage()
    monkeypatch.setattr("study.mirror.open_storage", lambda _: storage)
    monkeypatch.setattr(seeking, "open_storage", lambda _: storage)
    wanted = study(scheduler=Scheduler(name=name))
    store = ran(tmp_path, wanted, dashboard="x")
    (before,), ids = parts(store), {r.id for r in store.records()}
    assert wanted.search is not None
    longer = dataclasses.replace(wanted, search=dataclasses.replace(wanted.search, trials=14))
    store = ran(tmp_path, longer, dashboard="x")
    (after,) = parts(store)
    assert after.events[: len(before.events)] == before.events and len(after.proposals) == 14
    assert ids <= {r.id for r in store.records()} and search_words.answer(store, "s")
    late = max(after.proposals, key=lambda p: p.curves["val_accuracy"][0])
    assert late.state == "whole", "the best after one epoch, wherever it came, is trained to the end"
    there = {t.user_attrs["proposal"]: t.state.name for t in storage.get_all_trials(0)}
    assert there == {p.n: {"whole": "COMPLETE", "paused": "PRUNED"}[p.state] for p in after.proposals}


@pytest.mark.usefixtures("without_ray")
@pytest.mark.parametrize("name", ["asha", "halving", "none"])
def test_what_is_no_longer_on_record_of_a_search_is_trained_again_and_nothing_else_changes(
    tmp_path: Path, name: Any
) -> None:
    wanted = study(scheduler=Scheduler(name=name))
    store = ran(tmp_path, wanted)
    (before,), whole = parts(store), {r.id: r.result_digest() for r in store.all_records()}
    for path in sorted((tmp_path / "r" / "trials").iterdir()):
        path.unlink()
    assert not list(store.all_records())
    store = ran(tmp_path, wanted)
    (after,) = parts(store)
    assert after == before, "no event is added, and no decision is taken anew"
    assert {r.id: r.result_digest() for r in store.all_records()} == whole
