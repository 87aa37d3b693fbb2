"""What a purchase may spend, and what its starts cost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from study.app import decide_request
from study.app.decide_seeds import Prospects
from study.app.seed_offers import BATCH_SECONDS, Offer, OpenClaim
from study.planning import plan as plans
from study.planning.cost import START_SECONDS
from study.planning.protocol import Protocol
from study.spec import registry
from tests import synthetic
from tests.analysis import stores
from trainables.config.errors import BadInput


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"most_seeds": 4}, "--max-seeds"),
        ({"hours": 0.0}, "--hours"),
        ({"price": -1.0}, "--price"),
        ({"least_chance": 1.0}, "--min-chance"),
    ],
)
def test_a_cluster_is_asked_for_limits_that_mean_something(given: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        decide_request.limits_on_cluster(("dropout",), **{"most_seeds": 40, "hours": None, "price": None, **given})
    given_limits = decide_request.limits_on_cluster(("dropout",), 12, None, 2.0)
    assert (given_limits.price, given_limits.least_chance) == (2.0, None)
    assert decide_request.limits_on_cluster(("dropout",), 12, None, 2.0, 0.0).least_chance == 0.0
    with pytest.raises(BadInput, match="it searches"):
        decide_request.limits_on_cluster(("search-all",), 40, None, None)


def test_all_limits_that_mean_nothing_are_told_in_one_go() -> None:
    with pytest.raises(BadInput) as told:
        decide_request.DecideRequest(("dropout",), most_seeds=4, hours=-1.0, price=1.0)
    said = [line.partition(":")[0] for line in str(told.value).splitlines()]
    assert said == ["--max-seeds", "--hours", "--price"]
    searches = ("search-all", "search-sgd-adam")
    with pytest.raises(BadInput) as told:
        decide_request.limits_on_cluster(searches, 40, None, None)
    assert [line.split("'")[1] for line in str(told.value).splitlines()] == [*searches]


def test_a_search_means_its_answer_and_without_one_the_run_that_finds_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It refused both, in a sentence that had to be read twice."""
    searching = registry.load_study("search-all")
    given, where = {"all.yaml": registry.checked_source(searching)}, str(tmp_path / "r")
    with pytest.raises(
        BadInput,
        match=r"its search has no answer yet: find one first, with `study run all\.yaml --results .* --data-dir d`",
    ):
        decide_request.with_answers(given, where, Path("d"))
    answer = replace(registry.load_study("dropout"), name="search-all.answer", claims=())
    stores.store_of(tmp_path / "r", [answer], (0,))
    found = decide_request.with_answers({**given, "dropout": registry.read("dropout")}, where)
    assert [*found] == ["search-all.answer", "dropout"] and found["search-all.answer"].study == answer
    assert "search-all searches: seeds are bought for its answer, search-all.answer" in capsys.readouterr().err


@pytest.mark.parametrize(("batches", "starts"), [(1.0, 1), (3.1, 4)])
def test_each_batch_starts_anew_what_trains_it(batches: float, starts: int) -> None:
    plan = plans.plan_trials([registry.load_study("dropout")], Protocol((0,)), "x", {}, synthetic.FASHION)
    now = Prospects((), (), {}, {}, plan, "x", None, 1)
    seconds = batches * BATCH_SECONDS - 1
    offer = Offer(OpenClaim("s", "c", ("s/a",), 0, 0), 1, {"s/a": {0: ("t", seconds)}}, 0.0)
    assert now.wall_seconds([offer]) == pytest.approx(seconds + starts * START_SECONDS)
