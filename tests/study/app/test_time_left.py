"""Time left, by a clock of the test's own: what was measured counts in its share, every trial by its worker's pace."""

from __future__ import annotations

import pytest

from study.app.board import Board
from study.app.time_left import time_left
from study.app.trial_state import TrialState
from tests.study.app.test_live_view import CHECKSUM, plan_of


def trial(arm: str, seed: int, expected: float = 1.0, epochs: int = 10, **more: object) -> TrialState:
    return TrialState(f"{arm}-{seed}", f"s/{arm}, seed {seed}", seed, epochs, expected, **more)  # type: ignore[arg-type]


def test_before_anything_is_measured_nothing_is_promised_unless_the_plan_knows() -> None:
    trials = [trial("a", s) for s in range(4)]
    assert time_left(trials, 2, 0.0) is None
    assert time_left(trials, 2, 0.0, measured=True) == pytest.approx(20.0)


def test_what_is_short_says_little_of_what_is_long() -> None:
    """A small network takes ten times what was expected, 0.01 s; a large one takes just that, 10 s."""
    small = trial("small", 0, expected=0.01, epoch_seconds=0.1, status="finished", reported=10)
    large = trial("large", 0, expected=10.0, epoch_seconds=10.0, status="finished", reported=10)
    left = time_left([small, large, trial("other", 0, expected=10.0)], 1, 0.0)
    assert left == pytest.approx(100.0, rel=0.02), "and not 550 s"


def test_a_trial_takes_the_pace_of_its_arm() -> None:
    done = trial("a", 0, epoch_seconds=3.0, status="finished", reported=10)
    assert time_left([done, trial("a", 1)], 1, 0.0) == pytest.approx(30.0)


def test_what_a_trial_takes_beside_its_epochs_counts() -> None:
    """Trials of 0.1 s that take half a second to be handed over: a tenth of the time was promised."""
    done = [trial("a", s, epoch_seconds=0.01, status="finished", reported=10, overhead_seconds=0.5) for s in range(3)]
    assert time_left([*done, *(trial("a", s) for s in range(3, 13))], 2, 0.0) == pytest.approx(5 * 0.6)


def test_one_under_way_has_what_is_left_of_it_and_a_clock_between_epochs() -> None:
    running = trial("a", 0, epoch_seconds=4.0, status="running", reported=7, last_report=100.0)
    assert time_left([running], 2, 103.0) == pytest.approx(9.0)
    assert time_left([running], 2, 90.0) == pytest.approx(12.0), "a clock that goes back adds nothing"


def test_an_epoch_that_is_overdue_leaves_all_that_comes_after_it() -> None:
    """It was taken for done, and the next ones too: "0 s left" with seven epochs to go."""
    running = trial("a", 0, epoch_seconds=4.0, status="running", reported=3, last_report=100.0)
    said = [time_left([running], 2, 100.0 + gone) or 0.0 for gone in (0.0, 4.0, 5.0, 9.0, 17.0, 65.0)]
    assert said[:2] == [pytest.approx(28.0), pytest.approx(24.0)]
    assert all(left >= 6 * 4.0 - 1.0 for left in said), "six epochs come after the one under way"
    assert said[3:] == sorted(said[3:]), "the longer it takes, the longer the others take"
    assert said[-1] == pytest.approx(6 * (3 * 4 + 64) / 4 + 6.4)
    last = trial("a", 0, epoch_seconds=4.0, status="running", reported=9, last_report=100.0)
    assert all((time_left([last], 2, 100.0 + gone) or 0.0) > 0.3 for gone in (3.9, 4.0, 5.0, 60.0)), "it is not over"


def test_a_worker_that_starts_has_its_whole_trial_before_it() -> None:
    """Ray and PyTorch take seconds, in which no epoch is trained."""
    running = trial("a", 0, expected=0.2, status="running", last_report=100.0)
    said = [time_left([running], 2, 100.0 + gone, measured=True) or 0.0 for gone in (0.0, 2.0, 5.0, 6.6)]
    assert all(left >= 9 * 0.2 - 1.0 for left in said)


def test_cheap_epochs_between_two_reports_are_behind_it() -> None:
    running = trial("a", 0, epochs=100, epoch_seconds=0.05, status="running", reported=20, last_report=100.0)
    assert time_left([running], 2, 100.9) == pytest.approx(80 * 0.05 - 0.9)


def simulated(
    cores: int, trials: int, epochs: int, pace: float, beside: float, start: float
) -> list[tuple[float, float]]:
    """(promised, real) seconds left of a run played through by a clock of its own, at each report."""
    board = Board(plan_of(seeds=trials // 2, epochs=epochs), CHECKSUM, cores)
    ends, promised, queue = [start] * cores, [], list(board.missing)
    heard: list[tuple[float, str, TrialState, int]] = []
    for t in queue:
        core = ends.index(min(ends))
        heard.append((ends[core] - (start if ends[core] == start else 0), "began", t, 0))
        heard += [(ends[core] + beside / 2 + pace * e, "report", t, e) for e in range(1, epochs + 1)]
        ends[core] += beside + pace * epochs
        heard.append((ends[core], "end", t, 0))
    for now, what, t, epoch in sorted(heard, key=lambda h: h[0]):
        if what == "began":
            board.began(t, now)
        elif what == "report":
            board.report(t, epoch, (0.5, 0.6), now, now, pace)
            promised.append((board.seconds_left(now) or 0.0, max(ends) - now))
        else:
            board.end(t, "finished", now, now)
    return promised


@pytest.mark.parametrize(("pace", "beside", "cores"), [(0.02, 0.4, 2), (4.0, 0.5, 2), (0.5, 0.1, 1), (0.5, 0.1, 8)])
def test_a_run_played_through_is_promised_within_a_fifth(pace: float, beside: float, cores: int) -> None:
    """From the time on at which each worker's second trial is over."""
    said = simulated(cores, 40, 10, pace, beside, start=4.0)
    late = [(promised, real) for promised, real in said[len(said) // 2 :] if real > 1.0]
    assert late and all(abs(promised - real) < 0.2 * real + 2 * (pace + beside) for promised, real in late)
