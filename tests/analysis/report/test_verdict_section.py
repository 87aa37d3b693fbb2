"""A study's claims as findings: the number that decides, on an axis whose ticks are its bounds."""

from __future__ import annotations

import dataclasses
import re

import pytest

from analysis.claims.judged_part import JudgedPart
from analysis.claims.queries import Remarks
from analysis.claims.verdicts import judge
from analysis.data.frames import from_records
from analysis.report.effect_axis import MINUS
from analysis.report.page_tree import Finding
from analysis.report.verdict_section import effect_of, findings
from analysis.statistics.estimates import Estimate
from analysis.text.phrases import Unit
from study.spec import registry
from study.spec.claims import Claim, Contrast, Level, Quantity
from tests import synthetic
from tests.analysis.report.test_headline import STUDY


@pytest.mark.parametrize(
    ("low", "high", "written"),
    [
        (-0.9, 0.9, [f"{MINUS}90", "90"]),
        (-1e-6, 1e-6, ["±0.0001"]),
        (1e-6, 2e-6, ["0.0001 to 0.0002"]),
        (0.001, None, ["0.1"]),
    ],
)
def test_bounds_are_written_without_overlap(low: float, high: float | None, written: list[str]) -> None:
    a, b = (Quantity(arm=arm, metric="val_accuracy") for arm in ("fast", "plain"))
    claim = Claim(id="c-1", statement="It helps.", parts=(Contrast(a=a, b=b, low=low, high=high),))
    study = dataclasses.replace(STUDY, claims=(claim,))
    frames = from_records(synthetic.records(study, tuple(range(6))))
    (found,) = findings(study, judge(study, frames, {study.name: study}), lambda *_: Remarks())
    assert isinstance(found, Finding) and found.effect is not None and found.effect.scale is not None
    assert [text for _, text in found.effect.scale.ticks] == written


def test_a_mechanism_has_no_count_of_parts_that_are_met() -> None:
    """Its head said "0 of 2 parts are met" beside "held in 10 of 10 trials"."""
    study = registry.load_study("batch-size")
    verdicts = judge(study, from_records(synthetic.records(study, range(5))))
    made = findings(study, verdicts, lambda *_: Remarks())
    (head,) = [f for f in made if isinstance(f, Finding) and f.verdict == "mechanism"]
    assert head.parts is not None and len(head.parts.sheet.rows) == 2 and head.remark == ""


def test_parts_are_sentences_that_call_arms_as_all_others_do_and_have_one_direction() -> None:
    """They said "none minus l2-norm: 4.4 points" below a head that said -4.4."""
    study = registry.load_study("regularization")
    records = synthetic.records(study, range(5), shift={"l2-norm": -0.03, "l2-squared": -0.03})
    made = findings(study, judge(study, from_records(records)), lambda *_: Remarks())
    (found,) = [f for f in made if isinstance(f, Finding) and f.id == "l2-1"]
    assert found.parts is not None
    assert found.parts.sheet.heads[:3] == ("What was found", "95 % interval", "Claimed")
    for row, arm in zip(found.parts.sheet.rows, ("L2 as coded", "L2 as written"), strict=True):
        assert arm in row[0].text and "minus" not in row[0].text and "l2-" not in row[0].text, row[0].text
        assert re.fullmatch(r"in all 5 seeds|\d.* to \d.*", row[1].text), "the interval has a column of its own"
        assert row[0].trials == f"{found.anchor}-trials", "what was found leads to the trials behind it"


@pytest.mark.parametrize(
    ("a", "b", "bounds", "number", "tick"),
    [
        ("fast", "plain", {"high": 0.1}, "20 times narrower", "10"),
        ("fast", "plain", {"low": 0.01, "high": 0.1}, "20 times narrower", "10 100"),
        ("plain", "fast", {"low": 10.0}, "20 times as wide", "10"),
        ("fast", "plain", {"low": 0.0, "high": 0.1}, "0.050 times as wide", "0 0.1"),
    ],
)
def test_a_ratio_below_1_is_turned_round_with_its_bounds_and_both_intervals(
    a: str, b: str, bounds: dict[str, float], number: str, tick: str
) -> None:
    """It was "0.0074 times, 0.0056 to 0.0094" with the bound 0.1, beside a sentence of "130 times as wide"."""
    x, y = (Quantity(arm=arm, metric="width", tensor="W1") for arm in (a, b))
    part, less = Contrast(a=x, b=y, ratio=True, low=bounds.get("low"), high=bounds.get("high")), a == "fast"
    value, low, high = (0.05, 0.04, 0.0625) if less else (20.0, 16.0, 25.0)
    wide = Estimate(value, value / 3, value * 3, 9)
    judged = JudgedPart(
        "w", "c", "supported", Estimate(value, low, high, 9), Unit(1.0, "times"), (), None, part.low, part.high, wide
    )
    found = effect_of(STUDY, judged, part)
    assert found is not None and found.mark is not None and found.scale is not None
    assert f"{found.number} {found.unit}" == number
    assert " ".join(text for _, text in found.scale.ticks) == tick
    assert found.mark.interval is not None and found.mark.deciding is not None and found.mark.claimed is not None
    first, last = found.mark.deciding
    assert first < found.mark.interval[0] < found.mark.value < found.mark.interval[1] < last
    if tick == "10":
        assert found.interval == "16 to 25" and found.mark.claimed[1] == 1.0


def test_a_largest_value_in_standard_deviations_has_that_unit() -> None:
    part = Level(quantity=Quantity(arm="fast", metric="tail", tensor="W1"), low=10.0)
    judged = JudgedPart("w", "c", "supported", Estimate(13.4, 11.6, 15.3, 5), low_bound=10.0)
    found = effect_of(STUDY, judged, part)
    assert found is not None and (found.number, found.unit) == ("13.4", "standard deviations")
