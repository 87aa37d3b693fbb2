"""Points of a space: each a configuration with what exists alone."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from study.spec import points as points_module
from study.spec.domains import read_space
from study.spec.point import Point, SharedKnobs
from study.spec.points import grid, on_edge, point_of
from tests.study.spec.test_domains import SPACE, search


@given(st.lists(st.floats(0, 1), min_size=6, max_size=6))
@settings(max_examples=200)
def test_every_point_is_a_configuration_with_only_what_exists(shares: list[float]) -> None:
    domains = search().space
    point = points_module.point(domains, shares)
    config = SharedKnobs.of(5).config(point)
    assert ("momentum" in point) == (point["optimizer"] == "sgd") == (config.optimizer == "sgd")
    assert len(config.hidden) == point["hidden.count"] == sum(f"hidden.{i}" in point for i in (1, 2))
    assert point_of(domains, config) == point


def test_a_grid_takes_conditions_into_account() -> None:
    points = grid(search().space, 3)
    # 3 lr x (3 momenta under sgd, adam alone) x (no layer, 3 widths, 3 x 3 widths)
    assert len(points) == 3 * 4 * (1 + 3 + 9)
    assert len({repr(sorted(p.values)) for p in points}) == len(points)


def test_the_edge_of_a_range_is_named_but_not_a_natural_zero() -> None:
    domains = search().space
    assert on_edge(domains, Point.from_json({"lr": 0.99, "optimizer": "sgd", "momentum": 0.0})) == {"lr": "high"}
    assert math.isclose(SPACE["lr"].share(0.01), 0.5)


def test_a_range_of_two_whole_numbers_has_no_edge() -> None:
    """Any best of two values is at an end: it was "widen the range" after every run."""
    two, three = (read_space({"batch_size": {"kind": "int", "low": 1, "high": high}}) for high in (2, 3))
    assert on_edge(two, Point((("batch_size", 1),))) == {} and on_edge(two, Point((("batch_size", 2),))) == {}
    assert on_edge(three, Point((("batch_size", 1),))) == {"batch_size": "low"}
