"""What a person sees while seeds are bought."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from study.app import decide_view
from study.app.decide_seeds import DecideRequest


def test_a_claim_that_stays_open_is_told_in_the_words_of_a_runs_end() -> None:
    def said(word: str) -> list[str]:
        verdict: Any = SimpleNamespace(verdict=word, study="s", id="lr-3", short="Two seeds.")
        now: Any = SimpleNamespace(claims=())
        return decide_view.open_lines(verdict, now, DecideRequest(("s",)), 6)

    assert said("not-enough-seeds") == ["? not enough seeds  lr-3    Two seeds."]
    assert said("missing") == ["! missing  lr-3    Two seeds."] and said("open") == ["? open     lr-3    Two seeds."]
