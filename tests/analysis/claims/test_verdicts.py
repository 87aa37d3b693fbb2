"""Verdicts: the claim as a whole, the chapter's, and what stands on record; nothing is ever silently absent."""

from __future__ import annotations

from analysis.claims import verdicts as claims
from analysis.data.arms import arm_frame
from analysis.data.frames import from_records
from study.spec.claims import Contrast, Level
from study.storage.run_records import RunRecord
from tests.analysis.claims.small_study import (
    CONTRAST,
    SMALL,
    claim,
    q,
    verdict,
)
from tests.synthetic import records


def test_a_changed_claim_is_seen():
    now = claim(Level(quantity=q(), low=0.0))
    before = claim(Level(quantity=q(), low=0.1))
    assert claims.changed(before, before) == []
    assert claims.changed(before, now) == ["x: changed after the run began; the version before has no verdict"]
    assert claims.changed(SMALL, now) == ["x: added after the run began"]
    removed = "x: removed after the run began, and without a verdict; it said “s.”"
    assert claims.changed(now, SMALL) == [removed]


def test_advice_of_seeds_is_that_of_the_whole_claim():
    values = from_records(records(SMALL, range(5)))
    frame = values.epochs[(values.epochs["epoch"] == 4)]
    trials = arm_frame(values, SMALL, ["a"])["trial"]
    accuracies = frame[frame["trial"].isin(trials)]["val_accuracy"]
    mean, spread = accuracies.mean(), accuracies.std()

    def above(distance):
        return Level(quantity=q(), low=mean - distance * spread)

    near, far = verdict(above(0.5)).need, verdict(above(1.5)).need
    assert near and far and near.by_seed[40] < far.by_seed[40]
    assert verdict(above(1.5), above(0.5)).need == verdict(above(0.5), above(1.5)).need, "whichever part comes first"
    few = verdict(Level(quantity=q(), low=mean - 4 * spread), seeds=range(2))
    assert few.verdict == "not-enough-seeds" and few.need and few.need.low == 5, "a pilot of two tells of the spread"
    assert verdict(Level(quantity=q(), low=mean - 4 * spread), seeds=range(1)).need is None


def test_no_interval_lies_where_the_metric_cannot():
    made = from_records(records(SMALL, range(5), shift={"a": 0.4}))
    forms: tuple[Level | Contrast, ...] = (
        Level(quantity=q(), low=0.0, high=1.0),
        Contrast(a=q("a"), b=q("b"), low=-1.0, high=1.0),
    )
    for form in forms:
        assert form.low is not None and form.high is not None
        (v,) = claims.judge(claim(form), made, {})
        assert v.verdict in ("supported", "open") and form.low <= v.low <= v.high <= form.high
        assert v.part.decides is None or form.low <= v.part.decides.low <= v.part.decides.high <= form.high


def test_seeds_are_asked_of_an_arm_where_the_run_says_so():
    runs = [
        RunRecord(studies=("small",), seeds=(0, 1)),
        RunRecord(studies=("small",), seeds=(0, 1, 2, 3), asked={"small/a": (0, 1, 2, 3), "small/b": (0, 1)}),
    ]
    asked = claims.asked_of_arms(runs, SMALL)
    assert (asked["small/a"], asked["small/b"]) == ((0, 1, 2, 3), (0, 1))
    made = from_records(records(SMALL, range(2)))
    (v,) = claims.judge(claim(CONTRAST), made, {}, claims.Grounds(asked))
    assert v.verdict == "not-enough-seeds", "seeds asked of one arm alone are not missing"
    (v,) = claims.judge(claim(CONTRAST), made, {}, claims.Grounds({"small": (0, 1, 2)}))
    assert v.verdict == "missing" and "b and a have no trial of seed 2" in v.reason
