"""What a program hears of a run's end: each verdict with its number, and last what was trained and how it ends."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import Any

import pytest
import yaml

from analysis import report
from study.app.plan_studies import PlanRequest
from study.app.run_events import counts_between
from study.app.run_studies import OutOfTime, RunOptions, SomeFailed, run
from study.app.run_view import RunView
from study.execution.inline_executor import InlineExecutor
from study.storage.trials import TrialOnRecord
from tests.study import own
from trainables.config.errors import EngineError

HERE = RunOptions(executor="inline", cpus=1)


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PlanRequest:
    """Two seeds of three arms; the highest rate diverges, and no seed has what its claim speaks of."""
    monkeypatch.chdir(tmp_path)
    own.data(tmp_path, "small", 60, 30)
    file = own.study(tmp_path, "mine", "lr", [0.01, 0.1, 1e30], epochs=2, data="small")
    a, b, c = ({"arm": name, "metric": "val_accuracy", "at": "last"} for name in "abc")
    claims = [
        {"id": "up", "statement": "S.", "parts": [{"form": "contrast", "a": b, "b": a, "low": 0.0}]},
        {"id": "far", "statement": "S.", "parts": [{"form": "level", "quantity": c, "low": 0.5}]},
    ]
    file.write_text(yaml.safe_dump({**yaml.safe_load(file.read_text()), "claims": claims}))
    return PlanRequest(("mine.yaml",), seeds=2, results="r", data_dir=tmp_path)


def heard(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_last_event_says_what_was_trained_and_each_verdict_its_number(
    ask: PlanRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    view = RunView(as_json=True, command="study run mine.yaml")
    run(ask, HERE, view)
    events = heard(capsys)
    assert [e["event"] for e in events if e["event"] != "answer"] == ["plan", *["arm"] * 3, *["verdict"] * 2, "end"]
    end = events[-1]
    assert [end[k] for k in ("trained", "failed", "diverged", "exit")] == [6, 0, 2, 0]
    assert end["said"].startswith("6 trials trained in ") and end["next"] == "study report r"
    judged = {v.id: v for v in report.judge("r").verdicts}
    said = {e["claim"]: e for e in events if e["event"] == "verdict"}
    up = said["up"]
    assert (up["unit"], up["seeds"], up["verdict"]) == ("points", 2, "not-enough-seeds")
    assert (up["estimate"], up["low"], up["high"]) == tuple(
        100 * n for n in (judged["up"].estimate, judged["up"].low, judged["up"].high)
    )
    assert said["far"]["seeds"] == judged["far"].n and said["far"]["unit"] == "% of seeds"
    number = judged["far"].estimate
    assert said["far"]["estimate"] == (100 * number if math.isfinite(number) else None)

    run(ask, HERE, RunView(as_json=True))
    again = heard(capsys)[-1]
    assert (again["event"], again["trained"], again["diverged"], again["exit"]) == ("end", 0, 0, 0)
    assert again["said"].startswith("nothing to train")


class FirstFails(InlineExecutor):
    """Its first trial fails."""

    def work_through(self, work: Any, run: Any) -> None:
        (given := work.next()) and work.lost(given.number, "its process went away")
        super().work_through(work, run)


class StartFails(InlineExecutor):
    """Does not start."""

    def work_through(self, work: Any, run: Any) -> None:
        raise EngineError("it did not start")


def test_a_run_that_ends_otherwise_says_so_too(ask: PlanRequest, capsys: pytest.CaptureFixture[str]) -> None:
    """It said nothing after its plan: a program had the exit code alone, and nobody's was in the log."""
    view = RunView(as_json=True, command="study run mine.yaml")
    with pytest.raises(EngineError):
        run(ask, dataclasses.replace(HERE, executor=StartFails()), view)
    (plan, end) = heard(capsys)
    assert plan["event"] == "plan"
    assert end == {"event": "end", "trained": 0, "failed": 0, "diverged": 0, "exit": EngineError.exit_code,
                   "said": "", "next": "study run mine.yaml"}  # fmt: skip
    with pytest.raises(SomeFailed):
        run(ask, dataclasses.replace(HERE, executor=FirstFails()), RunView(as_json=True, command="study run mine.yaml"))
    end = heard(capsys)[-1]
    assert (end["trained"], end["failed"], end["exit"], end["next"]) == (5, 1, 6, "study run mine.yaml")
    assert end["said"].startswith("5 of 6 trials trained")
    with pytest.raises(OutOfTime):
        run(ask, dataclasses.replace(HERE, seconds=0.0), RunView(as_json=True, command="study run mine.yaml"))
    assert heard(capsys)[-1]["exit"] == 130


def test_what_went_on_counts_as_trained_and_what_was_there_does_not() -> None:
    short, long = TrialOnRecord(2, "finished"), TrialOnRecord(4, "finished")
    lost = TrialOnRecord(1, "diverged")
    counts = counts_between({"a": short, "b": long}, {"a": long, "b": long, "c": lost}, 1, 6)
    assert dataclasses.astuple(counts) == (2, 1, 1, 6)
