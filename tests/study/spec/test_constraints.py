"""Constraints on a space: what breaks one is refused."""

from __future__ import annotations

import pytest

from study.spec.constraints import Constraint
from tests.study.search.made_up import go, search
from trainables.config.errors import StudyError


def test_what_breaks_a_constraint_is_refused_and_not_counted() -> None:
    wanted = search(constraints=(Constraint(left="batch_size", op="<=", right=16),), trials=12)
    controller, events = go(wanted)
    assert len(controller.proposals) == 12 and all(p.point["batch_size"] <= 16 for p in controller.proposals)
    assert sum(e.kind == "refused" for e in events) == controller.refused > 0


def test_a_searcher_that_finds_nothing_allowed_says_so() -> None:
    wanted = search(constraints=(Constraint(left="batch_size", op="<=", right=1),))
    with pytest.raises(StudyError, match="breaks batch_size <= 1"):
        go(wanted)
