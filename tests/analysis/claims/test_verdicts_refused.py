"""Every refusal of a verdict with its reason: missing, stopped, reduced, diverged, incomparable."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest

from analysis.claims import verdicts as claims
from analysis.claims.verdict_json import to_json
from analysis.claims.words import WORDS
from analysis.data.frames import from_records
from analysis.text.phrases import after_colon
from study.spec.claims import Association, Contrast, Level, Mechanism, Quantity, Trajectory
from study.storage.run_records import RunRecord
from tests.analysis.claims.small_study import (
    CONTRAST,
    NEAR,
    SMALL,
    claim,
    q,
    reduced_study,
    varying,
    verdict,
)
from tests.synthetic import records


@pytest.mark.parametrize(
    ("word", "part", "how", "says"),
    [
        ("missing", CONTRAST, {"skip": [("b", 4)], "given": range(5)}, "b has no trial of seed 4"),
        ("missing", CONTRAST, {"skip": [("b", s) for s in range(5)]}, "b has no trials"),
        ("missing", CONTRAST, {"endings": {("b", 1): ("stopped", 2)}}, "seed 1 of b ended early (after 2 of 4 epochs)"),
        ("not-enough-seeds", CONTRAST, {"seeds": [0]}, "there is one seed, and a verdict takes at least 5"),
        ("not-enough-seeds", CONTRAST, {"skip": [("b", s) for s in (2, 3, 4)]}, "at least 5; b has no trial of seed 2"),
        ("missing", NEAR, {"given": [0, 5, 7]}, "b and a have no trial of seeds 5, 7"),
        ("not-judged", Contrast(a=q("b"), b=q("short"), low=0.0), {}, "the epochs differ (4 and 2)"),
        ("not-judged", Contrast(a=q("b", at=9), b=q("a", at=9), low=0.0), {}, "trains 4 epochs here, and not 9"),
        ("not-judged", Contrast(a=q("b"), b=q("a"), low=0.0, differ=("dropout_input",)), {}, "the arms differ in lr"),
        ("missing", Contrast(a=q("b"), b=q("other/a"), low=0.0), {}, "there is no study other"),
        ("missing", Level(quantity=q("a", "width", tensor="W9"), low=0.0), {}, "has no W9"),
        ("not-judged", Mechanism(arm="a", rule="plateau"), {}, "the schedule of a is constant"),
    ],
)
def test_what_cannot_be_judged_says_why(word, part, how, says):
    v = verdict(part, **how)
    (plain,) = to_json([v])
    assert (v.verdict, plain["verdict"], plain["judged"], plain["guarantee"]) == (word, word, False, None)
    assert v.sentence.startswith(f"{WORDS[word].capitalize()}") and says in plain["reason"]
    assert says.lower() in v.short.lower() or word == "not-enough-seeds"
    assert says in v.reason
    assert not v.judged
    assert after_colon(says) in v.sentence


def test_the_seeds_asked_for_are_those_of_the_runs_that_name_the_study():
    runs = [RunRecord(studies=("small",), seeds=(0, 1)), RunRecord(studies=("other",), seeds=(9,))]
    assert claims.asked_seeds(runs, "small") == (0, 1)
    assert claims.asked_seeds(runs, "absent") is None


def test_a_diverged_arm_is_compared_as_diverged_and_a_failed_one_likewise():
    for how in ("diverged", "failed"):
        all_of_b = {("b", s): (how, 2) for s in range(20)}
        worse = verdict(Contrast(a=q("a"), b=q("b"), low=0.0), endings=all_of_b, seeds=range(20))
        assert (worse.verdict, worse.estimate, worse.n) == ("supported", 1.0, 20)
        assert verdict(CONTRAST, endings=all_of_b, seeds=range(20)).verdict == "refuted"
        assert verdict(Level(quantity=q("b"), high=0.2), endings=all_of_b, seeds=range(20)).verdict == "supported"
    one = verdict(CONTRAST, endings={("b", 0): ("diverged", 2)}, shift={"b": 0.2})
    assert (one.verdict, one.estimate) == ("open", 0.8)
    assert "diverged" in one.sentence
    late = verdict(CONTRAST, endings={("b", 6): ("diverged", 2)}, shift={"b": 0.2}, seeds=range(9))
    assert (late.verdict, late.decided_at) == ("supported", 5), "a crossing before it stands"


def test_an_arm_that_collapses_in_half_of_its_seeds_is_not_supported_by_the_others():
    ends = {("b", s): ("diverged", 2) for s in range(1, 60, 2)}
    v = verdict(CONTRAST, endings=ends, shift={"b": 0.2}, seeds=range(60))
    assert v.verdict == "open"


def test_where_both_diverged_it_is_a_tie_and_before_that_the_numbers_count():
    both = {(a, s): ("diverged", 3) for a in "ab" for s in range(20)}
    nothing = verdict(CONTRAST, endings=both, seeds=range(20))
    assert (nothing.verdict, nothing.part.estimate, nothing.need) == ("open", None, None)
    assert nothing.short == "B and a diverged or failed in every seed, so there is nothing to compare."
    few = verdict(CONTRAST, endings=both, seeds=range(2))
    assert (few.verdict, few.short) == ("open", nothing.short), "more seeds would tell nothing either"
    one = {k: v for k, v in both.items() if k != ("a", 1)}
    assert verdict(CONTRAST, endings=one, seeds=range(2)).verdict == "not-enough-seeds"
    ratio = replace(CONTRAST, ratio=True, low=None, high=1.0)
    assert verdict(ratio, endings=both, seeds=range(20)).verdict == "open"
    most = {k: v for k, v in both.items() if k[1] > 1}
    some = verdict(Contrast(a=q("a"), b=q("b"), low=0.0), endings=most, seeds=range(20))
    assert (some.verdict, some.n) == ("open", 20)
    early = Contrast(a=q("b", at=2), b=q("a", at=2), low=0.0)
    v = verdict(early, endings=both, shift={"b": 0.2})
    assert (v.verdict, v.part.unit.word) == ("supported", "points")


def test_where_a_metric_knows_no_worst_the_path_ends_at_the_diverged_seed():
    v = verdict(
        Level(quantity=q("c", "width", tensor="W1"), low=9.0), endings={("c", 5): ("diverged", 2)}, seeds=range(9)
    )
    assert (v.verdict, v.n) == ("refuted", 5)
    v = verdict(
        Level(quantity=q("c", "width", tensor="W1"), low=9.0), endings={("c", 2): ("diverged", 2)}, seeds=range(9)
    )
    assert (v.verdict, v.n) == ("not-judged", 2)
    assert "seed 2 of c diverged and left no such number" in v.reason and "more seeds do not help" in v.reason
    assert v.need is None, "so no command advises or buys any"


def test_what_stays_open_before_a_seed_that_leaves_no_number_is_not_judged_and_a_failed_seed_is_tried_again():
    width = Level(quantity=q("c", "width", tensor="W1"), low=1.0)
    found = verdict(width, endings={("c", s): ("diverged", 2) for s in range(9)}, seeds=range(9))
    assert (found.verdict, found.need) == ("not-judged", None)
    failed = verdict(width, endings={("c", 0): ("failed", 2)}, seeds=range(9))
    assert (failed.verdict, "seed 0 of c failed" in failed.reason) == ("missing", True)


def test_times_of_different_machines_are_not_compared():
    study = claim(Contrast(a=q("b", "seconds", "mean"), b=q("a", "seconds", "mean"), low=0.5, ratio=True))
    here = list(records(SMALL, range(5), skip=[("b", s) for s in range(5)]))
    there = list(records(SMALL, range(5), skip=[("a", s) for s in range(5)], host="node-2"))
    (v,) = claims.judge(study, from_records([*here, *there]))
    assert "different machines" in v.reason
    (v,) = claims.judge(study, from_records(records(SMALL, range(20))))
    assert v.verdict == "supported"
    twins = [
        replace(r, provenance={"host": f"node-{i}", "hardware": "one kind"})
        for i, r in enumerate(records(SMALL, range(20)))
    ]
    (v,) = claims.judge(study, from_records(twins))
    assert v.verdict == "supported"


@pytest.mark.parametrize("seeds", [range(5), range(1), ()], ids=["five", "one", "none"])
@pytest.mark.parametrize(
    "form",
    [
        Level(quantity=Quantity(arm="a", metric="val_accuracy"), low=0.99),
        Level(quantity=Quantity(arm="a", metric="val_accuracy", at=25), low=0.0),
        Contrast(
            a=Quantity(arm="b", metric="val_accuracy"), b=Quantity(arm="a", metric="val_accuracy"), low=-1, high=1
        ),
        Trajectory(arm="a", metric="train_loss"),
        Mechanism(arm="a", rule="updates", value=6),
        Association(
            arms=("a", "b", "c"),
            x=Quantity(arm="*", metric="train_loss"),
            y=Quantity(arm="*", metric="val_loss"),
        ),
    ],
)
def test_nothing_is_judged_under_a_reduced_protocol(form, seeds):
    v = verdict(form, study=reduced_study(), seeds=seeds)
    assert (v.verdict, v.judged, v.need, math.isnan(v.p)) == ("reduced", False, None, True)
    assert v.sentence.startswith("Not judged (reduced). ") and "one seed" not in v.sentence
    (plain,) = to_json([v])
    assert (plain["verdict"], plain["reduced"], plain["recorded"], plain["p"]) == ("reduced", True, None, None)
    assert {p["verdict"] for p in plain["parts"]} == {"reduced"}
    json.dumps(plain, allow_nan=False)


def test_the_number_of_a_reduced_run_is_said():
    v = verdict(Level(quantity=q(), low=0.0), study=reduced_study())
    assert math.isfinite(v.estimate) and f"Seen in {v.part.n} seeds." in v.sentence


def test_a_reduced_claim_that_speaks_of_a_study_that_is_not_here_says_so():
    """It was "Nothing is measured yet.", at the end of a run that was over."""
    study = claim(*(Level(quantity=q(arm), low=0.0) for arm in ("b", "annealing/constant")), study=reduced_study())
    (v,) = claims.judge(study, from_records(varying(study, range(2))))
    assert v.verdict == "reduced"
    assert v.short == "There is no number: there is no study annealing here, so no arm annealing/constant."


def test_a_reduced_claim_whose_seeds_were_not_trained_names_them():
    """It was "Nothing is measured yet.", behind 54 trials."""
    study = claim(CONTRAST, study=reduced_study())
    made = from_records(varying(study, range(2)))
    for first, said in (
        (5, "There is no number: it takes seeds from 5 on, and none of them is here."),
        (0, ". Claimed: "),
    ):
        asked = replace(study, claims=(replace(study.claims[0], from_seed=first),))
        (found,) = claims.judge(asked, made, {}, claims.Grounds({study.name: None}))
        assert found.verdict == "reduced" and said in found.short


def test_parts_of_arms_that_were_not_reduced_do_not_decide_for_the_others():
    some = replace(reduced_study(), reduced=("b",))
    refuted = Level(quantity=q("a"), low=0.99)
    assert verdict(refuted, study=some).verdict == "refuted"
    assert verdict(refuted, Level(quantity=q("b"), low=0.0), study=some).verdict == "reduced"
