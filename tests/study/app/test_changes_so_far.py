"""How far arms lie from their baseline on record, below what so many seeds would find."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from study.app import plan_power
from study.storage.results_folder import ResultsFolder
from tests import synthetic
from tests.analysis.stores import fill
from tests.study.app.test_plan_power import STUDY, found


def test_what_is_found_so_far_stands_below_what_seeds_would_find(tmp_path: Path) -> None:
    """The smallest difference that is found says little without the one that is there; arms may have other seeds."""
    store = ResultsFolder(tmp_path / "r", create=True)
    assert not found(tmp_path / "r").so_far
    for arm, shift, seeds in (("a", 0.0, 4), ("b", -0.05, 3)):
        one = dataclasses.replace(STUDY, arms=(STUDY.arm(arm),), baseline=arm)
        ends = {"val_accuracy": 0.8 + shift, "train_accuracy": 0.9 + shift / 2}
        fill(store, [synthetic.changed(r, -1, **ends) for r in synthetic.records(one, range(seeds))])
    power = found(tmp_path / "r")
    assert [(c.what, c.arm) for c in power.so_far] == [("the gap", "b"), ("accuracy", "b")]
    said = "  So far b raises the gap by 2.5 points and lowers accuracy by 5.0 points."
    assert said in plan_power.power_lines([power])
    assert json.loads(json.dumps(plan_power.power_json([power])))[0]["so_far"][0]["change"] == pytest.approx(0.025)
