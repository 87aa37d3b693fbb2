"""Claims that are judged by a share of seeds, on an axis of per cents."""

from __future__ import annotations

import dataclasses

import pytest

from analysis.claims.judged_part import JudgedPart
from analysis.claims.queries import Remarks
from analysis.claims.verdicts import judge
from analysis.data.frames import from_records
from analysis.report.chart_blocks import DrawnEffect
from analysis.report.page_tree import Finding
from analysis.report.share_axis import share_of_part
from analysis.report.verdict_section import findings
from analysis.statistics.estimates import Estimate
from analysis.text.phrases import SHARE
from study.spec.claims import Claim, Contrast, Form, Level, Quantity, Trajectory
from tests import synthetic
from tests.analysis.report.test_headline import STUDY


def drawn(part: Form, seeds: int = 20) -> DrawnEffect:
    study = dataclasses.replace(STUDY, claims=(Claim(id="c", statement="s.", parts=(part,)),))
    frames = from_records(synthetic.records(study, tuple(range(seeds)), shift={"fast": 0.02}))
    (found,) = findings(study, judge(study, frames, {study.name: study}), lambda *_: Remarks())
    assert isinstance(found, Finding) and found.effect is not None
    return found.effect


FAST, PLAIN = (Quantity(arm=arm, metric="val_accuracy") for arm in ("fast", "plain"))
LATE, SOON = (dataclasses.replace(q, reaches=0.8) for q in (PLAIN, FAST))


@pytest.mark.parametrize(
    ("part", "bound"),
    [
        (Level(quantity=FAST, low=0.5, share=0.8), "80 %"),
        (Contrast(a=FAST, b=PLAIN, low=0.0, share=0.9), "90 %"),
        (Contrast(a=LATE, b=SOON, low=0.0), "50 %"),
        (Level(quantity=LATE, low=2, high=5), "50 %"),
        (Trajectory(arm="fast", metric="val_accuracy", direction="rises", share=0.7), "70 %"),
    ],
)
def test_a_claim_by_share_is_drawn_with_both_intervals_and_its_bound(part: Form, bound: str) -> None:
    """No claim by a share of seeds had an axis, and its two intervals stood in a fold as text alone."""
    found = drawn(part)
    assert found.unit == "seeds" and found.number.endswith(" of 20") and found.interval.endswith(" %")
    assert found.mark is not None and found.mark.interval is not None and found.mark.claimed is not None
    assert found.scale is not None
    assert [text for _, text in found.scale.ticks] == ["0 %", bound, *(["100 %"] if bound in ("50 %", "70 %") else [])]
    place = {text: place for place, text in found.scale.ticks}[bound]
    assert found.mark.claimed[0] == pytest.approx(place, abs=1e-3) and found.mark.claimed[1] == 1.0
    if not (isinstance(part, Level) and part.high is not None):  # two bounds are counted one by one
        assert found.mark.deciding is not None
        assert found.mark.deciding[0] <= found.mark.interval[0] <= found.mark.interval[1] <= found.mark.deciding[1]


def test_a_mechanism_has_no_share_that_was_claimed() -> None:
    part = JudgedPart("learning rate", "falls", "mechanism", Estimate(1.0, 0.48, 1.0, 5), SHARE)
    assert share_of_part(part, Estimate(1.0, 0.48, 1.0, 5)) == DrawnEffect("5 of 5", "seeds", what="learning rate")
