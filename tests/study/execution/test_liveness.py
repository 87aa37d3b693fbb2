"""Who is late, and who is merely slow."""

from __future__ import annotations

from study.execution.liveness import HANG_FACTOR, LivenessMonitor


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def make(floor: float = 10.0) -> tuple[LivenessMonitor[int], Clock]:
    clock = Clock()
    return LivenessMonitor(lambda job: job % 2, lambda job: 1.0 if job < 10 else 8.0, floor, clock), clock


def test_a_job_without_a_sign_is_late_once_and_says_why() -> None:
    watch, clock = make()
    watch.begin(0)
    watch.report(0, 0.1)
    clock.now = 9.0
    assert watch.overdue() == []
    clock.now = 19.1
    assert watch.overdue() == [0] and watch.overdue() == []
    assert "it hung" in watch.hung[0]
    watch.begin(0)
    clock.now = 30.0
    assert watch.overdue() == []


def test_the_limit_follows_the_measured_pace_of_the_same_configuration_then_of_others() -> None:
    watch, _ = make()
    watch.begin(0)
    watch.report(0, 4.0)
    watch.begin(2)
    watch.begin(11)
    assert watch.limit(0) == HANG_FACTOR * 4.0
    assert watch.limit(2) == 4 * HANG_FACTOR * 4.0, "same configuration, but not a sign yet"
    assert watch.limit(11) == 4 * HANG_FACTOR * 8.0 * 4.0, "another configuration, as much slower than expected"


def test_jobs_may_begin_and_end_while_it_is_asked_who_is_late() -> None:
    """The executor in this process asks from a thread of its own."""
    watch, clock = make()
    watch.begin(0)
    watch.begin(1)
    clock.now = 1000.0
    real = watch.limit

    def limit(job: int) -> float:
        watch.over(0)
        watch.begin(7)
        return real(job)

    watch.limit = limit  # type: ignore[method-assign]
    assert watch.overdue() == [0, 1] and 7 in watch.running and 0 not in watch.running


def test_a_job_that_hung_once_and_failed_otherwise_later_is_not_said_to_hang() -> None:
    watch, clock = make()
    watch.begin(1)
    clock.now = 1e6
    assert watch.overdue() == [1] and 1 in watch.hung
    watch.begin(1)
    assert 1 not in watch.hung
