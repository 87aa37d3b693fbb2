"""The still of a knob against the outcome."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.claims.queries import Measurements
from analysis.data.frames import from_records
from analysis.figures import svg_text
from analysis.figures.knobs import knob_figure
from analysis.tables.knob_levels import knob_ladders, knob_levels
from study.spec.claims import Quantity
from study.spec.study import Arm, Study
from tests import synthetic
from tests.analysis.drawn import xs

STUDY = Study(
    name="s", title="S", question="Q?", knobs=("l1",), epochs=3,
    arms=tuple(Arm(name=f"w{i}", change={"l1": w}) for i, w in enumerate((0.0, 1e-4, 1e-2, 1.0))),
)  # fmt: skip


def levels(seeds: int) -> pd.DataFrame:
    frames = from_records(synthetic.records(STUDY, range(seeds), endings={("w3", 0): ("diverged", 2)}))
    (ladder,) = knob_ladders(STUDY)
    return knob_levels(STUDY, ladder, Quantity(arm="w0", metric="val_accuracy"), Measurements({"s": STUDY}, frames))


def test_it_draws_each_level_its_interval_the_baseline_and_a_cross_without_a_number() -> None:
    made = knob_figure("S, by l1", "accuracy [%]", "w0", levels(3))
    axes = made.figure.axes[0]
    marks = {str(line.get_marker()): xs(line).tolist() for line in axes.lines if line.get_marker() != "None"}
    assert marks["D"] == [0.0] and marks["x"] == [1.0] and axes.get_xscale() == "symlog"
    assert len(axes.collections[0].get_segments()) == 3  # type: ignore[attr-defined]
    assert axes.get_ylabel() == "accuracy [%]" and axes.get_xlabel() == "l1"
    assert made.name == "s-knob-l1" and made.frame["estimate"][0] == pytest.approx(100 * levels(3)["estimate"][0])
    assert "Diamond: w0." in made.caption and "95 % interval" in made.caption and "Cross" in made.caption
    assert made.alt.startswith("S, by l1. 0: ") and "1: w3 diverged (seed 0)." in made.alt


def test_one_seed_has_no_interval_and_two_drawings_are_alike() -> None:
    one = knob_figure("S, by l1", "accuracy [%]", "w0", levels(1))
    assert one.caption.startswith("One seed an arm. Diamond")
    assert svg_text(one) == svg_text(knob_figure("S, by l1", "accuracy [%]", "w0", levels(1)))
