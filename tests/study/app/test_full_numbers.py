"""Beside the numbers of a reduced run stand those that are on record in full."""

from __future__ import annotations

import dataclasses
import json
import re

import pytest

from study.app.board import Board
from study.app.full_numbers import full_measures
from study.app.live_view import UNICODE, arms_table
from study.app.run_end import RunEnding, ending_lines
from study.app.run_events import end_events
from study.planning.plan import plan_trials
from study.planning.protocol import Protocol
from study.spec import registry
from tests import synthetic

QUICK = Protocol((0, 1), quick=True)
IN_FULL = r"\d\d\.\d ± <?\d+\.\d"


def board_of(*names: str) -> Board:
    """Reduced studies of the chapter, all trained."""
    plan = plan_trials([registry.load_study(name) for name in names], QUICK, synthetic.CHECKSUM, {}, synthetic.FASHION)
    board = Board(plan, synthetic.CHECKSUM, 2)
    for trial in board.trials.values():
        trial.reported, trial.status = trial.epochs, "finished"
        trial.curve = dict.fromkeys(range(1, trial.epochs + 1), (0.8 + trial.seed / 100, 0.9))
    return board


def test_reduced_studies_of_the_chapter_have_numbers_in_full_and_others_none() -> None:
    whole = registry.load_study("dropout")
    found = full_measures([QUICK.study(whole)])
    assert set(found) == {"dropout/none", "dropout/dropout-0.25"}
    assert all(80 < m.accuracy.value < 95 and m.accuracy.half and m.epochs == 30 for m in found.values())
    assert found["dropout/none"].gap.value > found["dropout/dropout-0.25"].gap.value
    assert full_measures([whole]) == full_measures([dataclasses.replace(QUICK.study(whole), name="own")]) == {}


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_table_at_the_end_has_a_column_in_full(width: int) -> None:
    """No number in full stood in the terminal, and a row said "as dropout/none" of an arm that is another in full."""
    lines = ending_lines(RunEnding(board_of("annealing", "dropout"), (), ()), width)
    head, *rows = lines[: lines.index(next(line for line in lines if line.startswith("reduced: ")))]
    assert max(map(len, lines)) <= width and "accuracy, %  in full, %" in head and len(rows) == 4
    assert all(re.search(rf" 80\.5 +{IN_FULL}", row) for row in rows) and not any(" as " in row for row in rows)
    caption = " ".join(line.strip() for line in lines[len(rows) + 1 :])
    assert "; in full: on record, after each arm's last epoch; arms that share their trials here have" in caption
    assert ("gap in full" in head) == (width >= 80) and (width < 200 or "change in gap" in head)


def test_one_study_says_its_epochs_and_a_view_that_trains_keeps_its_columns() -> None:
    board = board_of("dropout")
    said = " ".join(ending_lines(RunEnding(board, (), ()), 80))
    assert said.count("in full: on record, after 30 epochs") == 1 and "share their trials" not in said
    assert "in full" not in arms_table(board.rows(), 80, UNICODE)[0]
    shared = arms_table(board_of("annealing", "dropout").rows(), 80, UNICODE)
    assert [" as annealing/constant" in line for line in shared] == [False, False, False, True, False]


def test_programs_hear_the_numbers_in_full_unrounded() -> None:
    board = board_of("dropout")
    events = [json.loads(line) for line in end_events(RunEnding(board, (), ()))]
    full = board.in_full
    for event in events:
        of = full[f"dropout/{event['arm']}"]
        assert event["full_accuracy"] == {"mean": of.accuracy.value, "half": of.accuracy.half}
        assert event["full_gap"] == {"mean": of.gap.value, "half": of.gap.half}
