"""The verdict on record stands beside what a reduced run cannot judge."""

from __future__ import annotations

from dataclasses import replace

from analysis.claims import recorded
from analysis.claims import verdicts as claims
from analysis.claims.verdict_json import to_json
from analysis.data.frames import from_records
from study.spec.claims import Level
from study.spec.study import Arm
from tests.analysis.claims.small_study import STUDIES, q
from tests.synthetic import records


def test_a_reduced_run_of_the_chapter_names_the_verdict_on_record_and_own_studies_have_none():
    study = replace(STUDIES["scaling"], reduced=("*",))
    made = from_records(records(study, range(2)))
    published = {claim: found.verdict for (name, claim), found in recorded.published().items() if name == "scaling"}
    found = claims.judge(study, made, STUDIES)
    assert {v.id: v.recorded.verdict for v in found if v.recorded} == published and published
    assert all(f"On record at full protocol: {published[v.id]} (" in v.sentence for v in found)
    assert all(p["recorded"]["verdict"] == published[p["id"]] for p in to_json(found))
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
