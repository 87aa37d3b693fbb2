"""What a study's part of the page warns of."""

from __future__ import annotations

from pathlib import Path

from analysis.data.arms import arm_frame, asked_rows
from analysis.report.inputs import read_inputs
from analysis.report.study_notices import missing_lines
from study.app.api import Results
from tests import synthetic
from tests.analysis import stores
from tests.analysis.report.test_inputs import SMALL, asked


def test_the_page_of_arms_with_unequal_seeds_calls_nothing_missing(tmp_path: Path) -> None:
    store = stores.store_of(tmp_path / "r", [SMALL], range(5), shift={"b": 0.05})
    asked(store, "20260102T000000-a", b=(5, 6, 8))
    more = [r for r in synthetic.records(SMALL, (5, 6), shift={"b": 0.05}) if r.config.lr == 0.2]
    stores.fill(store, more)
    inputs = read_inputs(store)
    arms = asked_rows(arm_frame(inputs.frames, SMALL), inputs.asked(SMALL), "small")
    assert missing_lines(SMALL, arms, inputs.asked(SMALL)) == ["b: no trial of seed 8"]
    assert Results(str(tmp_path / "r")).effects("val_accuracy")["n"].tolist() == [5, 5], "over the pairs that are there"
    stores.fill(store, [r for r in synthetic.records(SMALL, (8,), shift={"b": 0.05}) if r.config.lr == 0.2])
    inputs = read_inputs(store)
    assert missing_lines(SMALL, arm_frame(inputs.frames, SMALL), inputs.asked(SMALL)) == []
    assert Results(str(tmp_path / "r")).effects("val_accuracy")["n"].tolist() == [5, 5]
