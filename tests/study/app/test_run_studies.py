"""A run that asks seeds of some arms trains these pairs alone, and is recorded so."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest

from study.app.live_progress import LiveProgress
from study.app.plan_studies import PlanRequest
from study.app.run_studies import OutOfTime, RunOptions, SomeFailed, run
from study.app.run_view import RunView
from study.app.status import status_of
from study.execution import search_driver
from study.execution.inline_executor import InlineExecutor
from study.storage import search_log
from study.storage.asked_seeds import AskedSeeds
from study.storage.repair import repair
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import read_runs
from tests.study import own
from trainables.config.errors import StoreError

HERE = RunOptions(executor="inline", cpus=1)


def test_more_seeds_of_one_arm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    own.data(tmp_path, "small", 60, 30)
    own.study(tmp_path, "mine", "lr", [0.1, 0.2], epochs=1, data="small")
    ask = PlanRequest(("mine.yaml",), seeds=1, results="r", data_dir=tmp_path)
    run(ask, HERE, RunView(quiet=True))
    more = PlanRequest(("mine.yaml",), results="r", data_dir=tmp_path, arm_seeds={"mine/b": (1, 3)})
    capsys.readouterr()
    run(more, HERE, RunView())
    said = capsys.readouterr().out
    assert "2 trials trained" in said and re.search(r"^a +1 ", said, re.M) and re.search(r"^b +3 ", said, re.M), said
    store = ResultsFolder("r")
    runs = read_runs(store.folder)
    assert sorted((r.config.lr, r.config.seed) for r in store.trials.records()) == [
        (0.1, 0),
        (0.2, 0),
        (0.2, 1),
        (0.2, 3),
    ]
    assert [r.asked for r in runs if "mine/a" not in r.asked] == [{"mine/b": (1, 3)}]
    asked = AskedSeeds.of(runs)
    assert (asked.arm("mine", "a"), asked.arm("mine", "b")) == ((0,), (0, 1, 3))
    assert status_of("r").missing == (0, 4)
    run(more, HERE, RunView(quiet=True))
    assert len(read_runs(store.folder)) == 2, "what was asked before is not asked anew"


def test_while_seeds_of_one_arm_are_trained_every_arm_is_shown_over_all_its_seeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`study decide`, which trains so, showed "4 of 6" beside eight seeds on record."""
    monkeypatch.chdir(tmp_path)
    own.data(tmp_path, "small", 60, 30)
    own.study(tmp_path, "mine", "lr", [0.1, 0.2], epochs=1, data="small")
    shown: list[dict[str, tuple[int, int]]] = []
    begin = LiveProgress.start

    def noted(progress: LiveProgress) -> None:
        shown.append({r.arm: (r.done, r.seeds) for r in progress.board.rows()})
        assert progress.trials == len(progress.board.missing) == 2, "it counts what this run trains"
        begin(progress)

    monkeypatch.setattr(LiveProgress, "start", noted)
    run(PlanRequest(("mine.yaml",), seeds=1, results="r", data_dir=tmp_path), HERE, RunView(quiet=True))
    arms = {"mine/b": (1, 3)}
    run(PlanRequest(("mine.yaml",), results="r", data_dir=tmp_path, arm_seeds=arms), HERE, RunView(quiet=True))
    assert shown == [{"a": (0, 1), "b": (0, 1)}, {"a": (1, 1), "b": (1, 3)}]


def test_what_is_asked_is_recorded_where_nothing_is_to_be_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    own.data(tmp_path, "small", 60, 30)
    for name in ("mine", "other"):
        own.study(tmp_path, name, "lr", [0.1, 0.2], epochs=1, data="small")
        run(PlanRequest((f"{name}.yaml",), seeds=1, results="r", data_dir=tmp_path), HERE, RunView(quiet=True))
    asked = AskedSeeds.of(read_runs(ResultsFolder("r").folder))
    assert asked.arm("other", "a") == (0,)


def test_time_that_is_used_up_ends_a_run_and_what_was_under_way_is_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    own.data(tmp_path, "small", 60, 30)
    own.study(tmp_path, "mine", "lr", [0.1], epochs=100_000, data="small")
    ask = PlanRequest(("mine.yaml",), seeds=1, results="r", data_dir=tmp_path)
    kept: list[Path] = []
    for seconds in (0.5, 5, 50):  # until an epoch fits into it: a busy machine may take seconds to come to one
        if not kept:
            with pytest.raises(OutOfTime, match="used up"):
                run(ask, dataclasses.replace(HERE, seconds=seconds), RunView(quiet=True))
            assert not list(ResultsFolder("r").trials.records())
            kept = list((tmp_path / "r" / "checkpoints").rglob("*.*"))
    assert kept


def test_a_contradiction_among_gathered_records_is_refused_until_it_is_repaired(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    own.data(tmp_path, "small", 60, 30)
    own.study(tmp_path, "mine", "lr", [0.1, 0.2], epochs=1, data="small")
    ask = PlanRequest(("mine.yaml",), seeds=1, results="r", data_dir=tmp_path)
    run(ask, HERE, RunView(quiet=True))
    trials = ResultsFolder("r").trials
    first, *_ = before = sorted(trials.records(), key=lambda r: r.id)
    rates = first.epochs.replace(lr=(0.123,))
    later = {**first.provenance, "ended": float(first.provenance["ended"]) + 1}
    trials.write_gathered([dataclasses.replace(first, epochs=rates, provenance=later)])
    for seeds in (1, 2):
        more = dataclasses.replace(ask, seeds=seeds)
        with pytest.raises(StoreError, match=f"{first.id} has two records that contradict each other.*study repair r"):
            run(more, HERE, RunView(quiet=True))
    assert repair("r").sound
    run(ask, HERE, RunView(quiet=True))
    assert sorted(ResultsFolder("r").trials.records(), key=lambda r: r.id) == before


def test_trials_that_failed_keep_no_search_that_comes_after_from_its_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first search had a configuration that failed: the second never began."""
    monkeypatch.chdir(tmp_path)
    own.data(tmp_path, "small", 60, 30)
    for name in ("first", "second"):
        own.search(tmp_path, name, {"lr": {"kind": "float", "low": 0.01, "high": 0.1}}, data="small")
    real = search_driver.run_search

    def failing(setting: search_driver.SearchSetup, seeds: int) -> object:
        found = real(setting, seeds)
        return dataclasses.replace(found, failed=((f"configuration 0 of {setting.study.name}", "it fails"),))

    monkeypatch.setattr(search_driver, "run_search", failing)
    with pytest.raises(SomeFailed) as failed:
        run(PlanRequest(("first.yaml", "second.yaml"), 1, results="r", data_dir=tmp_path), HERE, RunView(quiet=True))
    assert [line.split(";")[0] for line in str(failed.value).splitlines()] == [
        "1 of first failed",
        "1 of second failed",
    ]
    assert failed.value.exit_code == 6
    assert {s.study for s in search_log.search_parts(ResultsFolder("r"), [])} == {"first", "second"}
    assert not ResultsFolder("r").trials.loose(), "what was trained is gathered all the same"


def test_time_that_is_used_up_when_all_is_trained_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    own.data(tmp_path, "small", 60, 30)
    own.study(tmp_path, "mine", "lr", [0.1, 0.2], epochs=1, data="small")

    class Late(InlineExecutor):
        def work_through(self, work: Any, run: Any) -> None:
            super().work_through(work, run)
            run.settings.stop.because("the time is used up", OutOfTime)

    ask = PlanRequest(("mine.yaml",), seeds=1, results="r", data_dir=tmp_path)
    run(ask, dataclasses.replace(HERE, executor=Late()), RunView())
    assert len(list(ResultsFolder("r").trials.records())) == 2 and "2 trials" in capsys.readouterr().out
