"""Optuna's samplers propose, and are told what became of it."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import pytest

from study.search.controller import SearchController
from study.search.optuna_samplers import make_sampler
from study.search.optuna_trials import equally_long_trials
from study.spec.domains import Float
from study.spec.point import Point, SharedKnobs
from study.spec.search import Scheduler
from study.storage.search_events import Proposal
from tests.study.search.made_up import EPOCHS, SPACE, go, search
from tests.synthetic import FASHION


def test_tpe_looks_where_it_is_good() -> None:
    controller, _ = go(search(searcher="tpe", trials=40, scheduler=Scheduler(name="none")))
    late = [abs(math.log10(p.point["lr"]) + 2) for p in controller.proposals[25:]]
    early = [abs(math.log10(p.point["lr"]) + 2) for p in controller.proposals[:10]]
    assert sum(late) / len(late) < 0.6 * sum(early) / len(early)


def test_tpe_keeps_away_from_where_trials_diverge_late_after_a_good_beginning() -> None:
    """The accuracy of a network that has diverged is a number, and more epochs rank higher in Optuna."""

    def proposal(n: int, lr: float, curve: list[float]) -> Proposal:
        diverged = len(curve) > 1
        point = Point.from_json({"lr": lr})
        return Proposal(n, point, "tpe", 9, "diverged" if diverged else "paused", {"val_accuracy": curve})

    wanted = search(searcher="tpe", space={"lr": Float(low=1e-4, high=1.0, log=True)})
    good = [proposal(n, 10 ** (-4 + n / 10), [0.8]) for n in range(10)]
    bad = [proposal(10 + n, 10 ** (-n / 10), [0.95, 0.38]) for n in range(10)]
    sampler = make_sampler(wanted)
    rates = [point["lr"] for draw in range(20) if (point := sampler.propose([*good, *bad], draw))]
    assert max(rates) < 0.02


@pytest.mark.parametrize(
    "name", ["none", pytest.param("halving", marks=pytest.mark.e2e), pytest.param("asha", marks=pytest.mark.e2e)]
)
def test_gp_learns_under_every_scheduler(name: Any) -> None:
    """Its library learns from complete trials alone, and those that were stopped early are none."""
    scheduler = Scheduler(name=name, keep=0.1 if name == "halving" else 0)
    controller, _ = go(
        search(
            searcher="gp",
            space={"lr": Float(low=1e-4, high=1.0, log=True), "batch_size": SPACE["batch_size"]},
            trials=20,
            scheduler=scheduler,
        )
    )
    distances = [abs(math.log10(p.point["lr"]) + 2) for p in controller.proposals]
    assert sum(distances[12:]) / 8 < 0.6 * sum(distances[:10]) / 10


def test_gp_is_told_of_all_after_equally_many_epochs_and_of_what_diverged_as_worst() -> None:
    wanted = search(searcher="gp", space={"lr": Float(low=1e-4, high=1.0, log=True)})

    def proposal(state: Any, curve: list[float]) -> Proposal:
        return Proposal(0, Point.from_json({"lr": 0.1}), "gp", 9, state, {"val_accuracy": curve} if curve else {})

    known = [proposal("paused", [0.3, 0.6]), proposal("whole", [0.2] * 8 + [0.9]), proposal("running", [0.4, 0.7, 0.8])]
    others = [proposal("diverged", [0.99]), proposal("running", []), proposal("failed", [])]
    proposals = [dataclasses.replace(p, number=n) for n, p in enumerate([*known, *others])]
    warm = [(Point.from_json({"lr": 0.2}), {"val_accuracy": [0.5] * 9})]
    told = equally_long_trials(wanted, warm, proposals)
    assert [t.value for t in told if t.state.name == "COMPLETE"] == [0.5, 0.6, 0.2, 0.7, 0.2]
    assert [t.state.name for t in told[5:]] == ["RUNNING", "FAIL"]
    assert [t.state.name for t in equally_long_trials(wanted, (), proposals[3:])] == ["FAIL", "RUNNING", "FAIL"]


def test_nsga2_is_told_two_objectives() -> None:
    none = Scheduler(name="none")
    wanted = search(searcher="nsga2", objectives=("val_accuracy", "seconds"), scheduler=none, trials=12)
    controller, whole = go(wanted)
    assert all(p.state in ("whole", "diverged") for p in controller.proposals)
    assert [e.to_dict() for e in go(wanted, whole[:9])[1]] == [e.to_dict() for e in whole]


def test_nsga2_goes_on_with_the_population_that_it_began_with() -> None:
    none = Scheduler(name="none")
    usual: dict[str, Any] = {"searcher": "nsga2", "objectives": ("val_accuracy", "seconds"), "scheduler": none}
    _, events = go(search(**usual, trials=20))
    wanted = search(**usual, trials=40)
    made = make_sampler(wanted, asked_first=20)
    controller = SearchController(wanted, SharedKnobs.of(EPOCHS), FASHION, made, past=events)
    kept = controller.sampler._trials  # type: ignore[attr-defined]
    assert not kept and controller.next() is not None and len(controller.proposals) == 21
