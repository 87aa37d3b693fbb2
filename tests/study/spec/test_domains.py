"""Spaces and searches as data: what is refused, what is drawn, one spelling there and back."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from study.spec import points as points_module
from study.spec.constraints import Constraint
from study.spec.domains import Choice, Float, Int
from study.spec.point import Point, SharedKnobs
from study.spec.points import grid, on_edge, point_of
from study.spec.search import Scheduler, Search
from study.spec.study import Study
from tests.synthetic import FASHION
from trainables.config.errors import BadInput
from trainables.config.trial_config import TrialConfig
from trainables.models.parameter_layout import parameter_count
from trainables.training.gpu_memory import DataSize

SPACE: dict[str, Any] = {
    "lr": Float(low=1e-4, high=1.0, log=True),
    "optimizer": Choice(values=("sgd", "adam")),
    "momentum": Float(low=0.0, high=0.9, when={"optimizer": ("sgd",)}),
    "hidden.count": Int(low=0, high=2),
    "hidden.1": Int(low=8, high=64, log=True),
    "hidden.2": Int(low=8, high=64, log=True),
}


def search(**changes: Any) -> Search:
    return Search(**{"space": SPACE, "trials": 10, **changes})


@given(st.lists(st.floats(0, 1), min_size=6, max_size=6))
@settings(max_examples=200)
def test_every_point_is_a_configuration_with_only_what_exists(shares: list[float]) -> None:
    domains = search().space
    point = points_module.point(domains, shares)
    config = SharedKnobs.of(5).config(point)
    assert ("momentum" in point) == (point["optimizer"] == "sgd") == (config.optimizer == "sgd")
    assert len(config.hidden) == point["hidden.count"] == sum(f"hidden.{i}" in point for i in (1, 2))
    assert point_of(domains, config) == point


def test_logarithmic_ranges_spread_evenly_over_decades() -> None:
    drawn = [SPACE["lr"].at(u) for u in np.linspace(0, 1, 401)]
    decades = np.histogram(np.log10(drawn), bins=[-4, -3, -2, -1, 0.001])[0]
    assert min(drawn) == 1e-4 and max(drawn) == 1.0
    assert max(decades) - min(decades) <= 2


def test_whole_numbers_are_equally_likely() -> None:
    drawn = [Int(low=1, high=4).at(u) for u in (np.arange(4000) + 0.5) / 4000]
    assert np.bincount(drawn).tolist() == [0, 1000, 1000, 1000, 1000]


def test_a_grid_takes_conditions_into_account() -> None:
    points = grid(search().space, 3)
    # 3 lr x (3 momenta under sgd, adam alone) x (no layer, 3 widths, 3 x 3 widths)
    assert len(points) == 3 * 4 * (1 + 3 + 9)
    assert len({repr(sorted(p.values)) for p in points}) == len(points)


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
        ({"searcher": "bohb"}, "expected one of"),
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


def test_contradictory_constraints_are_refused_before_the_start() -> None:
    with pytest.raises(BadInput, match="none can be used"):
        search(constraints=(Constraint(left="parameters", op="<=", right=100),)).check(SharedKnobs.of(5), FASHION)
    with pytest.raises(BadInput, match="as well"):
        search().check(SharedKnobs.of(5, [("lr", 0.1)]), FASHION)
    with pytest.raises(BadInput, match="grace"):
        search(scheduler=Scheduler(name="asha", grace=6)).check(SharedKnobs.of(5), FASHION)
    search(constraints=(Constraint(left="parameters", op="<=", right=20_000),)).check(SharedKnobs.of(5), FASHION)


def test_what_the_data_cannot_give_is_a_fault() -> None:
    made = search()
    point = Point.from_json({"lr": 0.1, "optimizer": "adam", "hidden.count": 0})
    assert (
        made.fault(point, SharedKnobs.of(5, [("batch_size", 50)]), DataSize(40, 10, 784, 10))
        == "a batch is larger than all 40 images"
    )
    assert made.fault(point, SharedKnobs.of(5, [("batch_size", 40)]), DataSize(40, 10, 784, 10)) == ""


def test_parameters_are_those_of_the_network() -> None:
    config = TrialConfig(hidden=(20, 5), batch_norm=True)
    assert parameter_count(config, 36, 3) == (36 * 20 + 20) + (20 * 5 + 5) + (5 * 3 + 3) + 2 * 25


def test_parts_give_each_value_a_search_of_its_own() -> None:
    parts = search(within="optimizer", first=({"optimizer": "sgd"},)).parts()
    assert list(parts) == ["sgd", "adam"]
    assert "momentum" in parts["sgd"].space and "momentum" not in parts["adam"].space
    assert not parts["sgd"].space["momentum"].when and len(parts["sgd"].first) == 1 and not parts["adam"].first


def test_the_edge_of_a_range_is_named_but_not_a_natural_zero() -> None:
    domains = search().space
    assert on_edge(domains, Point.from_json({"lr": 0.99, "optimizer": "sgd", "momentum": 0.0})) == {"lr": "high"}
    assert math.isclose(SPACE["lr"].share(0.01), 0.5)
