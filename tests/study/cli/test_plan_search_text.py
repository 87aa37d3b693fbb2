"""A search in a plan's text."""

from __future__ import annotations

from pathlib import Path

from study.app.plan_clock import PlanClock
from study.app.search_on_record import SearchOnRecord
from study.cli.plan_search_text import search_lines
from study.cli.plan_text import next_commands, plan_heading, plan_text
from tests.study.app.test_search_on_record import planned


def test_of_a_search_that_is_over_the_plan_says_what_is_on_record_and_not_what_it_would_train(tmp_path: Path) -> None:
    _, plan, _ = planned(tmp_path, 5)
    study, clock = plan.studies[0], PlanClock(2)
    begun = search_lines(study, plan, clock)
    assert "at most 72 epochs" in begun[0] and "then the best under 5 fresh seeds" in begun[1]
    some = search_lines(study, plan, clock, SearchOnRecord(5, 12))
    assert some[0] == begun[0] and some[2] == "5 of these are on record, so it takes less"
    whole = SearchOnRecord(12, 12, answered=True)
    for said in (plan_text(plan, clock, "r", {"demo": whole}), plan_heading(plan, clock, (), {"demo": whole})):
        assert "12 configurations on record" in said and said.endswith("nothing to train") and "at most 72" not in said
    lacks = search_lines(study, plan, clock, SearchOnRecord(12, 12, answered=True, fresh_missing=4))
    assert lacks[0].endswith("of the best under 5 fresh seeds 4 trials to train")
    assert next_commands(plan, "r", ["plan", "demo"], "", ["demo"])[0][0] == "study report r"
    assert next_commands(plan, "r", ["plan", "demo"], "")[0][0] == "study run demo"
