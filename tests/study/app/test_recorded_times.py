"""How much longer than their processor seconds trials took by the clock: records at given times tell it."""

from __future__ import annotations

import dataclasses
import math
import platform
from pathlib import Path
from typing import Any

import pytest

from study.app import recorded_times
from study.app.recorded_times import RecordedTimes, clock_factor, last_times
from study.planning.cost import TRIAL_SECONDS
from study.storage.results_folder import ResultsFolder
from tests.synthetic import record
from trainables.config.trial_config import TrialConfig

CONFIG = TrialConfig(epochs=4)
NOW = 20_000.0


def job(run: str, started: float, factor: float, seconds: float = 10.0, **more: Any) -> RecordedTimes:
    """A trial that took so many times its processor seconds, and what a plan gives it beside them."""
    took = factor * (TRIAL_SECONDS + seconds)
    known = {"trial": f"{run}-{started}", "config": "{}", "checksum": "c", "device": "cpu", "from_start": True}
    times = {"seconds": (seconds / 2, seconds / 2), "run": run, "started": started, "ended": started + took}
    return RecordedTimes(**{**known, **times, **more})


def test_the_last_run_tells_it_and_not_those_before() -> None:
    busy, idle = [job("a", 100.0 * i, 4.0) for i in range(20)], [job("b", 5000.0 + 20 * i, 1.04) for i in range(3)]
    assert clock_factor(busy, NOW) == pytest.approx(4.0)
    assert clock_factor([*idle, *busy], NOW) == clock_factor([*busy, *idle], NOW) == pytest.approx(1.04)
    assert clock_factor([], NOW) == 1.0


def test_how_busy_it_was_days_ago_says_nothing_of_now() -> None:
    """The searches of an overloaded machine were 14 times as slow; their folder would have said so for ever."""
    old = [job("a", 100.0 * i, 14.0) for i in range(5)]
    assert clock_factor(old, 86_000.0) == pytest.approx(14.0)
    assert clock_factor(old, 3 * 86_400.0) == clock_factor(old, -3 * 86_400.0) == 1.0
    fresh = job("b", 3 * 86_400.0 - 100.0, 1.2)
    assert clock_factor([*old, fresh], 3 * 86_400.0) == pytest.approx(1.2), "alone, for the others are too old"


def test_one_trial_in_which_a_laptop_slept_is_outvoted_by_those_before_it() -> None:
    assert clock_factor([job("a", 0.0, 1.2), job("b", 100.0, 1.3), job("c", 200.0, 5000.0)], NOW) == pytest.approx(1.3)


def test_a_machine_with_nothing_else_to_do_has_1() -> None:
    """Tiny trials take as long again beside their epochs, which a plan counts: the factor is none of that."""
    assert clock_factor([dataclasses.replace(job("a", 0.0, 1.0, 0.12), ended=0.137)], NOW) == 1.0
    assert clock_factor([job("a", 0.0, 0.7)], NOW) == 1.0


@pytest.mark.parametrize(
    "odd",
    [
        {"from_start": False},
        {"device": "cuda"},
        {"started": math.nan},
        {"ended": -math.inf},
        {"seconds": (math.nan, 1.0)},
        {"ended": 1.0},
    ],
    ids=["goes on, or times of another", "times of the clock", "no time", "no end", "no number", "a clock set back"],
)
def test_what_tells_nothing_of_the_clock_is_left_out(odd: dict[str, Any]) -> None:
    spoilt = dataclasses.replace(job("b", 900.0, 9.0), **odd)
    assert clock_factor([spoilt], NOW) == 1.0
    assert clock_factor([job("a", 0.0, 2.0), spoilt], NOW) == pytest.approx(2.0)


def test_seeds_that_a_job_trains_in_turn_are_added_up() -> None:
    """Of a search with two seeds each record had twice its own seconds between its start and its end."""
    took = 1.5 * 2 * (TRIAL_SECONDS + 10.0)
    seeds = [job("a", 5.0, 1.0, trial=f"seed {s}", ended=5.0 + took - s) for s in range(2)]
    assert clock_factor(seeds, NOW) == pytest.approx(1.5)
    assert clock_factor([*seeds, *seeds], NOW) == pytest.approx(1.5), "a folder that is read by two names"
    assert clock_factor([seeds[0], dataclasses.replace(seeds[1], from_start=False)], NOW) == 1.0


def written(store: ResultsFolder, seed: int, **provenance: Any) -> None:
    """A record of this machine with two seconds an epoch."""
    made = record(CONFIG.replace(seed=seed))
    epochs = made.epochs.replace(seconds=(1.5,) * 4, eval_seconds=(0.5,) * 4)
    here = {"host": platform.node(), "run": "r", "resumed_from": 0, "stacked": 1, **provenance}
    store.write(dataclasses.replace(made, epochs=epochs, provenance=here))


def test_records_are_read_the_last_first_loose_and_gathered_alike(tmp_path: Path) -> None:
    store = ResultsFolder(tmp_path / "r", create=True)
    written(store, 0, started=100.0, ended=124.0)
    written(store, 1, started=50.0, ended=70.0, resumed_from=2)
    written(store, 2, started=200.0, ended=224.0, host="elsewhere")
    written(store, 3, started=300.0, ended=324.0, timed_by=[{"epochs": 3, "host": "elsewhere"}])
    written(store, 4)
    loose = last_times(store.trials)
    store.trials.gather()
    assert repr(last_times(store.trials)) == repr(loose), "NaN is not equal to itself"
    assert [t.ended for t in loose[:3]] == [324.0, 124.0, 70.0] and math.isnan(loose[3].ended) and len(loose) == 4
    assert [t.from_start for t in loose] == [False, True, False, True]
    assert loose[1].seconds == (2.0,) * 4 and math.isnan(loose[0].seconds[2]) and loose[0].seconds[3] == 2.0
    assert {(t.run, t.device) for t in loose} == {("r", "cpu")} and len({t.config for t in loose}) == 1
    assert clock_factor(loose, NOW) == pytest.approx(24.0 / (8.0 + TRIAL_SECONDS))


def test_of_many_records_the_last_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A gathered file is named after its bytes: of a folder with more, any were taken for the last ones."""
    monkeypatch.setattr(recorded_times, "MAX_RECORDS_READ", 2)
    store = ResultsFolder(tmp_path / "r", create=True)
    for seed in range(6):
        written(store, seed, started=100.0 * seed, ended=100.0 * seed + 10.0)
        store.trials.gather()
    assert [t.started for t in last_times(store.trials)] == [500.0, 400.0]
