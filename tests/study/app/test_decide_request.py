"""What a purchase may spend, and what its starts cost."""

from __future__ import annotations

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
from trainables.config.errors import BadInput


@pytest.mark.parametrize(
    ("given", "said"), [({"most_seeds": 4}, "--max-seeds"), ({"hours": 0.0}, "--hours"), ({"price": -1.0}, "--price")]
)
def test_a_cluster_is_asked_for_limits_that_mean_something(given: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        decide_request.limits_on_cluster(("dropout",), **{"most_seeds": 40, "hours": None, "price": None, **given})
    assert decide_request.limits_on_cluster(("dropout",), 12, None, 2.0).price == 2.0
    with pytest.raises(BadInput, match="it searches"):
        decide_request.limits_on_cluster(("search-all",), 40, None, None)


@pytest.mark.parametrize(("batches", "starts"), [(1.0, 1), (3.1, 4)])
def test_each_batch_starts_anew_what_trains_it(batches: float, starts: int) -> None:
    plan = plans.plan_trials([registry.load_study("dropout")], Protocol((0,)), "x", {}, synthetic.FASHION)
    now = Prospects((), (), {}, {}, plan, "x", None, 1)
    seconds = batches * BATCH_SECONDS - 1
    offer = Offer(OpenClaim("s", "c", ("s/a",), 0, 0), 1, {"s/a": {0: ("t", seconds)}}, 0.0)
    assert now.wall_seconds([offer]) == pytest.approx(seconds + starts * START_SECONDS)
