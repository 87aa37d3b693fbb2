"""What is measured beside claims that do not hold: said from the trials, and shown only there."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from analysis.chapter.explanations import REASONS, measured_beside
from analysis.claims.queries import Measurements, NotMeasured
from analysis.claims.verdicts import judge
from analysis.data.frames import Frames, from_records
from analysis.report import html, markdown
from analysis.report.page_tree import Page, Section
from analysis.report.verdict_section import findings
from study.catalog import CHAPTER
from study.spec import registry
from study.spec.claims import Level, Quantity
from study.spec.study import Study
from tests import synthetic
from trainables.records.tensor_summary import SUMMARY_EPOCHS

STUDIES = {name: registry.load_study(name) for name in CHAPTER}


@pytest.fixture(scope="module")
def measured() -> Measurements:
    records = [r for s in STUDIES.values() for r in synthetic.records(s, range(5), summaries=SUMMARY_EPOCHS)]
    return Measurements(STUDIES, from_records(records))


@pytest.mark.parametrize(("study", "claim"), REASONS)
def test_every_reason_belongs_to_a_claim_and_is_measured(measured: Measurements, study: str, claim: str) -> None:
    assert claim in {c.id for c in STUDIES[study].claims}
    found = measured_beside(measured, study, claim)
    assert found.said and found.missing == ()
    assert all(any(c.isdigit() for c in text) for text in found.said)


def test_a_claim_without_prepared_measurements_has_none(measured: Measurements) -> None:
    assert measured_beside(measured, "dropout", "dropout-1") == measured_beside(measured, "no-such", "lr-1")


def _with_claim(high: float) -> Study:
    study = STUDIES["learning-rate"]
    claim = next(c for c in study.claims if c.id == "lr-1")
    part = Level(quantity=Quantity(arm="lr-0.1", metric="val_accuracy"), high=high)
    return replace(study, claims=(replace(claim, parts=(part,), from_seed=0),))


def _page(study: Study, measured: Measurements) -> Page:
    verdicts = judge(study, measured.frames, STUDIES)
    section = Section("v", "Verdicts", tuple(findings(study, verdicts, partial(measured_beside, measured))))
    return Page("t", "l", False, (), (section,))


def test_shown_where_a_claim_is_refuted_and_not_where_it_holds(measured: Measurements) -> None:
    refuted, held = (_page(_with_claim(high), measured) for high in (0.0, 1.0))
    assert "dead" in html.render(refuted) and "dead" in markdown.render(refuted)
    assert "dead" not in html.render(held) and "Measured beside it" not in markdown.render(held)


def test_the_share_of_zeros_is_that_of_the_worst_seed() -> None:
    study = STUDIES["learning-rate"]
    records = list(synthetic.records(study, (0, 1), summaries=SUMMARY_EPOCHS))
    frames: Frames = from_records(records)
    quantiles = [
        t.quantiles for r in records for t in r.tensors if t.name == "A1" and t.epoch == 10 and r.config.lr == 0.1
    ]
    at_most = min(sum(q <= 0 for q in qs) for qs in quantiles)
    assert len(quantiles) == 2
    said = Measurements({study.name: study}, frames).zeros("learning-rate/lr-0.1", 10)
    assert said == f"at least {('0', '0', '0.1', '1', '5', '25', '50', '75', '95', '99', '99.9', '100')[at_most]} %"


def test_only_the_seeds_that_were_asked_count() -> None:
    study = STUDIES["dropout"]
    frames = from_records(synthetic.records(study, (0, 1, 2), summaries=SUMMARY_EPOCHS))
    quantity = Quantity(arm="dropout/none", metric="val_accuracy")
    every, two = (Measurements({"dropout": study}, frames, seeds) for seeds in ({}, {"dropout": (0, 1)}))
    assert set(every.sample(quantity).values) == {0, 1, 2} and set(two.sample(quantity).values) == {0, 1}
    assert set(two.curves("dropout/none")["seed"]) == {0, 1}


def test_differences_are_over_the_seeds_that_both_arms_were_asked() -> None:
    study = STUDIES["dropout"]
    a, b = (Quantity(arm=f"dropout/{arm}", metric="val_accuracy") for arm in ("dropout-0.25", "none"))
    frames = from_records(synthetic.records(study, range(6), skip=[("none", 5)], summaries=SUMMARY_EPOCHS))
    measured = Measurements({"dropout": study}, frames, {"dropout/none": range(5), "dropout/dropout-0.25": range(6)})
    assert measured.difference(a, b).n == 5 and measured.estimate(a).n == 6 and measured.estimate(b).n == 5
    with pytest.raises(NotMeasured, match="seeds do not match"):
        Measurements({"dropout": study}, frames).difference(a, b)
