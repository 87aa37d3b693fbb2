"""How far arms lie from their baseline on record, below what so many seeds would find."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path

import pytest

from analysis.data.load import load
from study.app import plan_power
from study.app.changes_so_far import changes_so_far, compared_arms
from study.spec.study import Arm, Study
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


def test_an_arm_of_another_split_is_not_compared_and_neither_is_a_trial_that_diverged(tmp_path: Path) -> None:
    """The plan said "L1 raises accuracy by 56.5 points" of an arm with other validation images."""
    arms = (
        Arm(name="none"),
        Arm(name="other", change={"split_seed": 1}),
        Arm(name="wide", change={"hidden": (9,)}),
    )
    study = Study(
        name="s", title="t", question="q", knobs=("split_seed", "hidden"), epochs=2, base={"held_out": 0.1}, arms=arms
    )
    assert compared_arms(study) == ("wide",)
    store = ResultsFolder(tmp_path / "r", create=True)
    levels = {"none": 0.5, "other": 0.9, "wide": 0.6}
    for arm, level in levels.items():
        one = dataclasses.replace(study, arms=(study.arm(arm),), baseline=arm)
        found = [synthetic.changed(r, -1, val_accuracy=level) for r in synthetic.records(one, range(4))]
        lost = [
            dataclasses.replace(synthetic.changed(r, -1, val_accuracy=0.1, val_loss=math.nan), status="diverged")
            for r in found[2:]
        ]
        fill(store, [*found[:2], *lost] if arm == "wide" else found)
    (accuracy,) = [c for c in changes_so_far(study, load(store).frames) if c.what == "accuracy"]
    assert accuracy.arm == "wide" and accuracy.change == pytest.approx(0.1)
