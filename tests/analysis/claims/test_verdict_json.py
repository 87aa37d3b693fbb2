"""Verdicts as JSON."""

from __future__ import annotations

import json
import math
import re

from analysis.claims import verdicts as claims
from analysis.claims.verdict_json import to_json
from analysis.claims.words import WORDS
from analysis.data.frames import from_records
from study.spec.claims import Contrast
from tests.analysis.claims.small_study import STUDIES, q, verdict
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


def test_a_part_is_told_in_the_words_of_the_page_and_says_apart_which_number_it_is():
    """It was "validation accuracy after 4 epochs, b minus a" and "above 0 points"."""
    part = Contrast(a=q("b"), b=q("a"), low=0.0)
    (told,) = to_json([verdict(part, shift={"b": 0.05})])[0]["parts"]
    assert re.fullmatch(r"B ends \d\.\d points above a in validation accuracy after 4 epochs", told["what"])
    assert told["claimed"] == "above" and told["low_bound"] == 0.0 and told["estimate"] > 0
    form = told["form"]
    assert (form["form"], form["a"]["arm"], form["b"]["arm"], form["a"]["metric"]) == (
        "contrast",
        "b",
        "a",
        "val_accuracy",
    )
    (lacking,) = to_json([verdict(part, skip=[("b", s) for s in range(5)])])[0]["parts"]
    assert lacking["what"].startswith("B ends above a in validation accuracy") and lacking["estimate"] is None
