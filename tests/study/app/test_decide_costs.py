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


def test_claims_of_two_studies_that_are_called_alike_have_the_name_of_their_study() -> None:
    """A table had one row, "c": of which study nobody could tell, for the other one was decided."""
    claims = [OpenClaim("p", "c", ("p/a",), 0, 5, None), OpenClaim("p", "d", ("p/a",), 0, 5, None)]
    verdicts = [SimpleNamespace(study=s, id=c) for s, c in (("p", "c"), ("q", "c"), ("p", "d"))]
    now: Any = SimpleNamespace(
        elsewhere={}, ending=lambda _: [],
        claims=claims, verdicts=verdicts, seconds_to_decide=lambda _: (2.0, 3.0), wall_seconds=lambda _: 2.0,
        cores=2, pace=1.0,
    )  # fmt: skip
    table = decide_costs.claims_table(now, DecideRequest(("p", "q")))
    assert "a guess" not in " ".join(table)
    now.pace = None
    guess = " ".join(decide_costs.claims_table(now, DecideRequest(("p", "q"))))
    assert guess.endswith("; a guess, because no trial on these data was measured here")
    assert [line.split()[0] for line in table[1:3]] == ["p/c", "d"]
    offers: list[Any] = [SimpleNamespace(claim=c, trials={"p/a": {5: ("t", 1)}}) for c in claims]
    bought = decide_costs.purchase_lines(now, offers)
    assert bought[0] == "buys  p/c: seed 5 of p/a" and bought[1] == "      d: seed 5 of p/a"
