"""What a person is told that decisions cost."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from analysis.statistics.power import Need
from study.app import decide_costs
from study.app.decide_request import DecideRequest
from study.app.seed_offers import OpenClaim


def test_money_of_a_decision_is_left_out_where_it_is_below_a_hundredth_and_has_no_end() -> None:
    need = Need(9, None, 0.8, 0.5, 80, (0.0,) * 80)
    claim = OpenClaim("small", "x", ("small/a",), 0, 5, need)
    asked = DecideRequest(("small",), hourly_price=1.0)
    cheap: Any = SimpleNamespace(seconds_to_decide=lambda _: (2.0, None))
    dear: Any = SimpleNamespace(seconds_to_decide=lambda _: (7200.0, None))
    assert "below" not in decide_costs.cost_words(claim, cheap, asked)
    assert decide_costs.cost_words(claim, dear, asked).endswith("or more (2.00 or more)")
