"""Verdicts along the path of seeds, and over the claims of a family."""

from __future__ import annotations

import math
from dataclasses import replace

from analysis.claims import verdicts as claims
from analysis.claims.verdict_json import to_json
from analysis.data.frames import from_records
from study.spec.claims import Claim, Contrast, Level
from study.spec.study import Family
from tests.analysis.claims.small_study import (
    CONTRAST,
    NEAR,
    SMALL,
    claim,
    q,
    varying,
    verdict,
)
from tests.synthetic import record


def test_what_was_decided_stays_whatever_later_seeds_say():
    part = Contrast(a=q("b"), b=q("a"), low=0.0)
    first = from_records(varying(SMALL, range(5), shift={"b": 0.05}))
    more = from_records(
        [*varying(SMALL, range(5), shift={"b": 0.05}), *varying(SMALL, range(5, 40), shift={"b": -0.2})]
    )
    (before,), (after,) = (claims.judge(claim(part), made) for made in (first, more))
    assert (before.verdict, after.verdict) == ("supported", "supported")
    assert (before.decided_at, before.p, before.part.decides) == (after.decided_at, after.p, after.part.decides)
    assert after.n == 40 and after.estimate < 0 < before.estimate, "later estimates are shown"


def test_more_seeds_of_one_arm_change_nothing():
    few, more = list(varying(SMALL, shift={"b": 0.05})), [record(SMALL.config("a", seed=s)) for s in range(5, 9)]
    wanted = claims.Grounds({"small": range(5)})
    found = [claims.judge(claim(CONTRAST), from_records(r), {}, wanted)[0] for r in (few, few + more)]
    assert found[0] == found[1] and found[0].verdict == "supported"


def test_a_shorter_arm_that_shares_trials_of_other_seeds_makes_no_claim_missing():
    """Seeds were bought for a study of fewer epochs: a trial of the longer arm then lies there, ended early."""
    there = [
        *varying(SMALL, range(5)),
        *(r for r in varying(SMALL, range(5, 8)) if r.config.lr == SMALL.config("a").lr),
    ]
    longer = SMALL.config("b")
    short = [record(longer.replace(seed=s, epochs=longer.epochs - 1)) for s in range(5, 8)]
    wanted = claims.Grounds({"small": range(5), "small/a": range(8)})
    (v,) = claims.judge(claim(NEAR), from_records([*there, *short]), {}, wanted)
    assert (v.verdict, v.path) == ("open", tuple(range(5)))
    everything = claims.Grounds({"small": range(8)})
    (v,) = claims.judge(claim(NEAR), from_records([*there, *short]), {}, everything)
    assert v.verdict == "missing" and "seed 5 of b ended early" in v.reason, "it was asked"


def test_seeds_after_a_gap_wait():
    v = verdict(NEAR, seeds=range(12), skip=[("b", 6)])
    assert (v.verdict, v.path) == ("open", tuple(range(6))), "as over these six"
    waits = "b has no trial of seed 6, so later ones wait (the first is 7): --seeds 0-11 fills the gap"
    assert v.reason.endswith(f"; {waits}") and v.short.endswith(f" B{waits[1:]}.") and v.fills == tuple(range(12))
    asked = verdict(NEAR, seeds=range(12), skip=[("b", 6)], given=range(12))
    assert (asked.verdict, asked.fills) == ("missing", ()), "a run was asked for it"
    assert asked.reason == "b has no trial of seed 6"
    decided = verdict(CONTRAST, seeds=range(12), skip=[("b", 6)], shift={"b": 0.2})
    assert (decided.verdict, decided.n) == ("supported", 6), "what is decided lacks nothing"
    none = verdict(CONTRAST, seeds=range(10, 15))
    assert (none.verdict, none.path) == ("not-enough-seeds", ()) and "no trial of seed 0" in none.reason
    assert none.reason.startswith("no seed counts yet, and a verdict takes"), "five are there, in the table above it"
    assert none.reason.endswith("--seeds 0-14 fills the gap, or `study merge` with a folder that has them")


def test_a_gap_that_no_run_asked_for_leaves_a_verdict_as_it_was():
    """Seeds 20 and 21 made an open claim over 8 seeds one that lacks records."""
    before = verdict(NEAR, seeds=range(8), given=range(8))
    after = verdict(NEAR, seeds=(*range(8), 20, 21), given=(*range(8), 20, 21))
    assert (before.verdict, before.fills) == ("open", ()) and after.fills == tuple(range(22))
    assert [(v.verdict, v.path, v.p, v.part.decides) for v in (before, after)] == [
        ("open", tuple(range(8)), before.p, before.part.decides)
    ] * 2
    longer = SMALL.config("b")
    there = [r for r in varying(SMALL, (*range(8), 20, 21)) if r.config.seed != 8]
    short = [record(longer.replace(seed=8, epochs=longer.epochs - 1)), record(SMALL.config("a", seed=8))]
    (v,) = claims.judge(claim(NEAR), from_records([*there, *short]), {}, claims.Grounds({"small": (*range(8), 20, 21)}))
    assert v.verdict == "open" and "seed 8 of b ended early" in v.reason and v.fills == tuple(range(22))


def test_seeds_before_the_first_one_are_shown_apart():
    late = replace(claim(CONTRAST), claims=(Claim(id="x", statement="s.", parts=(CONTRAST,), from_seed=5),))
    (v,) = claims.judge(late, from_records(varying(SMALL, range(5), shift={"b": 0.2})))
    assert (v.verdict, v.n, v.path) == ("not-enough-seeds", 0, ())
    (v,) = claims.judge(late, from_records(varying(SMALL, range(10), shift={"b": 0.2})))
    assert (v.verdict, v.path, v.decided_seed) == ("supported", (5, 6, 7, 8, 9), 9)
    assert v.part.before is not None and v.part.before.n == 5
    assert any(text.startswith("Seen before the claim was written, and not used:") for text in v.details)


def test_fewer_than_five_seeds_give_an_estimate_and_no_verdict():
    for n in (1, 2, 4):
        v = verdict(Level(quantity=q(), low=0.0), seeds=range(n))
        assert (v.verdict, v.n, v.judged) == ("not-enough-seeds", n, False) and math.isfinite(v.estimate)
        assert "a verdict takes at least 5" in v.reason


def test_a_larger_family_takes_more_evidence_and_its_number_never_changes():
    part = Level(quantity=q(), low=0.70)
    middle = verdict(part).estimate
    near = Level(quantity=q(), low=middle - 0.02)
    alone = verdict(near)
    wide = verdict(near, study=replace(SMALL, family=Family(name="all", places=200)))
    assert (alone.verdict, wide.verdict) == ("supported", "open") and (alone.places, wide.places) == (5, 200)
    assert wide.p > 20 * alone.p and wide.family == "all"
    assert 'any of the at most 200 verdicts of the family "all" is wrong' in to_json([wide])[0]["guarantee"]


# ------------------------------------------------------------------------------------------------- seeds without spread
