"""What an open claim would cost is counted from the seconds on record."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from analysis.chapter.open_costs import cost_basis, hours_words, open_cost
from analysis.claims.verdicts import Verdict
from analysis.data.arms import arm_frame
from analysis.report.build_page import build_page
from analysis.report.inputs import ReportInputs, read_inputs
from analysis.statistics.power import Need
from study.spec import registry
from study.spec.claims import arms_named
from tests.analysis.report.test_build_page import without_figures
from tests.analysis.stores import store_of

SCALING = registry.load_study("scaling")


@pytest.fixture
def open_claim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[ReportInputs, Verdict]:
    """A claim with two seeds on record, and what it needs."""
    without_figures(monkeypatch, all_of_them=True)
    inputs = read_inputs(store_of(tmp_path / "r", [SCALING], (0, 1)))
    first = build_page(inputs).verdicts[0]
    need = Need(low=10, high=None, chance=0.8, undecided=0.3, most=80, by_seed=(0.0,) * 80)
    return inputs, dataclasses.replace(first, verdict="open", path=(0, 1), need=need)


def test_the_seeds_beyond_those_on_record_are_counted_at_the_seconds_of_their_arms(
    open_claim: tuple[ReportInputs, Verdict],
) -> None:
    inputs, verdict = open_claim
    claim = next(c for c in SCALING.claims if c.id == verdict.id)
    trials = arm_frame(inputs.frames, SCALING, sorted(set(arms_named(claim))))["trial"]
    epochs = inputs.frames.epochs[inputs.frames.epochs["trial"].isin(trials)]
    a_seed = float(epochs["seconds"].sum() + epochs["eval_seconds"].sum()) / 2
    assert a_seed > 0
    said = hours_words(8 * a_seed / 3600, 78 * a_seed / 3600)
    assert open_cost(inputs, verdict) == f"10 to 80 seeds cost {said} more"
    assert verdict.need
    for need, seeds in (
        (dataclasses.replace(verdict.need, low=None), 80),
        (dataclasses.replace(verdict.need, one_look=5, low=None), 5),
    ):
        hours = (seeds - 2) * a_seed / 3600
        assert (
            open_cost(inputs, dataclasses.replace(verdict, need=need))
            == f"{seeds} seeds cost {hours_words(hours, hours)} more"
        )
    epochs_that_are_longer = inputs.frames.epochs
    epochs_that_are_longer["seconds"] += 3600.0
    longer = 8 * (a_seed + 3600.0 * len(epochs) / 2) / 3600
    assert f"{longer:.0f} to " in open_cost(inputs, verdict)


def test_what_is_not_open_or_not_known_has_no_cost(open_claim: tuple[ReportInputs, Verdict]) -> None:
    inputs, verdict = open_claim
    for other in (dataclasses.replace(verdict, need=None), dataclasses.replace(verdict, verdict="supported")):
        assert open_cost(inputs, other) == "" == cost_basis(inputs, [other])
    assert "that the records name (" in cost_basis(inputs, [verdict])
