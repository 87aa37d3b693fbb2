"""The verdict on record stands beside what a reduced run cannot judge."""

from __future__ import annotations

from dataclasses import replace

from analysis.claims import recorded
from analysis.claims import verdicts as claims
from analysis.claims.verdict_json import to_json
from analysis.data.frames import from_records
from study.planning.protocol import Protocol
from study.spec import registry
from study.spec.claims import Level
from study.spec.study import Arm
from tests.analysis.claims.small_study import STUDIES, q
from tests.synthetic import records


def test_a_reduced_run_of_the_chapter_names_the_verdict_on_record_and_own_studies_have_none():
    study = replace(STUDIES["scaling"], reduced=("*",))
    made = from_records(records(study, range(2)))
    published = {r.id: r.verdict for r in recorded.published().verdicts if r.study == "scaling"}
    found = claims.judge(study, made, STUDIES)
    assert {v.id: v.recorded.verdict for v in found if v.recorded} == published and published
    assert all(f" In full, on record: {published[v.id]}. " in v.sentence for v in found)
    assert all(p["recorded"]["verdict"] == published[p["id"]] for p in to_json(found))
    for v in found:  # a line of a terminal ended "In full, on record: supported.", without the number
        assert v.recorded and f". In full, on record: {v.recorded.word}. {v.recorded.found}. Claimed: " in v.short
        assert v.short.count("Claimed: ") == 1
    changed = replace(study.claims[0], parts=(Level(quantity=q("scaled"), low=0.1),))
    other = tuple(Arm(name=a.name, change={**dict(a.change.values), "lr": 0.02}) for a in study.arms)
    own = [
        replace(study, name="own"),
        replace(study, claims=(changed,)),
        replace(study, arms=other, knobs=(*study.knobs, "lr")),
    ]
    assert all(v.recorded is None for s in own for v in claims.judge(s, made, STUDIES))
    full = claims.judge(STUDIES["scaling"], made, STUDIES)
    assert all(v.recorded is None and "On record" not in v.sentence for v in full)


def test_arms_have_their_numbers_on_record_while_they_are_configured_as_in_their_catalogue():
    whole = registry.load_study("dropout")
    quick = Protocol((0, 1), quick=True).study(whole)
    found = recorded.of_arms(quick)
    assert set(found) == {a.name for a in whole.arms}
    for name, arm in found.items():
        assert arm.epochs == whole.config(name).epochs > quick.config(name).epochs
        assert arm.accuracy.low < arm.accuracy.value < arm.accuracy.high and 0 < arm.accuracy.half < 1
    on_gpu = Protocol((0, 1), quick=True, device="cuda").study(whole)
    assert recorded.of_arms(on_gpu) == found, "where it runs changes nothing"
    other = replace(quick, arms=(quick.arms[0], replace(quick.arms[1], in_full="another arm")))
    assert set(recorded.of_arms(other)) == {quick.arms[0].name}
    assert not recorded.of_arms(replace(quick, name="own"))


def test_a_claim_without_a_number_on_record_has_the_word_alone():
    study = Protocol((0, 1), quick=True).study(registry.load_study("learning-rate"))
    (found,) = (v for v in claims.judge(study, from_records(records(study, range(2))), {}) if v.id == "lr-6")
    assert found.recorded is not None and not found.recorded.found
    assert found.short.endswith(". In full, on record: not enough seeds.")
    assert found.sentence.endswith(" In full, on record: not enough seeds.")
