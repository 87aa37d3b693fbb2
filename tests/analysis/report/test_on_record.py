"""What a reduced page says first of what is on record at full protocol."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any

from analysis.claims.recorded import Recorded
from analysis.report.on_record import counts_on_record, found_in_full, marks_on_record
from study.spec import registry
from study.spec.claims import Contrast

STUDY = registry.load_study("dropout")
FIRST, SECOND = STUDY.claims[0], STUDY.claims[1]


def judged(name: str, verdict: str | None) -> Any:
    found = Recorded("dropout", name, "digest", verdict, f"Found of {name}") if verdict else None
    return SimpleNamespace(id=name, study="dropout", recorded=found)


def test_marks_and_counts_are_of_what_is_on_record_alone() -> None:
    verdicts = [judged("a", "open"), judged("b", None), judged("c", "supported"), judged("d", "supported")]
    assert counts_on_record(verdicts) == (("supported", 2), ("open", 1)), "in the order of the words"
    marks = [mark[:2] for mark in marks_on_record(verdicts).items]
    assert marks == [("a", "open"), ("c", "supported"), ("d", "supported")]
    assert counts_on_record([judged("b", None)]) == ()


def test_what_was_found_is_of_the_claim_about_the_effect_else_of_the_first_that_has_been_judged() -> None:
    (part,) = SECOND.parts
    assert isinstance(part, Contrast) and not any(isinstance(p, Contrast) for p in FIRST.parts)
    a, b = (dataclasses.replace(q, arm=f"dropout/{q.arm}") for q in (part.a, part.b))
    both = [judged(FIRST.id, "supported"), judged(SECOND.id, "open")]
    assert found_in_full(STUDY, both, (a, b)) == f"Found of {SECOND.id}."
    other = tuple(dataclasses.replace(q, metric="val_loss") for q in (a, b))
    for effect in (None, (other[0], other[1])):
        assert found_in_full(STUDY, both, effect) == f"Found of {FIRST.id}."
    assert found_in_full(STUDY, [judged(FIRST.id, "not-enough-seeds"), both[1]], None) == f"Found of {SECOND.id}."
    assert found_in_full(STUDY, [judged(FIRST.id, None)], None) == ""
