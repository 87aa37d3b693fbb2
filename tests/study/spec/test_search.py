"""A search: its space, its parts, and what makes no sense."""

from __future__ import annotations

from typing import Any

import pytest

from study.spec.constraints import Constraint
from study.spec.domains import Choice, Float, Int
from study.spec.point import SharedKnobs
from study.spec.search import Scheduler
from study.spec.study import Study
from tests.study.spec.test_domains import SPACE, search
from tests.synthetic import FASHION
from trainables.config.errors import BadInput


def test_there_and_back_through_plain_data() -> None:
    made = search(
        scheduler=Scheduler(name="asha", grace=2),
        first=({"optimizer": "sgd", "hidden.count": 1},),
        constraints=(Constraint(left="parameters", op="<=", right=20_000),),
    )
    study = Study(name="s", title="t", question="q", knobs=("lr",), epochs=5, search=made)
    again = Study.from_dict(study.to_dict())
    assert again.search == made and again == study
    assert made.first[0]["momentum"] == 0.45  # what a first point leaves out is the middle


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"space": {}}, "empty"),
        ({"space": {"lr": {"kind": "float", "low": 1, "high": 0.1}}}, "low is above high"),
        ({"space": {"lr": {"kind": "float", "low": 0, "high": 0.1, "log": True}}}, "above 0"),
        ({"space": {"lrr": {"kind": "float", "low": 0, "high": 1}}}, "did you mean lr"),
        ({"space": {"lr": {"kind": "flaot", "low": 0, "high": 1}}}, "kind is one of"),
        ({"space": {"epochs": {"kind": "int", "low": 1, "high": 9}}}, "equal epochs"),
        ({"space": {"hidden.1": {"kind": "int", "low": 1, "high": 9}}}, "hidden.count is missing"),
        ({"space": {"momentum": Float(low=0, high=0.9, when={"optimizer": ("sgd",)})}}, "is not in the space"),
        ({"objectives": ("accuracy",)}, "no epoch reports it"),
        ({"objectives": ("val_accuracy", "seconds")}, "two objectives need nsga2"),
        ({"searcher": "xyz"}, "expected one of"),
        ({"trials": 0}, "whole number from 1"),
        ({"first": ({"lr": 5.0},)}, "outside the space"),
        ({"first": ({"optimizer": "adam", "momentum": 0.1},)}, "does not exist"),
        ({"within": "lr"}, "a knob of the space whose kind is choice"),
    ],
)
def test_what_makes_no_sense_is_refused_when_it_is_made(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        search(**changes)


def test_a_corner_that_is_no_configuration_is_refused_before_the_start() -> None:
    loose = {**SPACE, "momentum": Float(low=0.0, high=0.9)}
    with pytest.raises(BadInput, match="has no effect unless optimizer is sgd"):
        search(space=loose).check(SharedKnobs.of(5), FASHION)


def test_parts_give_each_value_a_search_of_its_own() -> None:
    parts = search(within="optimizer", first=({"optimizer": "sgd"},)).parts()
    assert list(parts) == ["sgd", "adam"]
    assert "momentum" in parts["sgd"].space and "momentum" not in parts["adam"].space
    assert not parts["sgd"].space["momentum"].when and len(parts["sgd"].first) == 1 and not parts["adam"].first


FEW: dict[str, Any] = {
    "optimizer": Choice(values=("sgd", "adam")),
    "momentum": Choice(values=(0.0, 0.9), when={"optimizer": ("sgd",)}),
    "batch_size": Int(low=16, high=18),
}


@pytest.mark.parametrize(
    ("changes", "there_are"),
    [
        ({}, 10),  # no end of rates
        ({"space": FEW, "trials": 20}, 9),
        ({"space": FEW, "trials": 5}, 5),
        ({"space": FEW, "trials": 20, "within": "optimizer"}, 9),
        ({"space": FEW, "trials": 4, "within": "optimizer"}, 7),
        ({"space": {**FEW, "lr": Float(low=0.1, high=0.1)}, "trials": 20}, 9),
        ({"space": {"lr": Float(low=0.1, high=0.2)}, "trials": 20, "searcher": "grid", "grid_points": 3}, 3),
        (
            {"space": {"lr": Float(low=0.1, high=0.3)}, "trials": 20, "searcher": "grid", "grid_points": 3}
            | {"first": ({"lr": 0.2}, {"lr": 0.15})},
            4,
        ),
    ],
)
def test_a_space_or_a_grid_may_have_fewer_configurations_than_are_tried(
    changes: dict[str, Any], there_are: int
) -> None:
    assert search(**changes).configurations() == there_are


@pytest.mark.parametrize(
    ("changes", "tries"),
    [
        ({"space": FEW, "trials": 20, "within": "optimizer"}, 40),
        ({"space": {"lr": Float(low=0.1, high=0.3)}, "trials": 20, "searcher": "grid", "grid_points": 3}, 3),
        ({"space": {"lr": Float(low=0.1, high=0.3)}, "trials": 2, "searcher": "grid", "grid_points": 3}, 2),
        (
            {"space": {"lr": Float(low=0.1, high=0.3)}, "trials": 20, "searcher": "grid", "grid_points": 3}
            | {"first": ({"lr": 0.2}, {"lr": 0.15})},
            5,  # one of the first is a point of the grid, and comes again
        ),
    ],
)
def test_a_grid_makes_no_more_proposals_than_it_has_points(changes: dict[str, Any], tries: int) -> None:
    assert search(**changes).tries() == tries


def test_what_breaks_a_constraint_or_does_not_fit_the_data_is_no_configuration() -> None:
    made = search(space=FEW, trials=20, constraints=(Constraint(left="batch_size", op="<=", right=17),))
    assert made.configurations(SharedKnobs.of(5), FASHION) == 6
    assert search(space={"batch_size": Int(low=1, high=2**50)}, trials=20_001).configurations() == 20_001
