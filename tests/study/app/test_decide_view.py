"""What a person sees while seeds are bought."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any

import pytest

from analysis.claims.sentences import wider_words
from analysis.statistics.power import Need
from study.app import decide_costs, decide_view
from study.app.decide_request import DecideRequest
from study.app.seed_offers import OpenClaim
from study.spec.claims import Contrast
from tests.analysis.claims.small_study import q, verdict


def test_a_claim_that_stays_open_is_told_in_the_words_of_a_runs_end() -> None:
    def said(word: str) -> list[str]:
        verdict: Any = SimpleNamespace(verdict=word, study="s", id="lr-3", short="Two seeds.", need=None, reason="")
        now: Any = SimpleNamespace(verdicts=(), claims=(), why_elsewhere=lambda _: "")
        return decide_view.open_lines(verdict, now, DecideRequest(("s",)), 6)

    assert said("not-enough-seeds") == ["? not enough seeds  lr-3    Two seeds."]
    assert said("missing") == ["! missing  lr-3    Two seeds."] and said("open") == ["? open     lr-3    Two seeds."]


def test_of_an_open_claim_the_interval_that_decides_is_told_where_the_95_percent_one_misleads() -> None:
    found = verdict(Contrast(a=q("b"), b=q("a"), low=0.0), noise=0.016)
    claim = OpenClaim("small", "x", ("small/a", "small/b"), 0, 5, found.need)
    now: Any = SimpleNamespace(verdicts=(), claims=(claim,), seconds_to_decide=lambda _: None)
    said = " ".join(" ".join(decide_view.open_lines(found, now, DecideRequest(("small",)), 1)).split())
    assert found.verdict == "open" and wider_words(found), "its 95 % interval leaves 0 out"
    assert f"{found.part.finding}{wider_words(found)} It would need " in said


def test_the_count_of_what_is_left_has_the_words_of_the_lines_below() -> None:
    """Of a claim that lacks trials the line above said that it stays open, and its own that it is missing."""

    def said(*words: str) -> str:
        left: Any = [SimpleNamespace(verdict=word) for word in words]
        return decide_view._left(left)

    assert said("missing") == "1 missing" and said("open", "open") == "2 stay open" and said() == "0 stay open"
    assert said("not-enough-seeds", "open", "missing") == "1 stays open, 1 not enough seeds, 1 missing"


def test_a_claim_that_lacks_trials_says_which_beside_its_number() -> None:
    need = Need(9, 30, 0.8, 0.0, 80, (0.0,) * 8 + (0.5,) * 72)
    found = verdict(Contrast(a=q("b"), b=q("a"), low=0.0), noise=0.016)
    found = dataclasses.replace(found, need=need, verdict="missing", reason="small/a has no trial of seed 3")
    claim = OpenClaim("small", "x", ("small/a", "small/b"), 0, 5, need)
    now: Any = SimpleNamespace(verdicts=(), claims=(claim,), seconds_to_decide=lambda _: None, cores=2, pace=1.0)
    said = " ".join(decide_view.open_lines(found, now, DecideRequest(("small",), most_seeds=14), 1))
    assert said.startswith("! missing") and " ".join(said.split()).endswith(" Small/a has no trial of seed 3.")
    now.claims = (dataclasses.replace(claim, seeds=1, need=None),)
    said = " ".join(" ".join(decide_view.open_lines(found, now, DecideRequest(("small",), most_seeds=14), 1)).split())
    assert said.endswith(" Its first look takes 4 more seeds. Small/a has no trial of seed 3.")
    assert "Nothing is known" not in said, "its number stands before it"


@pytest.mark.parametrize(
    ("need", "said"),
    [
        (Need(54, None, 0.8, 0.75, 80, (0.0,) * 53 + (0.1,) * 26 + (0.25,)),
         "49 to over 75 more seeds (with a chance of 80 %). 14 seeds in all decide it with a chance below 1 %, so no "),
        (Need(None, None, 0.8, 1.0, 80, (0.0,) * 80),
         "over 75 more seeds (with a chance above 99 %). 14 seeds in all decide it with a chance below 1 %, so no "),
        (Need(None, None, 0.8, 0.93, 80, (0.02,) * 79 + (0.07,)),
         "over 75 more seeds (with a chance of 93 %). 14 seeds in all decide it with a chance of 2 %, so no "),
        (Need(9, 30, 0.8, 0.0, 80, (0.0,) * 8 + (0.5,) * 72),
         "4 to 25 more seeds (with a chance of 80 %). 14 seeds in all decide it with a chance of 50 %."),
    ],
)  # fmt: skip
def test_what_it_would_need_is_a_range_with_its_chance_and_no_chance_is_0_or_100(need: Need, said: str) -> None:
    found = dataclasses.replace(verdict(Contrast(a=q("b"), b=q("a"), low=0.0), noise=0.016), need=need)
    claim = OpenClaim("small", "x", ("small/a", "small/b"), 0, 5, need)
    now: Any = SimpleNamespace(
        verdicts=(), claims=(claim,), seconds_to_decide=lambda _: None, cores=2, pace=1.0, elsewhere={}
    )
    asked = DecideRequest(("small",), most_seeds=14)
    assert f"It would need {said}" in " ".join(" ".join(decide_view.open_lines(found, now, asked, 1)).split())
    table = "\n".join(decide_costs.claims_table(now, asked))
    assert " 0 %" not in table and "100 %" not in table


def test_no_two_empty_lines_follow_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    """Of a study without a claim there were two pairs of them."""
    view = decide_view.DecideView()
    view._say("a", "", "\nb", "")
    view._say("", "c", "", *[], "")
    view._say("", "next")
    assert capsys.readouterr().out == "a\n\nb\n\nc\n\nnext\n"
