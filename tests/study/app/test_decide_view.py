"""What a person sees while seeds are bought."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from analysis.claims.sentences import wider_words
from study.app import decide_view
from study.app.decide_seeds import DecideRequest
from study.app.seed_offers import OpenClaim
from study.spec.claims import Contrast
from tests.analysis.claims.small_study import q, verdict


def test_a_claim_that_stays_open_is_told_in_the_words_of_a_runs_end() -> None:
    def said(word: str) -> list[str]:
        verdict: Any = SimpleNamespace(verdict=word, study="s", id="lr-3", short="Two seeds.")
        now: Any = SimpleNamespace(claims=())
        return decide_view.open_lines(verdict, now, DecideRequest(("s",)), 6)

    assert said("not-enough-seeds") == ["? not enough seeds  lr-3    Two seeds."]
    assert said("missing") == ["! missing  lr-3    Two seeds."] and said("open") == ["? open     lr-3    Two seeds."]


def test_of_an_open_claim_the_interval_that_decides_is_told_where_the_95_percent_one_misleads() -> None:
    found = verdict(Contrast(a=q("b"), b=q("a"), low=0.0), noise=0.016)
    claim = OpenClaim("small", "x", ("small/a", "small/b"), 0, 5, found.need)
    now: Any = SimpleNamespace(claims=(claim,), seconds_to_decide=lambda _: None)
    said = " ".join(" ".join(decide_view.open_lines(found, now, DecideRequest(("small",)), 1)).split())
    assert found.verdict == "open" and wider_words(found), "its 95 % interval leaves 0 out"
    assert f"{found.part.finding}{wider_words(found)} It would need " in said
