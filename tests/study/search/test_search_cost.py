"""The range of a search: four of five searches whose points are drawn keep it, and a scheduler makes it cheaper."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from study.planning.cost import point_costs
from study.search.search_cost import search_range, trained_share
from study.spec import registry
from study.spec.study import Study
from tests.synthetic import FASHION


def study(scheduler: Any = "none", trials: int = 20, epochs: int = 9) -> Study:
    space = {"lr": {"kind": "float", "low": 0.001, "high": 1.0, "log": True},
             "hidden": {"kind": "choice", "values": [[10], [100], [1000]]}}  # fmt: skip
    search = {"trials": trials, "seeds": 2, "searcher": "random", "scheduler": scheduler, "space": space}
    given = {"name": "s", "title": "t", "question": "q", "knobs": ["lr"], "epochs": epochs, "search": search}
    return Study.from_dict(given)


def test_four_of_five_searches_keep_the_range() -> None:
    made, chance = study(), np.random.default_rng(1)
    each = np.array(point_costs(made, FASHION))
    low, high = search_range(made, FASHION, 5)
    best = [chance.choice(each, 3) for _ in range(500)]
    took = [2 * chance.choice(each, 20).sum() + 5 * b[: chance.integers(2, 4)].sum() for b in best]
    assert np.mean([low <= t <= high for t in took]) >= 0.8
    assert high < 4 * low, "a range that says something"


@pytest.mark.parametrize("name", ["asha", "asha-stop", "hyperband", "halving", "median"])
def test_who_is_stopped_early_costs_less(name: str) -> None:
    made = study({"name": name})
    assert made.search is not None
    low, high = trained_share(made.search, made.epochs)
    assert 0 < low <= high <= 1 and low < 1
    assert search_range(made, FASHION, 5)[0] < search_range(study(), FASHION, 5)[0]


def test_what_is_on_record_lies_within() -> None:
    """`results/search-sgd-adam` trained 68 of 216 epochs a seed."""
    made = registry.load_study("search-sgd-adam")
    assert made.search is not None
    low, high = trained_share(made.search, made.epochs)
    assert low <= 68 / 216 <= high


def test_a_study_without_a_search_costs_nothing() -> None:
    assert search_range(registry.load_study("dropout"), FASHION, 5) == (0.0, 0.0)
