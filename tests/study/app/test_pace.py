"""Expected times are those of this machine where it has trained before, else a range."""

from __future__ import annotations

import dataclasses
import math
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from study.app import pace as pace_module
from study.app import recorded_times
from study.app.folders import remember
from study.app.pace import in_machine_times, known_pace, measured_pace, pace_from
from study.planning import machine_load
from study.planning.cost import TRIAL_SECONDS, expected_seconds
from study.planning.plan import PlannedTrial, plan_trials
from study.planning.protocol import Protocol
from study.spec import registry
from study.storage.results_folder import ResultsFolder
from tests.analysis.data.test_load import rewritten
from tests.synthetic import CHECKSUM, FASHION, record
from trainables.config.trial_config import TrialConfig
from trainables.records.kept_times import timed
from trainables.training.gpu_memory import DataSize

CONFIG = TrialConfig(epochs=4)


def folder(where: Path, host: str, seconds: float) -> str:
    """A results folder with one trial whose epochs took so long there."""
    made = record(CONFIG)
    epochs = made.epochs.replace(seconds=(0.8 * seconds,) * 4, eval_seconds=(0.2 * seconds,) * 4)
    ResultsFolder(where, create=True).write(dataclasses.replace(made, epochs=epochs, provenance={"host": host}))
    return str(where)


def test_the_pace_is_what_this_machine_needed(tmp_path: Path) -> None:
    pace = measured_pace(folder(tmp_path / "r", platform.node(), 3.0), FASHION)
    assert pace is not None
    assert pace.seconds(CONFIG.replace(epochs=10, seed=7), FASHION) == pytest.approx(30.0), "the same configuration"
    other, slower = CONFIG.replace(hidden=(50,)), 3.0 / expected_seconds(CONFIG.replace(epochs=1), FASHION)
    assert pace.seconds(other, FASHION) == pytest.approx(slower * expected_seconds(other, FASHION))


def test_what_another_machine_needed_is_no_pace(tmp_path: Path) -> None:
    assert measured_pace(folder(tmp_path / "r", "elsewhere", 3.0), FASHION) is None
    assert measured_pace(str(tmp_path / "nothing"), FASHION) is None


def test_trials_of_another_data_set_whose_size_is_unknown_say_nothing(tmp_path: Path) -> None:
    """Those of 60,000 images were held against the cost of 300: the pace of the machine was 200 times too slow."""
    where, own = folder(tmp_path / "r", platform.node(), 3.0), DataSize(300, 90, 36, 3)
    fashion = measured_pace(where, own, "mine")
    assert fashion is not None
    assert fashion.ratio == pytest.approx(3.0 / expected_seconds(CONFIG.replace(epochs=1), FASHION))
    other = record(CONFIG.replace(data="other"))
    ResultsFolder(tmp_path / "o", create=True).write(dataclasses.replace(other, provenance={"host": platform.node()}))
    assert measured_pace(str(tmp_path / "o"), own, "mine") is None


def test_a_file_that_took_the_place_of_another_of_its_name_has_its_own_pace(tmp_path: Path) -> None:
    """Epochs of 300 images were taken for the time of 60,000 of the file that has the same name now."""
    config = CONFIG.replace(data="mine", seed=1)
    small = dataclasses.replace(record(CONFIG.replace(data="mine")), data_checksum="small")
    ResultsFolder(tmp_path / "r", create=True).write(dataclasses.replace(small, provenance={"host": platform.node()}))
    where = str(tmp_path / "r")
    before, now = (PlannedTrial(config.identity(c), config, (), None, 1.0) for c in ("small", "large"))
    assert measured_pace(where, FASHION, "mine", now) is None
    assert measured_pace(where, DataSize(300, 90, 36, 3), "mine", before) is not None


def test_the_pace_needs_no_frames(tmp_path: Path) -> None:
    """`study list` asks for it each time, and importing pandas took longer than all the rest."""
    where = folder(tmp_path / "r", platform.node(), 3.0)
    ResultsFolder(where).trials.gather()
    code = (
        "import os, sys, study.app.pace as p, study.planning.cost as c\n"
        f"ratio = p.measured_pace({where!r}, c.KNOWN_SIZES[c.FASHION]).ratio\n"
        "print(ratio, *sys.modules, flush=True); os._exit(0)"  # as the command ends: pyarrow's threads may outlive it
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    ratio, *loaded = done.stdout.split()
    assert float(ratio) == pytest.approx(3.0 / expected_seconds(CONFIG.replace(epochs=1), FASHION))
    assert "pandas" not in loaded


def test_of_a_trial_its_longest_record_counts_and_damage_says_nothing(tmp_path: Path) -> None:
    where = folder(tmp_path / "r", platform.node(), 3.0)
    store = ResultsFolder(where)
    longer = record(CONFIG.replace(epochs=8))
    epochs = longer.epochs.replace(seconds=(1.0,) * 7 + (math.nan,), eval_seconds=(0.5,) * 8)
    store.write(dataclasses.replace(longer, epochs=epochs, provenance={"host": platform.node()}))
    assert [t.epochs for t in timed(next(iter(store.trials.records())))] == [4], (
        "its own times are those of the last four"
    )
    for _ in range(2):  # loose, then gathered
        pace = measured_pace(where, FASHION)
        assert pace is not None and pace.seconds(CONFIG, FASHION) == pytest.approx(4 * 1.5)
        store.trials.gather()
    (tmp_path / "r" / store.trials.gathered()[0]).write_bytes(b"no parquet")
    assert measured_pace(where, FASHION) is None


@pytest.mark.parametrize("column", ["config", "provenance"])
@pytest.mark.parametrize("text", ["{x", "[1]", "[" * 100_000])
def test_text_that_is_no_json_says_nothing(tmp_path: Path, column: str, text: str) -> None:
    def spoil(rows: list[dict[str, Any]]) -> None:
        rows[0][column] = text

    store = ResultsFolder(folder(tmp_path / "r", platform.node(), 3.0))
    store.trials.gather()
    rewritten(store, tmp_path / "r", spoil)
    assert measured_pace(str(tmp_path / "r"), FASHION) is None


def test_an_empty_folder_says_nothing_and_reads_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "analysis.data.load", None)
    ResultsFolder(tmp_path / "r", create=True)
    assert measured_pace(str(tmp_path / "r"), FASHION) is None


def test_a_plan_in_times_of_this_machine_keeps_its_order(tmp_path: Path) -> None:
    plan = plan_trials([registry.load_study("dropout")], Protocol((0, 1)), "x", {}, FASHION)
    pace = measured_pace(folder(tmp_path / "r", platform.node(), 3.0), FASHION)
    timed = in_machine_times(plan, pace)
    assert [t.id for t in timed.trials] == [t.id for t in plan.trials] and in_machine_times(plan, None) is plan
    assert timed.seconds_to_train != plan.seconds_to_train


def test_a_run_knows_the_pace_of_the_one_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run is the last one itself when its price is asked: it said "not measured", and the plan before it a number."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    remember(folder(tmp_path / "before", platform.node(), 3.0))
    plan = plan_trials([registry.load_study("scaling")], Protocol((0,)), CHECKSUM, {}, FASHION)
    asked = pace_from(str(tmp_path / "mine"))
    remember(str(tmp_path / "mine"))
    assert asked(plan) is not None and known_pace(str(tmp_path / "mine"), plan) is None


def clocked(where: Path, seconds: float, started: float, factor: float) -> str:
    """A results folder with one trial of this machine, which began then and took so many times its seconds."""
    made = record(CONFIG)
    epochs = made.epochs.replace(seconds=(0.8 * seconds,) * 4, eval_seconds=(0.2 * seconds,) * 4)
    ended = started + factor * (TRIAL_SECONDS + 4 * seconds)
    told = {"host": platform.node(), "run": where.name, "started": started, "ended": ended, "resumed_from": 0}
    ResultsFolder(where, create=True).write(dataclasses.replace(made, epochs=epochs, provenance=told))
    return str(where)


def test_the_clock_is_as_the_trials_had_it_that_ended_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pace is the folder's own; how busy the machine is, the last run of another folder knows."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(recorded_times, "MIN_JOBS", 1)
    monkeypatch.setattr(pace_module, "most_slowed", lambda: 9.0)
    now = time.time()
    monkeypatch.chdir(tmp_path)
    here, last = clocked(tmp_path / "mine", 3.0, now - 8000.0, 4.0), clocked(tmp_path / "last", 5.0, now - 500.0, 1.5)
    remember(last)
    plan = plan_trials([registry.load_study("scaling")], Protocol((0,)), CHECKSUM, {}, FASHION)
    pace = known_pace(here, plan)
    assert pace is not None and pace.clock_factor == pytest.approx(1.5)
    assert pace.seconds(CONFIG, FASHION) == pytest.approx(4 * 3.0), "processor seconds"
    alone = measured_pace(here, FASHION)
    assert alone is not None and alone.clock_factor == pytest.approx(4.0)
    on_gpu = dataclasses.replace(registry.load_study("scaling"), base={"device": "cuda"})
    cuda = known_pace(here, plan_trials([on_gpu], Protocol((0,)), CHECKSUM, {}, FASHION))
    assert cuda is not None and cuda.clock_factor == 1.0, "a GPU's times are the clock's"


def test_a_machine_that_is_idle_by_now_is_planned_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plans were four times too long for a day after a busy run."""
    where = clocked(tmp_path / "r", 3.0, time.time() - 3600.0, 4.0)
    factors = []
    for load in (0.0, 2.0, 40.0):
        monkeypatch.setattr(os, "getloadavg", lambda load=load: (load, 40.0, 40.0))
        monkeypatch.setattr(machine_load, "usable_cores", lambda: 2)
        pace = measured_pace(where, FASHION)
        assert pace is not None
        factors.append(pace.clock_factor)
    assert factors == pytest.approx([1.0, 2.0, 4.0]), "never more than the last run had"
