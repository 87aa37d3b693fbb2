"""The table over repeated splits at the end of a run, as JSON, in Python and on the page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import study
from analysis.report.build_page import build_page
from analysis.report.inputs import read_inputs
from study.app.board import Board
from study.app.live_view import ASCII
from study.app.run_end import RunEnding
from study.app.run_events import end_events
from study.app.splits_text import over_splits, splits_lines
from study.planning.plan import plan_trials
from study.planning.protocol import Protocol
from study.storage.results_folder import ResultsFolder
from tests.analysis.stores import store_of
from tests.analysis.tables.test_repeated_splits import STUDY
from tests.synthetic import CHECKSUM, FASHION


@pytest.fixture
def store(tmp_path: Path) -> ResultsFolder:
    return store_of(tmp_path / "results", [STUDY], (0, 1))


def test_the_end_of_a_run_says_it_and_that_no_verdict_rests_on_it(store: ResultsFolder) -> None:
    found = over_splits(store, [STUDY])
    assert found is not None
    lines = splits_lines(found, 80, ASCII)
    assert lines[1].startswith("hidden 5 (baseline)  4       2      ")
    assert "all 80.4" in lines[2] and "Change, points" in lines[0], "these splits all give one number"
    spread = found.assign(low=found["low"] - 0.01, high=found["high"] + 0.01)
    assert "+-" in splits_lines(spread, 80, ASCII)[2]
    assert all(len(line) <= 80 for line in lines) and "No verdict rests on it" in " ".join(lines)
    assert "split_seed" not in " ".join(lines)


def test_json_has_null_for_what_is_no_number(store: ResultsFolder) -> None:
    found = over_splits(store, [STUDY])
    assert found is not None
    mean = found.loc[0, "estimate"]
    found.loc[0, "low"] = float("nan")
    board = Board(plan_trials([STUDY], Protocol((0, 1)), CHECKSUM, {}, FASHION), CHECKSUM, 1)
    events = [json.loads(e) for e in end_events(RunEnding(board, (), (), found))]
    rows = [e for e in events if e["event"] == "splits"]
    first = json.loads(json.dumps(rows, allow_nan=False))[0]
    assert (first["splits"], first["estimate"], first["low"]) == (4, pytest.approx(mean), None)


def test_a_study_without_splits_says_nothing(tmp_path: Path) -> None:
    plain = study.Study(name="p", title="t", question="q", knobs=("lr",), epochs=1, arms=(study.Arm(name="a"),))
    store = store_of(tmp_path / "results", [plain], (0, 1))
    assert over_splits(store, [plain]) is None
    assert len(study.open(str(store.folder.where)).splits()) == 0
    assert "splits" not in build_page(read_inputs(store)).frames
