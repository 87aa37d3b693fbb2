"""Verdicts along the path of seeds, and over the claims of a family."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from analysis.claims import verdicts as claims
from analysis.claims.family import family_of, standings
from analysis.claims.sentences import sentence
from analysis.claims.verdict_json import to_json
from analysis.data.frames import from_records
from analysis.report.inputs import read_inputs
from study.spec.claims import Claim, Contrast, Level, Mechanism
from study.spec.study import Family
from study.storage.run_records import RunRecord, write_run
from tests.analysis.claims.small_study import (
    CONTRAST,
    NEAR,
    SMALL,
    claim,
    q,
    varying,
    verdict,
)
from tests.analysis.stores import store_of
from tests.synthetic import record, records


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
    assert (v.verdict, v.path) == ("missing", tuple(range(6)))
    assert v.reason == "b has no trial of seed 6, so later ones wait (the first is 7)"
    decided = verdict(CONTRAST, seeds=range(12), skip=[("b", 6)], shift={"b": 0.2})
    assert (decided.verdict, decided.n) == ("supported", 6), "what is decided lacks nothing"
    none = verdict(CONTRAST, seeds=range(10, 15))
    assert (none.verdict, none.path) == ("missing", ()) and "no trial of seed 0" in none.reason


def test_seeds_before_the_first_one_are_shown_apart():
    late = replace(claim(CONTRAST), claims=(Claim(id="x", statement="s.", parts=(CONTRAST,), from_seed=5),))
    (v,) = claims.judge(late, from_records(varying(SMALL, range(5), shift={"b": 0.2})))
    assert (v.verdict, v.n, v.path) == ("not-enough-seeds", 0, ())
    (v,) = claims.judge(late, from_records(varying(SMALL, range(10), shift={"b": 0.2})))
    assert (v.verdict, v.path, v.decided_seed) == ("supported", (5, 6, 7, 8, 9), 9)
    assert v.part.before is not None and v.part.before.n == 5
    assert any(text.startswith("Seen before it was written, and not used:") for text in v.details)


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
    assert "any of the at most 200 verdicts of all is wrong" in to_json([wide])[0]["guarantee"]


def _many(n, study=SMALL):
    part = Level(quantity=q(), low=0.0)
    return replace(study, claims=tuple(Claim(id=f"c{i}", statement="s.", parts=(part,)) for i in range(n)))


def test_more_claims_than_places_leave_the_last_without_a_verdict():
    study = replace(_many(4), family=Family(name="all", places=3))
    found = claims.judge(study, from_records(records(SMALL, range(5))))
    assert [v.verdict for v in found] == ["supported"] * 3 + ["no-place"]
    assert found[3].reason == "the 3 places of the family all are taken" and math.isfinite(found[3].estimate)
    assert math.isnan(found[3].p) and not found[3].judged and found[3].part.verdict == "no-place"
    assert found[3].sentence.startswith("No place. ") and found[3].sentence.endswith("family all are taken.")
    assert found[3].short.endswith("The 3 places of the family all are taken."), "what stands in its way is said"
    assert found[3].need is None, "no seed helps it"


def test_a_later_version_of_a_claim_takes_a_place_of_its_own_and_the_first_number_of_places_stays():
    first, other = _many(3), _many(2, replace(SMALL, name="other"))
    changed = replace(first.claims[0], parts=(Level(quantity=q(), low=0.1),))
    words = replace(first.claims[1], statement="Other words.")
    second = replace(first, claims=(changed, words, *first.claims[2:]))
    family = Family(name="all", places=5)
    one, two = (replace(s, family=family) for s in (first, other))
    new = replace(second, family=family)
    found = standings({"small": (one, new), "other": (two,)}, {"small": new, "other": two})
    assert found["small"].placed == {"c1", "c2"}, "five were taken before the new version came"
    assert found["other"].placed == {"c0", "c1"}
    implied = standings({"small": (first, _many(7))}, {"small": _many(7)})["small"]
    assert implied.family.places == 5 and len(implied.placed) == 5
    odd = standings({"small": (one,), "other": (replace(two, family=Family(name="all", places=9)),)},
                    {"small": one, "other": two})  # fmt: skip
    assert all(s.refusal for s in odd.values()), "one family, two numbers"
    grounds = claims.Grounds(standing=odd["small"])
    assert {v.verdict for v in claims.judge(one, from_records(records(SMALL)), {}, grounds)} == {"not-judged"}


def test_a_study_that_comes_later_takes_nobodys_place(tmp_path):
    family = Family(name="all", places=4)
    first = replace(_many(3), family=family)
    changed = replace(first.claims[0], parts=(Level(quantity=q(), low=0.1),), from_seed=5)
    second, later = replace(first, claims=(changed, *first.claims[1:])), replace(_many(1), name="later", family=family)
    versions, judged = {"small": (first, second), "later": (later,)}, {"small": second, "later": later}
    times = {"small": ["2026-11-27T01", "2026-11-27T02"], "later": ["2026-11-27T03"]}
    assert standings(versions, judged, frozen_at=times.__getitem__)["small"].placed == {"c0", "c1", "c2"}
    assert standings(versions, judged, frozen_at=times.__getitem__)["later"].placed == set()
    times["later"] = ["2026-11-27T01"]
    assert standings(versions, judged, frozen_at=times.__getitem__)["later"].placed == {"c0"}
    times["later"] = []  # it is not frozen yet, so it comes last
    assert standings(versions, judged, frozen_at=times.__getitem__)["small"].placed == {"c0", "c1", "c2"}
    old = {"small": ["", ""], "later": ["2026-11-27T03"]}  # of version 0.1: it was there before
    assert standings(versions, judged, frozen_at=old.__getitem__)["later"].placed == set()
    store = store_of(tmp_path, [first], range(5), gather=False)
    store.studies.freeze(second)
    store.studies.freeze(later)
    write_run(store.folder, "20260102T000000-000000", RunRecord(studies=("later",), seeds=(0, 1, 2, 3, 4)))
    found = read_inputs(store)
    assert found.standings["small"].placed == {"c0", "c1", "c2"} and found.standings["later"].placed == set()
    (verdict,) = claims.judge(later, found.frames, found.studies, found.grounds("later"))
    assert verdict.reason == "the 4 places of the family all are taken"


def test_a_mechanism_takes_no_place_and_an_old_study_has_the_family_of_the_registered_one():
    study = replace(_many(2), family=Family(name="all", places=2))
    by_rule = Claim(id="m", statement="s.", parts=(Mechanism(arm="a", rule="updates", value=1875),))
    study = replace(study, claims=(by_rule, *study.claims))
    assert standings({"small": (study,)}, {"small": study})["small"].placed == {"c0", "c1"}
    old = replace(study, family=None)
    assert family_of((old,), study).places == 2 and family_of((old,)).places == 5
    assert family_of((old,), replace(study, base={"lr": 0.5})).places == 5


# ------------------------------------------------------------------------------------------------- seeds without spread


def flat(*parts, seeds, study=SMALL):
    """Judged of seeds that agree to the last digit; b lies 5 points above a, far outside any bound of 0."""
    made = from_records(records(study, range(seeds), noise=0.0, shift={"b": 0.05}))
    (found,) = claims.judge(claim(*parts, study=study), made)
    return found


WRONG = Contrast(a=q("b"), b=q("a"), low=0.3)
BETWEEN = Contrast(a=q("b"), b=q("a"), low=0.3, high=0.4)


@pytest.mark.parametrize(
    ("part", "word", "needed"), [(CONTRAST, "supported", 11), (WRONG, "refuted", 11), (BETWEEN, "refuted", 12)]
)
def test_seeds_without_spread_say_why_they_leave_it_open_and_how_many_decide(part, word, needed):
    v = flat(part, seeds=5)
    assert (v.verdict, v.n, v.part.estimate.low, v.part.estimate.high) == ("open", 5, v.estimate, v.estimate)
    assert v.reason == (
        "all 5 seeds give the same number, so nothing is known of how far seeds vary, and only counts of seeds speak: "
        f"if all go on so, {needed} in all decide it"
    )
    assert v.reason in sentence(v)
    assert flat(part, seeds=needed - 1).verdict == "open"
    assert (flat(part, seeds=needed).verdict, flat(part, seeds=needed).decided_at) == (word, needed)


def test_a_family_pays_in_seeds_without_spread_too():
    family = replace(SMALL, family=Family(name="f", places=43))
    assert "14 in all decide it" in flat(CONTRAST, seeds=5, study=family).reason
    assert [flat(CONTRAST, seeds=n, study=family).verdict for n in (13, 14)] == ["open", "supported"]


def test_seeds_that_differ_or_another_part_that_does_are_not_called_equal():
    assert verdict(NEAR).reason == "the seeds do not tell yet"
    made = from_records([*varying(SMALL, range(5))])
    (v,) = claims.judge(claim(CONTRAST, Level(quantity=q("a"), low=0.0)), made)
    assert "the same number" not in v.reason
