"""How long what a folder lacks takes: by the pace of what is on record, from where checkpoints go on."""

from __future__ import annotations

import dataclasses
import platform
from pathlib import Path

import pytest

from study.app import missing_time
from study.app.board import Board
from study.app.missing_time import seconds_to_train
from study.app.plan_clock import PlanClock
from study.app.status import status_of
from study.cli import status_text
from study.planning.plan import plan_trials
from study.planning.protocol import Protocol
from study.spec.study import Study
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import RunRecord, write_run
from tests.analysis import stores
from tests.study.app.test_status import SMALL
from tests.synthetic import CHECKSUM, FASHION, record

ARMS = [{"name": "a"}, {"name": "b", "change": {"lr": 0.1}}]
LONG = Study.from_dict(
    {"name": "s", "title": "t", "question": "q", "knobs": ["lr"], "epochs": 10, "arms": ARMS, "baseline": "a"}
)


def board(where: Path) -> Board:
    on_record = ResultsFolder(where, create=True).trials.on_record()
    return Board(plan_trials([LONG], Protocol((0, 1)), CHECKSUM, on_record, FASHION), CHECKSUM, 1)


def test_epochs_behind_a_checkpoint_are_not_trained_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(missing_time, "usable_cores", lambda: 2)
    store = ResultsFolder(tmp_path, create=True)
    assert seconds_to_train(str(tmp_path), [board(tmp_path)]) is None, "nothing was trained here"
    made = record(LONG.config("a", seed=0))
    epochs = made.epochs.replace(seconds=(30.0,) * 10, eval_seconds=(0.0,) * 10)
    store.write(dataclasses.replace(made, epochs=epochs, provenance={"host": platform.node()}))
    now = board(tmp_path)
    whole, clock = seconds_to_train(str(tmp_path), [now]), PlanClock(2, measured=True)
    assert whole == pytest.approx(clock.seconds(900.0, 300.0), rel=0.1), "three trials of 300 s"
    last = next(t for t in now.missing if t.seed == 1)
    now.keep_saved({last.id: 5})
    assert seconds_to_train(str(tmp_path), [now]) == pytest.approx(clock.seconds(750.0, 300.0), rel=0.1)


def test_status_says_it_beside_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupted folder named the trials and the command, and not how long they take."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    store = stores.store_of(tmp_path / "r", [SMALL], (0,))
    run = RunRecord(command=("study", "run", "small"), studies=("small",), seeds=(0, 1))
    write_run(store.folder, "20260101T000000-abcdef", run)
    where = str(tmp_path / "r")
    assert status_of(where).seconds is None, "made-up records are of no machine"
    monkeypatch.setattr("study.app.status.seconds_to_train", lambda *_: 40.0)
    monkeypatch.setattr(status_text, "usable_cores", lambda: 2)
    said = status_text.status_lines(where)
    assert any(line.endswith("; about 40 s on 2 cores") and line.startswith("missing") for line in said), said
    assert '"seconds_to_train": 40.0' in status_text.as_json(where)
