"""The places of a family of claims: who has one, and that nobody takes another's."""

from __future__ import annotations

import math
from dataclasses import replace

from analysis.claims import verdicts as claims
from analysis.claims.family import family_of, standings
from analysis.data.frames import from_records
from analysis.report.inputs import read_inputs
from study.spec.claims import Claim, Level, Mechanism
from study.spec.study import Family
from study.storage.run_records import RunRecord, write_run
from tests.analysis.claims.small_study import SMALL, q
from tests.analysis.stores import store_of
from tests.synthetic import records


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


def test_a_claim_that_changed_after_it_ran_in_full_does_not_get_the_place_of_its_reduced_run():
    one = replace(_many(1), family=Family(name="f", places=1))
    quick = replace(one, epochs=1, reduced=("*",))
    changed = replace(one, base={"batch_size": 100})
    for before in ([quick, one], [one, quick], [one]):
        found = standings({one.name: [*before, changed]}, {one.name: changed})[one.name]
        assert not found.placed
        assert standings({one.name: before}, {one.name: one})[one.name].placed
    assert standings({one.name: [quick, changed]}, {one.name: changed})[one.name].placed, (
        "it is what the quick run was of"
    )
