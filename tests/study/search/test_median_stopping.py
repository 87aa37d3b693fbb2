"""The median rule."""

from __future__ import annotations

from study.spec.search import Scheduler
from tests.study.search.test_schedulers import finished


def test_median_stops_what_is_below_the_median_of_means() -> None:
    reached = finished(Scheduler(name="median", grace=3), [7, 6, 5, 4, 3, 2, 1, 0])
    assert [reached[c] for c in (7, 6, 5)] == [9, 9, 9]  # the first three have nobody to be compared with
    assert all(reached[c] == 3 for c in (3, 2, 1, 0))
