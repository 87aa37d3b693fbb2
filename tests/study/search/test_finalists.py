"""The answer of a search is a study of its best."""

from __future__ import annotations

import dataclasses
from typing import Any

from study.search import finalists
from study.spec.point import Point
from study.spec.study import Family, Study
from study.storage.search_answer import seeds_of_arms
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
    assert level == "With fresh seeds, the winner has a validation accuracy above 70 %."
    assert ahead == "With fresh seeds, the winner is still ahead of the runner-up in validation accuracy."


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


def test_a_new_claim_of_an_answer_counts_from_the_first_seed_that_nobody_has_seen_of_its_arms() -> None:
    """After more trials the former runner-up may be ahead, and its fresh seeds are known."""
    first, second, third = whole(0, 0.8, lr=0.1), whole(1, 0.7, lr=0.2), whole(2, 0.75, lr=0.3)
    wanted = study(beat=0.5)
    old = finalists.answer_study(wanted, [("", first), ("", second)], seen=lambda _: 1)
    assert [c.from_seed for c in old.claims] == [1000, 1000]
    assert seeds_of_arms(old, (1000, 1001)) == {"s.answer/winner": (1000, 1001), "s.answer/runner-up": (1000, 1001)}
    new = finalists.answer_study(wanted, [("", second), ("", first)], kept=[old], seen=lambda _: 1004)
    assert [c.from_seed for c in new.claims] == [1005, 1005]
    again = finalists.answer_study(wanted, [("", first), ("", second)], kept=[old, new], seen=lambda _: 1009)
    assert again == old, "what a folder has stays the same version"
    ahead = finalists.answer_study(wanted, [("", first), ("", third)], kept=[old], seen=lambda _: 1002)
    assert [(c.id, c.from_seed) for c in ahead.claims] == [("s-beats", 1000), ("s-runner-up", 1003)]
    seeds = seeds_of_arms(ahead, (1003, 1004))
    assert seeds["s.answer/winner"] == (1000, 1001, 1002, 1003, 1004), "no claim of it has a gap"
    assert seeds["s.answer/runner-up"] == (1003, 1004)


def test_an_answer_is_in_the_family_of_its_search_and_stays_in_that_of_its_first_run() -> None:
    chosen = [("", whole(0, 0.8, lr=0.1)), ("", whole(1, 0.7, lr=0.2))]
    own, wide = study(), dataclasses.replace(study(), family=Family(name="mine", places=20))
    assert finalists.answer_study(own, chosen).in_family == Family(name="s.answer", places=5)
    assert finalists.answer_study(wide, chosen).in_family == wide.family
    kept = [finalists.answer_study(own, chosen)]
    assert finalists.answer_study(wide, chosen, kept=kept).in_family == Family(name="s.answer", places=5)


def test_the_family_of_an_answer_has_places_for_two_versions_of_its_claims() -> None:
    """With three values and a level, one change of the winner took the sixth of five places."""
    chosen = [(name, whole(i, 0.8 - i / 10, optimizer=name)) for i, name in enumerate(("adam", "sgd", "rmsprop"))]
    made = finalists.answer_study(study(within="optimizer", beat=0.5), chosen)
    assert len(made.claims) == 3 and made.in_family == Family(name="s.answer", places=10)
    assert Study.from_dict(made.to_dict()).in_family == made.in_family
    before = dataclasses.replace(made, family=None)  # as an earlier version of the package froze it
    again = finalists.answer_study(study(within="optimizer", beat=0.5), chosen, kept=[before])
    assert again.in_family == Family(name="s.answer", places=5), "it never changes"


def test_the_answer_of_a_reduced_search_keeps_what_its_arms_are_in_full() -> None:
    full = dataclasses.replace(study(), epochs=9)
    small = dataclasses.replace(full, epochs=3, reduced=("*",))
    chosen = [("", whole(0, 0.8, lr=0.1)), ("", whole(1, 0.7, lr=0.2))]
    quick = finalists.answer_study(small, chosen, whole=full.shared_knobs)
    answer, seen = finalists.answer_study(full, chosen, kept=[quick], seen=lambda _: 1004), 1005
    assert [c.from_seed for c in answer.claims] == [1000], "the same arms in full"
    other = dataclasses.replace(full, epochs=12)
    assert [c.from_seed for c in finalists.answer_study(other, chosen, kept=[quick], seen=lambda _: 1004).claims] == [
        seen
    ], "it reduces to the same, and is another in full"
