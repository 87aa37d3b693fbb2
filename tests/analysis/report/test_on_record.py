"""What a reduced page says first of what is on record at full protocol."""

from __future__ import annotations

import dataclasses
import re
from types import SimpleNamespace
from typing import Any

from analysis.chapter.headlines import HEADLINES
from analysis.claims.recorded import Recorded
from analysis.report.chart_blocks import FoundInFull
from analysis.report.main_effect import MainEffect
from analysis.report.on_record import counts_on_record, found_in_full, marks_on_record
from study.planning.protocol import Protocol
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
    assert found_in_full(STUDY, both, MainEffect(a, b)) == FoundInFull(f"Found of {SECOND.id}.")
    other = MainEffect(dataclasses.replace(a, metric="val_loss"), dataclasses.replace(b, metric="val_loss"))
    for effect in (None, other):
        assert found_in_full(STUDY, both, effect) == FoundInFull(f"Found of {FIRST.id}.")
    few = [judged(FIRST.id, "not-enough-seeds"), both[1]]
    assert found_in_full(STUDY, few, None) == FoundInFull(f"Found of {SECOND.id}.")
    assert found_in_full(STUDY, [judged(FIRST.id, None)], None) == FoundInFull()


def test_beside_a_reduced_effect_stand_the_same_one_in_full_and_the_answer() -> None:
    """Beside points of accuracy stood nats of another claim."""
    study = registry.load_study("batch-size")
    effect = HEADLINES["batch-size"].effect
    assert effect is not None and effect.a.metric == "val_accuracy"
    quick = Protocol((0, 1), quick=True).study(study)
    seen = found_in_full(quick, [], effect)
    assert (
        re.fullmatch(r"\N{MINUS SIGN}\d\.\d points \(.* to .*\) after 5 epochs", seen.number)
        and "accuracy" in seen.answer
    )
    assert found_in_full(study, [], effect) == FoundInFull(), "in full it stands there itself"
    turned = dataclasses.replace(effect, a=effect.b, b=effect.a)
    other = dataclasses.replace(quick, arms=tuple(dataclasses.replace(a, in_full="other") for a in quick.arms))
    assert found_in_full(quick, [], turned) == found_in_full(other, [], effect) == FoundInFull(), "of another effect"
