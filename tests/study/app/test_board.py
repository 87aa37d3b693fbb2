"""The state of a run that the views show: means, changes and the time left."""

from __future__ import annotations

import pytest

from study.app.board import Board, mean_trend
from study.app.pace import Pace
from study.planning.cost import TRIAL_SECONDS
from study.planning.plan import Plan, plan_trials
from study.planning.protocol import Protocol
from study.spec.study import Arm, Study
from study.storage.trials import TrialOnRecord
from tests.study.app.test_live_view import CHECKSUM, plan_of, trained
from tests.synthetic import FASHION


def test_a_workers_own_seconds_are_the_pace_from_the_first_report_on() -> None:
    board = Board(plan_of(epochs=10), CHECKSUM, 2)
    first, second, third = board.missing[:3]
    for t in (first, second):
        board.began(t, 0.0)
        board.report(t, 1, (0.5, 0.6), 5.0, 5.0, 2.0)
    assert first.epoch_seconds == 2.0 and board.seconds_left(5.0) == pytest.approx(2 * 9 + 3 * 20.0)
    board.report(first, 2, (0.5, 0.6), 7.0, 7.0, 4.0)
    assert first.epoch_seconds == pytest.approx(3.0), "their mean"
    board.report(first, 10, (0.5, 0.6), 30.0, 30.0)
    board.end(first, "finished", 30.0, 30.0)
    assert first.overhead_seconds is None, "the first of a worker starts it, which happens once"
    board.began(third, 30.0)
    board.report(third, 10, (0.5, 0.6), 52.0, 52.0, 2.0)
    board.end(third, "finished", 52.0, 53.0)
    assert third.overhead_seconds is not None and third.overhead_seconds >= 3.0


def test_a_trial_that_begins_anew_has_no_more_epochs_than_it_says() -> None:
    """More epochs are asked for than are on record, and no checkpoint was kept: it begins at the first."""
    board = Board(plan_of(("none",), seeds=1, epochs=150), CHECKSUM, 1)
    (trial,) = board.missing
    board.fill((trial.id, epoch, 0.5, 0.6) for epoch in range(1, 101))
    assert trial.done == 0 and board.epochs == (0, 150)
    board.began(trial, 0.0)
    for epoch in (1, 2):
        board.report(trial, epoch, (0.5, 0.6), 2.0 * epoch, 2.0 * epoch, 2.0)
    assert trial.done == 2 and board.epochs == (2, 150)
    assert board.seconds_left(4.0) == pytest.approx(2.0 * 148)


def test_trials_that_begin_anew_have_all_of_their_time_before_them() -> None:
    """Five seeds of 100 epochs are on record, 150 are asked for: a third of the time was promised."""
    there = {t.id: TrialOnRecord(100, "finished") for t in plan_of(("none",), seeds=5).trials}
    plan = plan_of(("none",), seeds=5, epochs=150, on_record=there)
    board = Board(plan, CHECKSUM, 1, Pace(1.0))
    board.fill((i, epoch, 0.8, 0.9) for i in there for epoch in range(1, 101))
    expected = plan.seconds_to_train - 5 * TRIAL_SECONDS
    assert board.epochs == (0, 750) and board.seconds_left(0.0) == pytest.approx(expected)
    board.report(board.missing[0], 1, (0.3, 0.3), 2.0, 2.0, 2.0)
    (row,) = board.rows()
    assert board.epochs == (1, 750) and board.seconds_left(2.0) == pytest.approx(2.0 * 749)
    assert (row.done, row.epoch) == (0, "1/150") and row.accuracy is not None
    assert row.accuracy.value == pytest.approx(30.0), "after the epoch that is shown"


def test_a_trial_that_goes_on_from_a_checkpoint_begins_there() -> None:
    there = {t.id: TrialOnRecord(100, "finished") for t in plan_of(("none",), seeds=2).trials}
    board = Board(plan_of(("none",), seeds=2, epochs=150, on_record=there), CHECKSUM, 1)
    board.fill((i, epoch, 0.8, 0.9) for i in there for epoch in range(1, 101))
    board.go_on_from({board.missing[0].id: 100})
    assert board.epochs == (100, 300)
    for i, trial in enumerate(board.missing):
        board.report(trial, 101 - 100 * i, (0.5, 0.5), 2.0, 2.0, 2.0)
    assert board.epochs == (102, 300)


def test_an_arm_that_is_trained_again_for_a_metric_is_done_when_its_seeds_are() -> None:
    """It was called done before the run, so that a log never had its line."""
    plan = plan_of(("none",), seeds=2)
    board = Board(plan, CHECKSUM, 1)
    board.fill((t.id, epoch, 0.8, 0.9) for t in plan.trials for epoch in range(1, 4))
    assert (board.rows()[0].done, board.rows()[0].epoch) == (0, "")
    for trial in board.missing:
        for epoch in (1, 2, 3):
            board.report(trial, epoch, (0.5, 0.6), 2.0 * epoch, 2.0 * epoch, 2.0)
        board.end(trial, "finished", 9.0)
    (row,) = board.rows()
    assert (row.done, row.epoch) == (2, "done") and row.accuracy is not None and row.accuracy.value == 50.0


def test_on_a_busy_machine_the_clock_is_the_pace() -> None:
    """Workers say the seconds of their processor: a quarter of the clock's where four processes share a core."""
    board = Board(plan_of(seeds=1, epochs=10), CHECKSUM, 1)
    first, other = board.missing
    board.began(first, 0.0)
    for epoch in range(1, 6):
        board.report(first, epoch, (0.5, 0.6), 4.0 * epoch, 4.0 * epoch, 1.0)
    assert first.epoch_seconds == pytest.approx(4.0)
    as_long = other.expected_epoch_seconds / first.expected_epoch_seconds
    assert board.seconds_left(20.0) == pytest.approx(4.0 * 5 + 4.0 * 10 * as_long)


def test_a_machine_that_was_busy_is_counted_on_until_trials_tell_their_own_clock() -> None:
    """Both, and never the one on top of the other."""
    plan, busy = plan_of(seeds=1, epochs=10), Pace(1.0, clock_factor=4.0)
    idle_plan, busy_plan = (Board(plan, CHECKSUM, 1, p).seconds_left(0.0) or 0.0 for p in (Pace(1.0), busy))
    assert busy_plan == pytest.approx(4.0 * idle_plan)
    for seconds in (1.0, 4.0):  # of the clock each epoch takes: idle now, as busy as before
        board = Board(plan, CHECKSUM, 1, busy)
        first, other = board.missing
        board.began(first, 0.0)
        board.report(first, 1, (0.5, 0.6), seconds + 0.2, 1.0, 1.0)
        assert first.epoch_seconds == pytest.approx(min(seconds + 0.2, 4.0)), "it had no more since it began"
        board.report(first, 2, (0.5, 0.6), 2 * seconds + 0.2, 1.0, 1.0)
        assert first.epoch_seconds == pytest.approx(seconds)
        as_long = other.expected_epoch_seconds / first.expected_epoch_seconds
        assert board.seconds_left(2 * seconds + 0.2) == pytest.approx(seconds * (8 + 10 * as_long))


def test_trials_that_end_with_their_first_report_tell_the_clock_too() -> None:
    """Of tiny ones no two reports are apart: on an idle machine they would have stayed four times as long."""
    board = Board(plan_of(seeds=4, epochs=10), CHECKSUM, 1, Pace(1.0, clock_factor=4.0))
    for k, trial in enumerate(board.missing[:6]):
        board.began(trial, 2.0 * k)
        board.report(trial, 10, (0.5, 0.6), 2.0 * k + 1.5, 1.0, 0.1)
        board.end(trial, "finished", 1.0, 2.0 * k + 2.0)
    assert board.seconds_left(12.0) == pytest.approx(2 * 2.0)


def test_a_trend_of_many_epochs_begins_at_the_first() -> None:
    curve = {e: (0.1 if e == 1 else 0.9, 0.95) for e in range(1, 601)}
    trend = mean_trend([curve], 600)
    assert len(trend) == 120 and trend[0] == 0.1 and trend[-1] == 0.9
    assert mean_trend([{1: (0.1, 0.2), 2: (0.3, 0.4)}], 2) == (0.1, 0.3) and mean_trend([], 2) == ()


def _of_two_splits() -> Plan:
    of_a_split = (Arm(name="other", change={"split_seed": 1}), Arm(name="wide", change={"hidden": (9,)}))
    study = Study(
        name="s", title="t", question="q", knobs=("split_seed", "hidden"), epochs=1, base={"held_out": 0.1},
        arms=(Arm(name="none"), *of_a_split),
    )  # fmt: skip
    return plan_trials([study], Protocol((0, 1, 2)), CHECKSUM, {}, FASHION)


@pytest.mark.parametrize("over", [True, False])
def test_an_arm_of_another_split_has_no_change(over: bool) -> None:
    """Splits share images, so the page has no change there; the screen and the end of the run had one."""
    board = Board(_of_two_splits(), CHECKSUM, 2)
    for arm, accuracy in (("none", 0.5), ("other", 0.6), ("wide", 0.7)):
        for seed in range(3):
            trained(board, arm, seed, [accuracy], over=over)
    _, other, wide = board.rows()
    assert other.accuracy is not None and other.change is None and other.gap_change is None
    assert wide.change is not None and wide.change.value == pytest.approx(20.0)


def test_a_trial_that_diverged_in_its_last_epoch_has_no_number_to_show() -> None:
    """Its accuracy may be finite there: it was shown as that of a finished seed."""
    board = Board(plan_of(seeds=2), CHECKSUM, 2)
    for seed in range(2):
        trained(board, "none", seed, [0.5, 0.6, 0.7])
        trained(board, "dropout", seed, [0.5, 0.6, 0.09], over=False)
        board.end(next(t for t in board.trials.values() if t.label == f"s/dropout, seed {seed}"), "diverged", 10.0)
    row = board.rows()[1]
    assert (row.accuracy, row.gap, row.change, row.mean_of, row.note) == (None, None, None, 0, "2 diverged")


def test_a_trial_that_diverged_later_is_whole_for_a_shorter_arm() -> None:
    """An arm takes the first epochs of a longer trial, and so does the page."""
    plan = plan_of(("none",), seeds=1, epochs=2)
    (trial,) = plan.trials
    board = Board(plan_of(("none",), 1, 2, {trial.id: TrialOnRecord(5, "diverged")}), CHECKSUM, 1)
    board.fill([(trial.id, 1, 0.5, 0.6), (trial.id, 2, 0.7, 0.8)])
    (row,) = board.rows()
    assert row.accuracy is not None and row.accuracy.value == pytest.approx(70.0) and row.note == ""


def test_one_epoch_is_one_epoch() -> None:
    board = Board(plan_of(("none",), seeds=3, epochs=1), CHECKSUM, 2)
    for seed in range(3):
        trained(board, "none", seed, [0.5])
    assert board.caption().startswith("after 1 epoch, ")
