"""Verdicts as JSON."""

from __future__ import annotations

import json
import math

from analysis.claims import verdicts as claims
from analysis.claims.verdict_json import to_json
from analysis.claims.words import WORDS
from analysis.data.frames import from_records
from tests.analysis.claims.small_study import STUDIES
from tests.synthetic import records
from trainables.records.tensor_summary import SUMMARY_EPOCHS


def test_the_whole_chapter_is_judged_and_json_can_say_it():
    made = from_records(r for s in STUDIES.values() for r in records(s, range(3), summaries=SUMMARY_EPOCHS))
    found = [v for s in STUDIES.values() for v in claims.judge(s, made, STUDIES)]
    assert len(found) == 37
    assert {p.refusal.why for v in found for p in v.parts if p.refusal} <= {"rule", "not-finite"}
    assert {v.verdict for v in found} == {"not-enough-seeds", "mechanism"}
    plain = to_json(found)
    assert {"id", "verdict", "estimate", "low", "high", "n", "trials"} <= set(plain[0])
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert all(v.sentence.startswith(WORDS[v.verdict].capitalize()) for v in found)


def test_nothing_at_all_still_gives_every_verdict():
    empty = from_records([])
    for study in STUDIES.values():
        found = claims.judge(study, empty, STUDIES)
        assert [v.id for v in found] == [c.id for c in study.claims]
        assert {v.verdict for v in found} <= {"missing"}
        assert all(v.reason and math.isnan(v.estimate) and v.n == 0 for v in found)
        assert json.dumps(to_json(found), allow_nan=False)
