"""Where metrics end, and intervals with them."""

from __future__ import annotations

import math
from dataclasses import replace

from analysis.claims import ranges
from analysis.claims.verdicts import judge
from analysis.data.frames import from_records
from analysis.statistics.estimates import Estimate
from analysis.tables import overfitting as tables
from analysis.tables.measures import MEASURES
from study.spec.claims import EPOCH_METRICS, TENSOR_METRICS, Claim, Level, Quantity
from study.spec.registry import load_study
from tests.synthetic import records


def test_every_metric_and_measure_has_a_range() -> None:
    for metric in EPOCH_METRICS:
        low, high = ranges.of(Quantity(arm="a", metric=metric))
        assert low < high
    for metric in TENSOR_METRICS:
        assert ranges.of(Quantity(arm="a", metric=metric, tensor="W1")) == ranges.POSITIVE_RANGE
    for measure in MEASURES:
        assert measure.endswith("_change") or ranges.of(measure)[0] < ranges.of(measure)[1]


def test_differences_gaps_and_ratios() -> None:
    accuracy, gap = (Quantity(arm="a", metric=m) for m in ("val_accuracy", "accuracy_gap"))
    assert ranges.difference(accuracy) == (-1.0, 1.0) and ranges.difference(gap) == (-2.0, 2.0)
    assert ranges.ratio(accuracy, accuracy) == ranges.POSITIVE_RANGE and ranges.ratio(gap, accuracy) == ranges.ANY_RANGE
    assert ranges.of(Quantity(arm="a", metric="val_accuracy", reaches=0.8)) == (1.0, math.inf)


def test_an_interval_is_cut_and_an_unknown_one_stays_unknown() -> None:
    found = ranges.mean([0.97, 1.0, 0.96], (0.0, 1.0))
    assert found.high == 1.0 and 0.9 < found.low < found.value < 1.0
    one = ranges.cut(Estimate(0.9, math.nan, math.nan, 1), (0.0, 1.0))
    assert math.isnan(one.low) and math.isnan(one.high)


def test_a_level_up_to_all_is_judged_by_its_other_bound_alone() -> None:
    study = load_study("dropout")
    made = from_records(records(study, range(5)))
    found = []
    for high in (None, 1.0):
        part = Level(quantity=Quantity(arm="none", metric="val_accuracy"), low=0.5, high=high)
        (v,) = judge(replace(study, claims=(Claim(id="x", statement="s.", parts=(part,)),)), made)
        found.append((v.verdict, v.p))
    assert found[0] == found[1] and found[0][0] == "supported"


def test_tables_of_two_seeds_stay_where_metrics_are() -> None:
    study = load_study("dropout")
    made = from_records(records(study, (0, 1), shift={"none": 0.3}))
    table = tables.overfitting(study, made)
    known = table[table["low"].notna() & ~table["measure"].str.endswith("_change")]
    assert len(known)
    for row in known.itertuples():
        low, high = ranges.of(str(row.measure))
        assert low <= row.low <= row.high <= high
