"""A plan in the terminal."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from study.app.plan_clock import PlanClock
from study.cli import plan_text as commands
from study.planning.cost import expected_search_seconds
from study.planning.plan import plan_trials
from study.planning.protocol import Protocol
from study.spec import registry
from study.spec.search import Search
from study.spec.study import Study
from tests.synthetic import FASHION


def test_what_a_search_would_cost_is_said_and_nothing_of_trials_that_it_has_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    whole = registry.load_study("search-all")
    assert whole.search is not None
    half = dataclasses.replace(whole, search=dataclasses.replace(whole.search, trials=15))
    assert (
        expected_search_seconds(whole, FASHION) == pytest.approx(2 * expected_search_seconds(half, FASHION))
        and expected_search_seconds(half, FASHION) > 60
    )
    assert expected_search_seconds(registry.load_study("scaling"), FASHION) == 0
    said = commands.plan_text(plan_trials([whole], Protocol((0,)), "c" * 32, {}, FASHION), PlanClock(2))
    assert "30 configurations x 2 seeds" in said and " on 2 cores" in said
    assert " to " in said.partition("in all ")[2]
    assert "on record" not in said and "to train" not in said and "shared" not in said


def test_a_plan_names_claims_whose_numbers_are_selected_on_the_validation_part() -> None:
    for names, said in (
        (["annealing"], "claims     selected on val, so their numbers flatter: annealing/annealing-2"),
        (["annealing", "optimizer"], "flatter: annealing/annealing-2, optimizer/optimizer-1"),
        (["dropout"], ""),
    ):
        plan = plan_trials([registry.load_study(n) for n in names], Protocol((0,)), "x", {}, FASHION)
        told = commands.plan_text(plan, PlanClock(2))
        lines = [line for line in told.splitlines() if "selected on" in line]
        assert len(lines) == bool(said) and all(said in line for line in lines)
        assert ("to judge on test, write held_out: 0.1 in base" in told) == bool(said)


def test_a_plan_names_the_trials_of_a_reduced_run_besides() -> None:
    made = plan_trials([registry.load_study("dropout")], Protocol((0, 1)), "x", {}, FASHION)
    assert "on record  nothing in r; 6 reduced trials besides\n" in commands.plan_text(
        made, PlanClock(2), "r", reduced=6
    )
    assert "on record  nothing in r\n" in commands.plan_text(made, PlanClock(2), "r")


def searching(searcher: str = "random", trials: int = 6, **space: Any) -> str:
    """What `plan` says of a search over such a space."""
    domains = {name: {"kind": "choice", "values": values} for name, values in space.items()}
    sought = Search.from_dict(
        {"trials": trials, "seeds": 1, "searcher": searcher, "scheduler": "none", "space": domains}
    )
    study = Study(name="s", title="T", question="Q?", knobs=tuple(space), epochs=2, search=sought)
    made = plan_trials([study], Protocol((0,)), "c" * 32, {}, FASHION)
    return next(line for line in commands.plan_text(made, PlanClock(2)).splitlines() if line.startswith("search"))


@pytest.mark.parametrize(("searcher", "first", "told"), [
    ("nsga2", True, True), ("cmaes", True, True), ("cmaes", False, False), ("tpe", True, False),
])  # fmt: skip
def test_a_searcher_that_learns_nothing_from_first_says_so(searcher: str, first: bool, told: bool) -> None:
    space = {name: {"kind": "float", "low": 0.1, "high": 0.5} for name in ("lr", "dropout_input")}
    sought = Search.from_dict(
        {"trials": 6, "seeds": 1, "searcher": searcher, "space": space, "first": [{"lr": 0.2}] if first else []}
    )
    study = Study(name="s", title="T", question="Q?", knobs=tuple(space), epochs=2, search=sought)
    said = commands.plan_text(plan_trials([study], Protocol((0,)), "c" * 32, {}, FASHION), PlanClock(2))
    assert (f"{searcher} learns nothing from the configurations of first" in said) == told


def test_a_space_that_has_fewer_configurations_than_are_to_be_tried_is_said() -> None:
    four = searching(lr=[0.1, 0.2], batch_size=[16, 32])
    assert "4 configurations, all that the space has, each trained once, in 6 tries x 1 seed, at most 8 epochs" in four
    assert "4 configurations, all of the grid, x 1 seed, at most 8 epochs" in searching(
        "grid", lr=[0.1, 0.2], batch_size=[16, 32]
    )
    assert "4 configurations x 1 seed, at most 8 epochs" in searching(trials=4, lr=[0.1, 0.2], batch_size=[16, 32])
