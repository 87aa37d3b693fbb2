"""Constraints on a space: what breaks one is refused."""

from __future__ import annotations

import pytest

from study.spec.constraints import Constraint
from study.spec.domains import Int
from study.spec.point import Point, SharedKnobs
from study.spec.search import Search
from tests.study.search.made_up import go, search
from tests.synthetic import FASHION
from trainables.config.errors import StudyError


def test_what_breaks_a_constraint_is_refused_and_not_counted() -> None:
    wanted = search(constraints=(Constraint(left="batch_size", op="<=", right=16),), trials=12)
    controller, events = go(wanted)
    assert len(controller.proposals) == 12 and all(p.point["batch_size"] <= 16 for p in controller.proposals)
    assert sum(e.kind == "refused" for e in events) == controller.refused > 0


@pytest.mark.parametrize(("base", "most"), [({}, 60_000), ({"train_images": 1000}, 1000), ({"held_out": 0.5}, 30_000)])
def test_a_batch_is_held_against_the_training_images_that_there_are(base: dict[str, float], most: int) -> None:
    """`train_images` was "not a number" whatever the base said: every such search was refused."""
    within = Constraint(left="batch_size", op="<=", right="train_images")
    domain = Int(low=1, high=100_000)
    wanted = Search(space={"batch_size": domain}, trials=4, searcher="random", constraints=(within,))
    shared = SharedKnobs.of(2, Point.from_json(base))
    wanted.check(shared, FASHION)
    assert not wanted.fault(Point.from_json({"batch_size": most}), shared, FASHION)
    assert "breaks batch_size <= train_images" in wanted.fault(
        Point.from_json({"batch_size": most + 1}), shared, FASHION
    )


def test_a_searcher_that_finds_nothing_allowed_says_so() -> None:
    wanted = search(constraints=(Constraint(left="batch_size", op="<=", right=1),))
    with pytest.raises(StudyError, match="breaks batch_size <= 1"):
        go(wanted)
