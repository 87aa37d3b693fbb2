"""Optuna's samplers propose, and are told what became of it."""

from __future__ import annotations

import math
from typing import Any

from study.search.controller import SearchController
from study.search.optuna_samplers import make_sampler
from study.spec.point import SharedKnobs
from study.spec.search import Scheduler
from tests.study.search.made_up import EPOCHS, go, search
from tests.synthetic import FASHION


def test_tpe_looks_where_it_is_good() -> None:
    controller, _ = go(search(searcher="tpe", trials=40, scheduler=Scheduler(name="none")))
    late = [abs(math.log10(p.point["lr"]) + 2) for p in controller.proposals[25:]]
    early = [abs(math.log10(p.point["lr"]) + 2) for p in controller.proposals[:10]]
    assert sum(late) / len(late) < 0.6 * sum(early) / len(early)


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
