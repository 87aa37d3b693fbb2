"""The live view, from reports to lines: numbers, comparisons in pairs, time left, and that it fits the window."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping, Sequence
from math import nan
from types import MappingProxyType

import pytest

from analysis.statistics.estimates import Estimate
from analysis.text.columns import column_texts
from analysis.text.numbers import DECIMALS_OF_PERCENT
from study.app.board import Board
from study.app.live_view import ASCII, UNICODE, _state, arms_table, measure_texts, render
from study.app.snapshot import ACCURACY_PERCENT, ArmRow, Measure, RunningTrial, Snapshot
from study.planning.plan import Plan, plan_trials
from study.planning.protocol import Protocol
from study.spec.study import Arm, Study
from study.storage.trials import TrialOnRecord
from tests.synthetic import FASHION

CHECKSUM = "c" * 32


def plan_of(
    arms: Sequence[str] = ("none", "dropout"),
    seeds: int = 4,
    epochs: int = 3,
    on_record: Mapping[str, TrialOnRecord] = MappingProxyType({}),
) -> Plan:
    changes = [{"dropout_hidden": 0.02 * i} for i in range(len(arms))]
    study = Study(
        name="s", title="t", question="Does it help?", knobs=("dropout_hidden",), epochs=epochs,
        arms=tuple(Arm(name=n, change=c) for n, c in zip(arms, changes, strict=True)),
    )  # fmt: skip
    return plan_trials([study], Protocol(tuple(range(seeds))), CHECKSUM, on_record, FASHION)


def trained(board: Board, arm: str, seed: int, accuracies: Sequence[float], *, over: bool = True) -> None:
    trial = next(t for t in board.trials.values() if t.label == f"s/{arm}, seed {seed}")
    for epoch, accuracy in enumerate(accuracies, 1):
        board.report(trial, epoch, (accuracy, accuracy + 0.05), 2.0 * epoch, 2.0 * epoch)
    if over:
        board.end(trial, "finished", 10.0)


def snapshot(board: Board, **changes: object) -> Snapshot:
    values = {
        "title": "s", "began": 0.0, "now": 402.0, "epochs": board.epochs, "trials": (0, 8), "failed": 0, "diverged": 0,
        "left": board.seconds_left(10.0), "phase": "", "rows": board.rows(), "caption": board.caption(),
        "running": board.running(10.0), "events": tuple(board.events), "machine": "2 of 2 cores busy",
    }  # fmt: skip
    return Snapshot(**{**values, **changes})  # type: ignore[arg-type]


@pytest.fixture
def board() -> Board:
    made = Board(plan_of(), CHECKSUM, 2)
    for seed in range(3):
        trained(made, "none", seed, [0.7, 0.8, 0.880 + 0.01 * seed])
        trained(made, "dropout", seed, [0.7, 0.8, 0.870 + 0.01 * seed])
    trained(made, "none", 3, [0.7, 0.8], over=False)
    return made


@pytest.mark.parametrize(
    ("seconds", "usual", "says"),
    [
        (1.2, 1.9, "epoch 3 of 3, 1.2 of about 1.9 s"),
        (4.0, 1.9, "epoch 3 of 3, 4.0, usually 1.9 s"),
        (0.3, 0.4, "epoch 3 of 3"),
        (2.0, None, "epoch 3 of 3"),
    ],
)
def test_an_epoch_that_takes_longer_than_usual_is_said_to(
    board: Board, seconds: float, usual: float | None, says: str
) -> None:
    running = RunningTrial("s/none, seed 3", 2, 3, seconds, usual)
    (line,) = [x for x in render(snapshot(board, running=(running,)), 100) if x.startswith("now")]
    assert line.endswith(f"  {says}")


def test_an_interval_from_three_seeds_on_and_a_change_in_pairs(board: Board) -> None:
    none, dropout = board.rows()
    assert none.accuracy is not None and none.accuracy.value == pytest.approx(89.0)
    assert none.accuracy.half == pytest.approx(2.484, abs=0.001), "Student's t, two degrees of freedom, spread 1"
    assert (none.done, none.seeds, none.epoch, none.baseline) == (3, 4, "2/3", True)
    assert dropout.change is not None and dropout.change.value == pytest.approx(-1.0)
    assert dropout.change.half == pytest.approx(0.0, abs=1e-9), "in pairs: each seed falls by the same"
    assert dropout.epoch == "", "it waits"


def test_what_trains_now_is_named_as_wide_as_the_window_allows(board: Board) -> None:
    """At 200 columns it was cut to 32 letters."""
    label = "lr 0.016, optimizer sgd, momentum 0.53, hidden 1133 + 1135"
    shown = snapshot(board, running=(RunningTrial(label, 2, 9, 0.1), RunningTrial("lr 0.1", 10, 12, 0.1)))
    lines = render(shown, 200)
    at = next(i for i, line in enumerate(lines) if line.startswith("now"))
    assert lines[at] == f"now     {label}  epoch 3 of 9"
    assert lines[at + 1].index("epoch") == lines[at].index("epoch")
    (narrow,) = [line for line in render(shown, 70) if line.startswith("now")]
    assert narrow.endswith("epoch 3 of 9") and "~" in narrow and 68 <= len(narrow) <= 70


def test_two_seeds_have_no_interval_and_one_that_trains_is_marked() -> None:
    board = Board(plan_of(), CHECKSUM, 2)
    trained(board, "none", 0, [0.5, 0.6], over=False)
    trained(board, "dropout", 0, [0.4], over=False)
    none, dropout = board.rows()
    assert none.accuracy is not None and none.accuracy.training and none.accuracy.half is None
    assert dropout.change is not None and dropout.change.value == pytest.approx(-10.0), "at an epoch that both have"
    assert "~60.0" in arms_table(board.rows(), 80, UNICODE)[1]
    trained(board, "none", 0, [0.5, 0.6, 0.7])
    trained(board, "none", 1, [0.5, 0.6, 0.8])
    accuracy = board.rows()[0].accuracy
    assert accuracy is not None and accuracy.half is None and accuracy.value == pytest.approx(75.0)


def test_a_diverged_seed_is_counted_and_kept_out_of_the_mean(board: Board) -> None:
    trained(board, "dropout", 3, [0.3], over=False)
    board.end(next(t for t in board.trials.values() if t.label == "s/dropout, seed 3"), "diverged", 11.0)
    row = board.rows()[1]
    assert row.done == 4 and row.note == "1 diverged" and row.accuracy is not None
    assert row.accuracy.value == pytest.approx(88.0)
    assert row.mean_of == row.done - 1 and row.change is None, "nor is it compared, as on the page"
    (line,) = (text for text in arms_table(board.rows(), 80, UNICODE, final=True) if text.startswith("dropout"))
    assert f"{row.mean_of} of {row.seeds}" in line


def test_time_left_is_what_is_to_be_done_at_the_pace_that_was_measured(board: Board) -> None:
    """One trial has an epoch left, one has not begun; an epoch takes 2 s; two cores."""
    assert board.seconds_left(4.0) == pytest.approx(3 * 2.0, rel=0.2)
    assert Board(plan_of(), CHECKSUM, 2).seconds_left(4.0) is None, "not known before anything was measured"


def test_seeds_run_side_by_side_among_trials_of_about_equal_length() -> None:
    plan = plan_of(seeds=3)
    assert [t.config.seed for t in plan.missing] == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize("width", [60, 80, 120, 200])
@pytest.mark.parametrize("letters", [UNICODE, ASCII])
def test_the_view_fits_the_window(board: Board, width: int, letters: object) -> None:
    lines = render(snapshot(board), width, 24, letters)  # type: ignore[arg-type]
    assert max(map(len, lines)) <= width and len(lines) <= 24
    assert any("none" in line and "89" in line for line in lines)
    assert letters is UNICODE or all(line.isascii() for line in lines)
    assert ("training, %" in "\n".join(lines)) == (width >= 120)


def test_the_minus_of_an_event_is_a_true_one_where_the_terminal_has_it(board: Board) -> None:
    shown = snapshot(board, events=((19.0, "units-5, seed 9 done: 78.6 %, gap -0.6"),))
    said = ["\n".join(render(shown, 100, 24, letters)) for letters in (UNICODE, ASCII)]
    assert "gap \u22120.6" in said[0] and "gap -0.6" in said[1]


def test_the_trend_leaves_before_the_change_and_the_legend_with_the_change(board: Board) -> None:
    rows = tuple(
        dataclasses.replace(r, study=study, arm=f"{r.arm}-of-it", baseline=r.arm == "none")
        for study in ("dropout", "regularization")
        for r in board.rows()
    )
    shown = {width: render(snapshot(board, rows=rows), width, 24) for width in (60, 80)}
    for width, lines in shown.items():
        head, text = next(one for one in lines if "accuracy, %" in one), "\n".join(lines)
        assert ("change in pairs" in text or "change of accuracy" in text) == ("change" in head), (width, text)
    head = next(line for line in shown[80] if "accuracy, %" in line)
    assert "trend" not in head and head.split()[-1] == "change", head


def test_the_trend_gets_narrower_before_it_leaves() -> None:
    """It vanished at 80 columns, in the middle of a run, when an interval reached beyond 100 %."""
    rows = [
        ArmRow("s", "units-5", 5, 3, "11/20", accuracy=Measure(83.5, half), gap=Measure(0.3, 7.0),
               change=Measure(-13.8, 21.5), trend=(0.1, 0.4, 0.8))
        for half in (12.0, 19.5)
    ]  # fmt: skip
    for shown, letters in ((rows[:1], 12), (rows, 5)):
        head, first, *_ = lines = arms_table(shown, 80, UNICODE)
        assert max(map(len, lines)) <= 80 and f"  {'trend':{letters}s}  gap, points  change" in head
        assert first[head.index("trend") :].startswith(f"{'▁▄█':{letters}s}  0.3 ± 7.0")


def test_thirty_arms_fold_and_those_under_way_stay() -> None:
    board = Board(plan_of([f"a-{i}" for i in range(30)], seeds=1), CHECKSUM, 2)
    for i in range(28):
        trained(board, f"a-{i}", 0, [0.5, 0.6, 0.7])
    trained(board, "a-29", 0, [0.5], over=False)
    lines = render(snapshot(board), 80, 24)
    assert len(lines) <= 24 and any(line.startswith("a-29") for line in lines)
    assert any(re.fullmatch(r"\d+ more arms: \d+ finished, 1 waiting", line) for line in lines)


@pytest.mark.parametrize("height", [14, 18, 24, 50])
def test_of_arms_that_do_not_fit_the_running_stay_then_the_finished_and_a_line_counts_the_others(height: int) -> None:
    """Waiting arms that stand first in the file hid finished ones, and the line did not count them."""
    names = [f"{kind}-{i}" for i in range(10) for kind in ("waits", "ended", "runs")]
    board = Board(plan_of(names, seeds=1), CHECKSUM, 2)
    for i in range(10):
        trained(board, f"ended-{i}", 0, [0.5, 0.6, 0.7])
    for i in range(2, 4):
        trained(board, f"runs-{i}", 0, [0.5], over=False)
    lines = render(snapshot(board, running=(), events=()), 80, height)
    shown = [line.split()[0] for line in lines if re.match(r"(waits|ended|runs)-", line)]
    assert len(lines) <= height and shown == [name for name in names if name in shown], "in the order of the file"
    if height == 50:
        assert shown == names and not any("more arm" in line for line in lines)
        return
    room = len(shown)
    assert {"runs-2", "runs-3"} <= set(shown)
    ended = [n for n in shown if n.startswith("ended")]
    assert ended == [f"ended-{i}" for i in range(min(10, room - 2))]
    hidden = f"{10 - len(ended)} finished, " if len(ended) < 10 else ""
    waiting = 18 - (room - 2 - len(ended))
    assert f"{30 - room} more arms: {hidden}{waiting} waiting" in lines


def test_whoever_looks_on_sees_the_same(board: Board) -> None:
    shown = snapshot(board, command="study run s")
    assert Snapshot.from_dict(json.loads(json.dumps(shown.to_dict()))) == shown


def test_long_names_give_way_before_a_column_does_and_are_told_apart() -> None:
    names = [f"{'long-' * 10}{i}{'-name' * 3}" for i in range(3)]
    rows = [ArmRow("s", n, 3, 3, "done", accuracy=Measure(80.0, 1.0), change=Measure(1.0, 1.0)) for n in names]
    lines = arms_table(rows, 80, UNICODE, final=True)
    assert "change" in lines[0] and all("+1.0 ± 1.0" in line for line in lines[1:]) and max(map(len, lines)) <= 80
    cells = [line.split("  ")[0] for line in lines[1:]]
    assert len(set(cells)) == 3, "the number in the middle is still there"
    assert [line.split("  ")[0] for line in arms_table(rows, 200, UNICODE, final=True)[1:]] == names


@pytest.mark.parametrize("final", [False, True])
@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 200])
def test_a_table_of_any_width_says_what_diverged_and_cuts_no_word(width: int, final: bool) -> None:
    """The last column left first: at 80 columns an arm whose five seeds diverged was a row of empty cells."""
    number, gap, change = Measure(47.9, 11.7), Measure(-5.37, 6.02), Measure(-21.4, 10.1)
    many = {"accuracy": number, "gap": gap, "trend": (0.1, 0.2, 0.3), "training": number}
    rows = [
        ArmRow("s", "base-arm", 5, 5, "done", baseline=True, mean_of=5, **many),  # type: ignore[arg-type]
        ArmRow("s", "a", 5, 5, "done", change=change, gap_change=gap, note="possibly broken", mean_of=5, **many),  # type: ignore[arg-type]
        ArmRow("s", "b", 5, 5, "done", note="4 diverged, possibly broken", mean_of=1, diverged=4, **many),  # type: ignore[arg-type]
        ArmRow("s", "c", 5, 5, "done", note="5 diverged", diverged=5),
    ]
    lines = arms_table(rows, width, UNICODE, final=final)
    assert "4 diverged" in lines[3] and "5 diverged" in lines[4] and max(map(len, lines)) <= width
    assert all(not line.split("  ")[-1].startswith("possibly") or "possibly broken" in line for line in lines)
    if final and width >= 80:
        assert "change" in lines[0] and "\u221221.4 ± 10.1" in lines[2] and lines[2].endswith("possibly broken")


def test_no_interval_of_an_accuracy_goes_beyond_what_can_be() -> None:
    high, low = Measure(97.0, 4.25), Measure(2.0, 3.0)
    assert measure_texts([high, low], ASCII, ACCURACY_PERCENT) == ["97.0 (92.8 to 100.0)", "2.0 (0.0 to 5.0)"]
    assert measure_texts([Measure(80.0, 180.0)], UNICODE, ACCURACY_PERCENT) == ["80.0 (0.0 to 100.0)"]
    assert measure_texts([Measure(-2.0, 3.0)], UNICODE, sign=True) == ["\u22122.0 ± 3.0"]
    assert measure_texts([Measure(-2.0, 3.0)], ASCII, sign=True) == ["-2.0 +- 3.0"]
    assert measure_texts([Measure(-0.00001, None)], UNICODE, sign=True) == ["0.0"]  # no sign, as on the page
    assert measure_texts([Measure(-0.001, 1.0)], UNICODE) == ["0.0 ± 1.0"]
    row = ArmRow("s", "a", 3, 3, "done", accuracy=high, training=Measure(99.0, 2.0), gap=Measure(2.0, 3.0))
    said = "\n".join(arms_table([row], 200, UNICODE))
    assert "97.0 (92.8 to 100.0)" in said and "99.0 (97.0 to 100.0)" in said and "2.0 ± 3.0" in said


@pytest.mark.parametrize("final", [False, True])
@pytest.mark.parametrize("width", [80, 200])
def test_an_arm_that_has_the_trials_of_another_study_takes_no_room_of_the_numbers(width: int, final: bool) -> None:
    """Its line named the other arm in the column of accuracy, which pushed the changes out of a window of 80."""
    number = Measure(89.2, 0.4)
    rows = [
        ArmRow("s", "none", 5, 5, "done", number, gap=number, baseline=True),
        ArmRow("s", "dropout", 5, 5, "done", number, gap=number, change=Measure(-1.0, 0.1)),
        ArmRow("other", "plain", 5, 5, "", same_as="a-study-with-a-long-name/an-arm-with-a-long-name"),
    ]
    head, *lines = arms_table(rows, width, UNICODE, final=final)
    assert "change" in head and "\u22121.0" in lines[1] and max(map(len, [head, *lines])) <= width
    assert lines[2].index("as a-study-with-a-long-name/an-arm") == head.index("accuracy, %")
    alone = arms_table(rows[2:], width, UNICODE, final=final)
    assert alone[1].endswith("as a-study-with-a-long-name/an-arm-with-a-long-name"), "where nothing has a number"


def test_a_run_that_goes_on_starts_where_it_was(board: Board) -> None:
    """Three and three trials of eight are over, one has two of three epochs: the bar has them, of all."""
    assert board.epochs == (3 * 6 + 2, 3 * 8)


def test_a_trend_is_that_of_seeds_whose_first_epochs_are_known(board: Board) -> None:
    trial = next(t for t in board.trials.values() if t.label == "s/none, seed 3")
    trial.curve.clear()
    board.report(trial, 3, (0.95, 0.97), 9.0, 9.0)
    board.end(trial, "finished", 10.0)
    none, _ = board.rows()
    assert none.mean_of == 4 and none.trend == (0.7, 0.8, 0.89), "not the last epoch alone, which all four have"


def test_a_column_of_zeros_says_how_near_to_0_its_numbers_are() -> None:
    """Every cell read "+0.0"."""
    near = [Measure(0.04, 0.05), Measure(-0.02, 0.03), Measure(0.0, 0.02), None]
    assert measure_texts(near, ASCII, sign=True) == ["+0.04 +- 0.05", "-0.02 +- 0.03", "0.00 +- 0.02", ""]
    assert measure_texts([Measure(0.04, 1.5), *near[1:]], ASCII, sign=True)[0] == "0.0 +- 1.5", "seeds vary by more"


def test_a_column_has_one_number_of_decimals_that_of_the_page() -> None:
    """It had two where the window was wide, "84.13 ± 0.21" beside "84.1 %" in the sentence below it."""
    column = [Measure(85.319, 0.312), None, Measure(80.0, 180.0)]
    assert measure_texts(column, UNICODE, ACCURACY_PERCENT) == ["85.3 ± 0.3", "", "80.0 (0.0 to 100.0)"]
    row = ArmRow("s", "a", 5, 5, "done", accuracy=Measure(84.13, 0.21), gap=Measure(1.0, 0.2))
    for width in (80, 200):
        for final in (False, True):
            assert "84.1 ± 0.2" in arms_table([row], width, UNICODE, final=final)[1]


@pytest.mark.parametrize(
    "column",
    [
        [Measure(0.022, 0.01), Measure(-1.26, 0.2)], [Measure(0.022, 0.03)], [Measure(0.0004, 0.0002)],
        [Measure(0.04, 0.0), Measure(0.5, 0.2)], [Measure(99.98, 0.02)], [Measure(100.0, 0.0)], [Measure(5.0, None)],
    ],
)  # fmt: skip
def test_the_rule_is_that_of_tables_on_the_page(column: list[Measure]) -> None:
    """A change that seeds tell from 0 does not read as 0, there and here."""
    halves = [nan if m.half is None else m.half for m in column]
    found = [Estimate(m.value, m.value - h, m.value + h, 5) for m, h in zip(column, halves, strict=True)]
    assert measure_texts(column, ASCII) == [t.replace("±", "+-") for t in column_texts(found, DECIMALS_OF_PERCENT)]


def test_an_arm_with_seeds_done_or_the_trials_of_another_does_not_wait() -> None:
    """At the end of a run of two studies it said "7 waiting", and of a sweep "20 waiting" below their events."""
    shared = ArmRow("t", "same", 2, 2, "", same_as="s/a")
    rows = (ArmRow("s", "a", 2, 2, "done"), shared, ArmRow("s", "b", 2, 1, ""), ArmRow("s", "c", 2, 0, ""))
    assert [_state(row) for row in rows] == ["finished", "finished", "between seeds", "waiting"]
