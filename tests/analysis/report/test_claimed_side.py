"""What a claim says of one number: of just these arms, this metric and this epoch, in either direction."""

from __future__ import annotations

import dataclasses
import math

import pytest

from analysis.claims.verdicts import judge
from analysis.data.frames import from_records
from analysis.report.claimed_side import Claimed, claimed_of, with_claimed
from analysis.report.main_effect import MainEffect
from analysis.tables.effects import effects
from study.spec.claims import Claim, Contrast, Quantity
from tests import synthetic
from tests.analysis.report.test_headline import STUDY


def of(arm: str, at: int | str = "last", metric: str = "val_accuracy") -> Quantity:
    return Quantity(arm=arm, metric=metric, at=at)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("a", "b", "bounds"),
    [
        (of("fast"), of("plain"), (0.01, 0.5)),
        (of("fast", 5), of("plain"), (0.01, 0.5)),
        (of("own/fast"), of("own/plain", 5), (0.01, 0.5)),
        (of("plain"), of("fast"), (-0.5, -0.01)),
        (of("slow"), of("plain"), None),
        (of("fast"), of("slow"), None),
        (of("fast", 4), of("plain", 4), None),
        (of("fast", metric="train_accuracy"), of("plain", metric="train_accuracy"), None),
    ],
)
def test_a_claim_speaks_of_a_number_where_arms_metric_and_epoch_are_the_same(
    a: Quantity, b: Quantity, bounds: tuple[float, float] | None
) -> None:
    claim = Claim(id="c", statement="s.", parts=(Contrast(a=a, b=b, low=0.01, high=0.5),))
    study = dataclasses.replace(STUDY, claims=(claim,))
    frames = from_records(synthetic.records(study, range(8), shift={"fast": 0.65}, noise=0.05))
    verdicts = judge(study, frames, {study.name: study})
    said = claimed_of(study, verdicts, MainEffect(of("own/fast", 5), of("own/plain", 5)))
    if bounds is None:
        assert said == Claimed()
    else:
        assert (said.low, said.high) == bounds and said.verdict == verdicts[0].verdict
        assert said.decides is not None and said.decides[0] > 0, "the fast one is above, whichever way it is claimed"


def test_what_stills_draw_of_a_claim_is_what_the_forest_draws() -> None:
    claim = Claim(id="c", statement="s.", parts=(Contrast(a=of("plain"), b=of("fast"), low=0.0),))
    study = dataclasses.replace(STUDY, claims=(claim,))
    frames = from_records(synthetic.records(study, range(8), shift={"fast": -0.65}, noise=0.05))
    verdicts = judge(study, frames, {study.name: study})
    found = with_claimed(study, verdicts, effects(study, frames, metrics=("val_accuracy", "accuracy_gap")))
    rows = {(r["arm"], r["metric"]): r for r in found.to_dict("records")}
    mine = rows.pop(("fast", "val_accuracy"))
    assert (mine["verdict"], mine["claimed"]) == ("supported", "below 0 points")
    assert mine["claimed_high"] == 0 and str(mine["claimed_high"]) == "0.0" and math.isnan(mine["claimed_low"])
    assert mine["decides_low"] < mine["low"] < mine["estimate"] < mine["high"] < mine["decides_high"] < 0
    assert {(r["verdict"], r["claimed"]) for r in rows.values()} == {("", "")}
    assert all(math.isnan(r[c]) for r in rows.values() for c in ("claimed_low", "claimed_high", "decides_low"))
