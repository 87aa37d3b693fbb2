"""The table of arms that Python gives: numbers for whoever counts on, signs and units for whoever reads."""

from __future__ import annotations

import re

import pytest

from analysis.report.inputs import read_inputs
from study.app.results_frames import trials_frame
from study.app.results_summary import summary_table
from study.app.shown_table import ShownTable, SummaryRow
from tests.analysis.stores import store_of
from tests.study.app import exported


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> ShownTable[SummaryRow]:
    inputs = read_inputs(store_of(tmp_path_factory.mktemp("r"), [exported.rates()], shift={"fast": 0.1}))
    return summary_table(inputs, inputs.studies, trials_frame(inputs, inputs.studies))


def test_a_change_has_its_sign_and_its_unit_in_a_notebook_as_on_a_terminal(table: ShownTable[SummaryRow]) -> None:
    """It was "0.6 ± 1.0" below "change in accuracy", beside a terminal's "+0.6 ± 1.0"."""
    page, fast = table._repr_html_(), next(row for row in table if row.arm == "fast")
    assert "change in accuracy, points</th>" in page and "change in gap, points</th>" in page
    assert fast.change > 0 and f"all +{fast.change:.1f}" in page and f"all +{fast.change:.1f}" in str(table)
    assert re.search(rf'text-align: right; white-space: nowrap">all \+{fast.change:.1f}<', page), "as numbers are"


def test_a_row_says_which_arm_is_the_baseline(table: ShownTable[SummaryRow]) -> None:
    assert {row.arm: row.note for row in table}["slow"] == "baseline" and not any(row.reduced for row in table)
