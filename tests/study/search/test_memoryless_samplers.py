"""Points that depend on their number and the seed alone."""

from __future__ import annotations

from typing import Any

import pytest

from study.search.memoryless_samplers import MEMORYLESS, numbered
from study.spec.domains import Choice, Float
from study.spec.search import Search

SPACE: dict[str, Any] = {"lr": Float(low=1e-4, high=1.0, log=True), "optimizer": Choice(values=("sgd", "adam"))}


def search(searcher: Any, seed: int = 0) -> Search:
    return Search(space=SPACE, searcher=searcher, trials=8, grid_points=4, seed=seed)


@pytest.mark.parametrize("searcher", MEMORYLESS)
def test_in_whatever_order_they_are_asked_for_they_are_the_same(searcher: str) -> None:
    forwards, backwards = numbered(search(searcher)), numbered(search(searcher))
    there = [forwards(n) for n in range(8)]
    back = [backwards(n) for n in reversed(range(8))]
    assert there == back[::-1] and len(set(there)) == 8
    other = numbered(search(searcher, seed=1))
    assert [other(n) for n in range(8)] != there


def test_a_grid_ends_and_has_each_point_once() -> None:
    points = numbered(search("grid"))
    found = [points(n) for n in range(9)]
    assert found[8] is None and len(set(found)) == 9


def test_an_even_searcher_goes_on_beyond_what_it_has_drawn() -> None:
    """The points are drawn in powers of two; those drawn before stay what they were."""
    for searcher in ("sobol", "halton"):
        points = numbered(search(searcher))
        first = [points(n) for n in range(64)]
        assert points(200) is not None
        assert [points(n) for n in range(64)] == first
