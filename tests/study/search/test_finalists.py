"""The answer of a search is a study of its best."""

from __future__ import annotations

import dataclasses
from typing import Any

from study.search import finalists
from study.spec.point import Point
from study.spec.study import Study
from study.storage.search_events import Proposal
from tests.study.execution.test_search_driver import study


def whole(n: int, value: float, **point: Any) -> Proposal:
    return Proposal(n, Point.from_json(point), "tpe", 3, "whole", {"val_accuracy": [0.1, 0.2, value]})


def test_the_answer_is_a_study_with_the_best_first_and_a_claim() -> None:
    low, high = whole(4, 0.7, optimizer="sgd", lr=0.1, momentum=0.5), whole(2, 0.8, optimizer="adam", lr=0.01)
    made = finalists.answer_study(study(within="optimizer"), [("sgd", low), ("adam", high)])
    assert made.name == "s.answer" and [a.name for a in made.arms] == ["adam", "sgd"] and made.baseline == "adam"
    assert made.config("sgd").momentum == 0.5 and made.epochs == 3
    assert [c.id for c in made.claims] == ["s-sgd"] and "adam is still ahead of sgd" in made.claims[0].statement
    plain = finalists.answer_study(study(), [("", high), ("", low)])
    assert [a.name for a in plain.arms] == ["winner", "runner-up"]
    assert Study.from_dict(plain.to_dict()) == plain


def test_who_won_a_race_leads_the_answer_its_claims_and_is_its_baseline() -> None:
    by_search, by_race = whole(2, 0.80, optimizer="adam", lr=0.01), whole(4, 0.79, optimizer="sgd", lr=0.1)
    made = finalists.answer_study(study(racing=5, beat=0.7), [("", by_race), ("", by_search)])
    assert [(a.name, a.note) for a in made.arms] == [("winner", "proposal 4"), ("runner-up", "proposal 2")]
    assert made.baseline == "winner"
    level, ahead = (c.statement for c in made.claims)
    assert "winner is above 0.7" in level and "winner is still ahead of runner-up" in ahead


def test_the_claims_of_an_answer_say_themselves_that_they_count_from_its_fresh_seeds_on() -> None:
    chosen = [
        ("", Proposal(n, Point.from_json({"lr": lr}), "tpe", 3, "whole", {"val_accuracy": [0.1, 0.2, 0.8 - n]}))
        for n, lr in enumerate((0.1, 0.2))
    ]
    beats = study(beat=0.5)
    assert [c.from_seed for c in finalists.answer_study(beats, chosen).claims] == [1000, 1000]
    made = finalists.answer_study(beats, chosen)
    old = dataclasses.replace(made, claims=tuple(dataclasses.replace(c, from_seed=0) for c in made.claims))
    assert finalists.answer_study(beats, chosen, kept=[old]) == old, "what a folder has stays the same version"


def test_a_new_answer_counts_from_the_first_seed_that_nobody_has_seen_of_its_arms() -> None:
    """After more trials the former runner-up may be ahead, and its fresh seeds are known."""
    first, second = whole(0, 0.8, lr=0.1), whole(1, 0.7, lr=0.2)
    old = finalists.answer_study(study(beat=0.5), [("", first), ("", second)], seen=lambda _: 1)
    assert {c.from_seed for c in old.claims} == {1000}
    new = finalists.answer_study(study(beat=0.5), [("", second), ("", first)], kept=[old], seen=lambda _: 1004)
    assert {c.from_seed for c in new.claims} == {1005}
    again = finalists.answer_study(study(beat=0.5), [("", first), ("", second)], kept=[old, new], seen=lambda _: 1009)
    assert again == old, "what a folder has stays the same version"
