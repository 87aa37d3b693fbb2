"""The range of a search: four of five searches whose points are drawn keep it, and a scheduler makes it cheaper."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from study.planning.cost import TRIAL_SECONDS, expected_seconds, point_costs
from study.search.replay import replay
from study.search.search_cost import finalists, search_range, trained_share
from study.spec import registry
from study.spec.study import Study
from study.storage.results_folder import ResultsFolder
from tests.synthetic import FASHION
from trainables.training.gpu_memory import DataSize

ROOT = Path(__file__).parents[3]


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
    took = [2 * chance.choice(each, 20).sum() + 5 * chance.choice(each, 2).sum() for _ in range(500)]
    assert np.mean([low <= t <= high for t in took]) >= 0.8
    assert high < 4 * low, "a range that says something"


@pytest.mark.parametrize("name", ["asha", "asha-stop", "hyperband", "halving", "median"])
def test_who_is_stopped_early_costs_less(name: str) -> None:
    made = study({"name": name})
    assert made.search is not None
    low, high = trained_share(made.search, made.epochs)
    assert 0 < low <= high <= 1 and low < 1
    assert search_range(made, FASHION, 5)[0] < search_range(study(), FASHION, 5)[0]


def test_of_a_grid_those_that_are_kept_are_a_share_of_its_points() -> None:
    """Two of four points go on; of the hundred tries that were allowed, that looked like one in fifty."""
    made = study({"name": "halving", "keep": 2, "grace": 1}, trials=100, epochs=9)
    assert made.search is not None
    space = {"hidden": {"kind": "choice", "values": [[4], [8], [16], [32]]}}
    grid = Study.from_dict({**made.to_dict(), "knobs": ["hidden"], "search": {
        **made.search.to_dict(), "searcher": "grid", "space": space}})  # fmt: skip
    assert grid.search is not None and grid.search.tries() == 4
    assert trained_share(grid.search, 9)[0] == pytest.approx((1 + 8 / 2) / 9)


SCHEDULERS: list[dict[str, Any]] = [
    *({"name": name, "brackets": brackets} for name in ("asha", "asha-stop") for brackets in (1, 3)),
    *({"name": name, "reduction": 2} for name in ("asha", "asha-stop", "hyperband", "halving")),
    *({"name": "halving", "keep": keep} for keep in (0.05, 0.1, 1, 4)),
    {"name": "hyperband"}, {"name": "halving", "grace": 2}, {"name": "median"}, {"name": "median", "grace": 3},
]  # fmt: skip


@pytest.mark.parametrize("scheduler", SCHEDULERS, ids=str)
@pytest.mark.parametrize("trials", [4, 20, 60])
@pytest.mark.parametrize("epochs", [9, 27])
def test_four_of_five_searches_train_as_much_as_their_scheduler_promises(
    scheduler: dict[str, Any], trials: int, epochs: int
) -> None:
    """Of curves that keep their order, and of such that do not."""
    search, chance = study(scheduler, trials, epochs).search, np.random.default_rng(1)
    assert search is not None
    low, high = trained_share(search, epochs)
    spent = []
    for n in range(20):
        noise = 0.05 * chance.random((trials, epochs)) if n % 2 else np.linspace(0, 0.3, epochs)
        curves = chance.random((trials, 1)) + noise
        spent.append(replay(curves, search.scheduler, range(trials), (1, 4)[n % 4 > 1]).spent / curves.size)
    assert np.mean([low - 1e-9 <= share <= high + 1e-9 for share in spent]) >= 0.8, (low, high, sorted(spent))


def test_what_is_on_record_lies_within() -> None:
    """`results/search-sgd-adam` trained 68 of 216 epochs a seed."""
    made = registry.load_study("search-sgd-adam")
    assert made.search is not None
    low, high = trained_share(made.search, made.epochs)
    assert low <= 68 / 216 <= high


def test_a_search_on_record_with_its_answer_lies_within() -> None:
    """Its answer trained the best of either part: two configurations under five fresh seeds, not four or more."""
    made, records = registry.load_study("search-sgd-adam"), ResultsFolder(ROOT / "results/search-sgd-adam").trials
    spent = (expected_seconds(r.config, FASHION) * r.epochs_done / r.config.epochs for r in records.records())
    low, high = search_range(made, FASHION, 5)
    assert low <= math.fsum(spent) <= high


@pytest.mark.parametrize(("within", "objectives", "expected"), [
    ("", ["val_accuracy"], (2, 2)), ("optimizer", ["val_accuracy"], (1, 1)),
    ("", ["val_accuracy", "seconds"], (1, 5)),
])  # fmt: skip
def test_an_answer_trains_as_many_as_its_search_says(
    within: str, objectives: list[str], expected: tuple[int, int]
) -> None:
    space = {"lr": {"kind": "float", "low": 0.001, "high": 1.0, "log": True},
             "optimizer": {"kind": "choice", "values": ["sgd", "adam"]}}  # fmt: skip
    search = {"trials": 4, "seeds": 1, "searcher": "random", "scheduler": "none", "space": space, "within": within,
              "objectives": objectives}  # fmt: skip
    made = Study.from_dict({"name": "s", "title": "t", "question": "q", "knobs": ["lr"], "epochs": 2, "search": search})
    assert made.search is not None and finalists(made.search) == expected


def test_what_trials_take_beside_their_epochs_counts() -> None:
    """Of trials of next to nothing it is most of a search."""
    small = DataSize(300, 90, 36, 3)
    low, high = search_range(study(epochs=1), small, 5)
    assert TRIAL_SECONDS * (20 * 2 + 5 * 2) < low <= high


def test_a_searcher_that_learns_may_go_where_points_are_dear() -> None:
    drawn = study()
    assert drawn.search is not None
    learns = replace(drawn, search=replace(drawn.search, searcher="tpe"))
    assert search_range(learns, FASHION, 5)[0] == search_range(drawn, FASHION, 5)[0]
    assert search_range(learns, FASHION, 5)[1] > search_range(drawn, FASHION, 5)[1]


def test_a_study_without_a_search_costs_nothing() -> None:
    assert search_range(registry.load_study("dropout"), FASHION, 5) == (0.0, 0.0)
