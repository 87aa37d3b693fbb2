"""Expected times are those of this machine where it has trained before, else a range."""

from __future__ import annotations

import dataclasses
import platform
from pathlib import Path

import pytest

from study.app.pace import pace_of, paced
from study.cli.plan_text import expected
from study.planning.cost import START_SECONDS, expected_seconds
from study.planning.plan import plan_trials
from study.planning.protocol import Protocol
from study.spec import registry
from study.storage.results_folder import ResultsFolder
from tests.synthetic import FASHION, record
from trainables.config.trial_config import TrialConfig

CONFIG = TrialConfig(epochs=4)


def folder(where: Path, host: str, seconds: float) -> str:
    """A results folder with one trial whose epochs took so long there."""
    made = record(CONFIG)
    epochs = made.epochs.replace(seconds=(0.8 * seconds,) * 4, eval_seconds=(0.2 * seconds,) * 4)
    ResultsFolder(where, create=True).write(dataclasses.replace(made, epochs=epochs, provenance={"host": host}))
    return str(where)


def test_the_pace_is_what_this_machine_needed(tmp_path: Path) -> None:
    pace = pace_of(folder(tmp_path / "r", platform.node(), 3.0), FASHION)
    assert pace is not None
    assert pace.seconds(CONFIG.replace(epochs=10, seed=7), FASHION) == pytest.approx(30.0), "the same configuration"
    other, slower = CONFIG.replace(hidden=(50,)), 3.0 / expected_seconds(CONFIG.replace(epochs=1), FASHION)
    assert pace.seconds(other, FASHION) == pytest.approx(slower * expected_seconds(other, FASHION))


def test_what_another_machine_needed_is_no_pace(tmp_path: Path) -> None:
    assert pace_of(folder(tmp_path / "r", "elsewhere", 3.0), FASHION) is None
    assert pace_of(str(tmp_path / "nothing"), FASHION) is None


def test_a_plan_in_times_of_this_machine_keeps_its_order(tmp_path: Path) -> None:
    plan = plan_trials([registry.load_study("dropout")], Protocol((0, 1)), "x", {}, FASHION)
    pace = pace_of(folder(tmp_path / "r", platform.node(), 3.0), FASHION)
    timed = paced(plan, pace)
    assert [t.id for t in timed.trials] == [t.id for t in plan.trials] and paced(plan, None) is plan
    assert timed.seconds_to_train != plan.seconds_to_train


def test_without_a_pace_a_range_is_said() -> None:
    plan = plan_trials([registry.load_study("dropout")], Protocol((0,)), "x", {}, FASHION)
    low, high = expected(plan, 2, measured=False).split(" to ")
    assert low != high and expected(plan, 2, measured=True).startswith("about ")
    assert START_SECONDS > 0
