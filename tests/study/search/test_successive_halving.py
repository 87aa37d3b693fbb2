"""Successive halving and Hyperband, in rounds."""

from __future__ import annotations

from study.search import schedulers
from study.spec.search import Scheduler
from tests.study.search.test_schedulers import finished


def test_halving_after_one_epoch_continues_the_best_k() -> None:
    reached = finished(Scheduler(name="halving", keep=2), [3, 7, 1, 0, 6, 2, 5, 4])
    assert {c for c, e in reached.items() if e == 9} == {6, 7}
    assert all(e == 1 for c, e in reached.items() if c < 6)


def test_halving_by_a_third_in_rounds() -> None:
    reached = finished(Scheduler(name="halving", reduction=2, grace=1), list(range(8)))
    assert sorted(reached.values()) == [1, 1, 1, 1, 2, 2, 9, 9]  # 8 at 1, 4 at 2, 2 at 4 and 8, and the last two to 9


def test_hyperband_takes_its_brackets_in_turn() -> None:
    policy = schedulers.make_scheduler(Scheduler(name="hyperband", reduction=3), 9)
    assert [policy.start(n) for n in range(18)] == [1] * 9 + [3] * 5 + [9] * 3 + [1]


def test_hyperband_keeps_one_in_reduction() -> None:
    reached = finished(Scheduler(name="hyperband", reduction=2), list(range(8)))
    assert sorted(reached.values()) == [1, 1, 1, 1, 2, 2, 9, 9]
