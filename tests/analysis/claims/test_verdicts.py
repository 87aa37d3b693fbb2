"""Verdicts: the claim as a whole, the chapter's, and what stands on record; nothing is ever silently absent."""

from __future__ import annotations

import json
import math
from dataclasses import replace

from analysis.claims import old_rule
from analysis.claims import verdicts as claims
from analysis.claims.forms import Bounds
from analysis.claims.judged_part import JudgedPart
from analysis.claims.verdict_json import to_json
from analysis.claims.words import WORDS
from analysis.data.arms import arm_frame
from analysis.data.frames import from_records
from study.spec.claims import Contrast, Level, Quantity
from study.storage.run_records import RunRecord
from tests.analysis.claims.small_study import (
    CONTRAST,
    SMALL,
    STUDIES,
    claim,
    q,
    verdict,
)
from tests.synthetic import records


def test_supported_when_all_parts_are_refuted_when_one_is():
    yes, no = Level(quantity=q(), low=0.0), Level(quantity=q(), low=0.99)
    cannot = Level(quantity=q(at=9), low=0.0)
    assert verdict(yes, yes).verdict == "supported"
    both = verdict(yes, no, cannot)
    assert (both.verdict, both.deciding, both.reason) == ("refuted", 1, "")
    half = verdict(yes, cannot)
    assert (half.verdict, half.deciding, half.judged) == ("not-judged", 1, False)
    assert math.isnan(half.p)
    assert "1 of 2 parts" in half.sentence


def test_a_supported_claim_shows_its_weakest_part_and_one_p_against_five_per_cent():
    weak, strong = Level(quantity=q(), low=0.5), Level(quantity=q(), low=0.0)
    found = [verdict(*parts) for parts in ((weak,), (strong, weak), (weak, strong))]
    assert {v.verdict for v in found} == {"supported"} and [v.deciding for v in found] == [0, 1, 0]
    assert len({v.p for v in found}) == 1 and all(0 < v.p <= 0.05 for v in found), "of the weakest part"
    assert "This is the weakest of its 2 parts." in found[1].details
    assert "Decided by 5 seeds (seed 4), p below 0.001 against 5 %." in found[0].sentence


def test_the_whole_chapter_is_judged_and_json_can_say_it():
    made = from_records(r for s in STUDIES.values() for r in records(s, range(3)))
    found = [v for s in STUDIES.values() for v in claims.judge(s, made, STUDIES)]
    assert len(found) == 37
    assert {p.refusal.why for v in found for p in v.parts if p.refusal} <= {"rule", "not-finite"}
    assert {v.verdict for v in found} == {"not-enough-seeds", "mechanism"}
    plain = to_json(found)
    assert {"id", "verdict", "estimate", "low", "high", "n", "trials"} <= set(plain[0])
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert all(v.sentence.startswith(WORDS[v.verdict].capitalize()) for v in found)


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


def test_nothing_at_all_still_gives_every_verdict():
    empty = from_records([])
    for study in STUDIES.values():
        found = claims.judge(study, empty, STUDIES)
        assert [v.id for v in found] == [c.id for c in study.claims]
        assert {v.verdict for v in found} <= {"missing"}
        assert all(v.reason and math.isnan(v.estimate) and v.n == 0 for v in found)
        assert json.dumps(to_json(found), allow_nan=False)


def test_bounds_and_intervals():
    assert Bounds(0.0, 1.0).holds(0.0)
    assert not Bounds(0.0, 1.0, strict=True).holds(0.0)
    assert Bounds().holds(-math.inf)
    assert JudgedPart("what", "more", "open").finding == "Nothing is measured yet."


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


def test_a_folder_that_was_judged_by_the_old_rule_says_so_and_what_differs():
    near = Level(quantity=q(), low=verdict(Level(quantity=q(), low=0.0)).low - 1e-4)
    v = verdict(near)
    assert v.verdict == "open" and old_rule.old_word(v) == "supported"
    old = [RunRecord(studies=("small",), seeds=(0, 1, 2, 3, 4))]
    head, line = old_rule.notice([v], old)
    assert "the rule with a guarantee" in head and line == "x: was supported, is open"
    assert old_rule.notice([v], [replace(old[0], reduced_studies=())]) == ()
    first = Level(quantity=Quantity(arm="a", metric="val_accuracy", reaches=0.7), low=1, high=3)
    assert old_rule.notice([verdict(first)], old)[1] == "measured otherwise now: x"
    assert old_rule.old_word(verdict(Level(quantity=q(), low=0.99))) == "refuted"


def test_an_open_claim_whose_plain_interval_would_decide_names_the_one_that_does():
    mean = verdict(Level(quantity=q(), low=0.0)).part.estimate
    assert mean is not None
    inside = verdict(Level(quantity=q(), low=mean.value))
    assert inside.verdict == "open" and "decides" not in inside.short, "the plain interval holds the bound too"
    beyond = verdict(Level(quantity=q(), low=mean.low - 0.2 * (mean.high - mean.low)))
    assert beyond.verdict == "open" and "The interval that decides is wider: " in beyond.short
