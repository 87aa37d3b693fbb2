"""Successive halving that never waits, by promotion and by stopping."""

from __future__ import annotations

import pytest

from study.search import schedulers
from study.spec.search import Scheduler
from tests.study.search.test_schedulers import FLAT, finished


@pytest.mark.parametrize("order", [list(range(8)), list(range(7, -1, -1))])
def test_ray_like_asha_depends_on_the_order_and_promoting_asha_much_less(order: list[int]) -> None:
    curves = FLAT[:, :2]
    stopping = finished(Scheduler(name="asha-stop", reduction=2), order, curves)
    ascending = order[0] == 0
    kept = sum(e == 2 for e in stopping.values())
    assert kept == (8 if ascending else schedulers.MIN_WHOLE_PROPOSALS)  # descending, the rule alone keeps 1
    promoting = finished(Scheduler(name="asha", reduction=2), order, curves)
    whole = {c for c, e in promoting.items() if e == 2}
    assert {4, 5, 6, 7} <= whole and len(whole) == (7 if ascending else 4)


def test_asha_promotes_a_paused_one_when_later_results_make_it_the_best() -> None:
    policy = schedulers.make_scheduler(Scheduler(name="asha", reduction=2), 4)
    for n, value in enumerate([0.5, 0.9]):
        policy.sent(n, policy.start(n))
        policy.report(n, [value])
    assert policy.ready(False) == (1, 2)
    policy.sent(1, 2)
    assert policy.ready(False) is None
    for n in (2, 3):
        policy.sent(n, 1)
        policy.report(n, [0.1])
    assert policy.ready(False) == (0, 2)  # the second of four now, so in the upper half


def test_brackets_of_asha_begin_at_later_rungs_in_turn() -> None:
    policy = schedulers.make_scheduler(Scheduler(name="asha", brackets=2), 9)
    assert [policy.start(n) for n in range(4)] == [1, 3, 1, 3]
