"""What stands on record in full of what a reduced run finds and does not judge, for the first screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from analysis.claims import recorded
from analysis.claims.recorded import Recorded
from analysis.claims.verdicts import Verdict
from analysis.claims.words import VERDICTS
from analysis.report.chart_blocks import NOTHING_IN_FULL, FoundInFull, Verdicts
from analysis.report.main_effect import MainEffect
from analysis.report.page_tree import anchor
from study.spec.arm_names import full_arm_name
from study.spec.claims import Contrast, Level, Quantity
from study.spec.study import Study


def marks_on_record(verdicts: Sequence[Verdict]) -> Verdicts:
    """The verdicts on record of a study's claims, as marks that lead to them."""
    return Verdicts(tuple((v.id, v.recorded.verdict, anchor("claim", v.study, v.id)) for v in verdicts if v.recorded))


def counts_on_record(verdicts: Sequence[Verdict]) -> tuple[tuple[str, int], ...]:
    """The verdicts on record and how many claims have them; empty where there are none."""
    counts = Counter(v.recorded.verdict for v in verdicts if v.recorded)
    return tuple((word, counts[word]) for word in VERDICTS if counts[word])


def found_in_full(study: Study, verdicts: Sequence[Verdict], effect: MainEffect | None) -> FoundInFull:
    """The answer on record of a reduced study with the same main effect.

    Where none is on record: what was found of the claim that speaks of the effect, else of the study's first one.
    """
    answer = recorded.of_effect(study, effect.a, effect.b, ratio=effect.ratio) if effect and study.reduced else None
    if answer is not None:
        return FoundInFull(answer.answer, answer.number)
    judged: dict[str, Recorded] = {v.id: v.recorded for v in verdicts if v.recorded}
    there = {name: found for name, found in judged.items() if found.found and found.verdict != "not-enough-seeds"}
    pair = (effect.a, effect.b) if effect else None
    about = [c.id for c in study.claims if pair and any(_speaks(study, p, pair) for p in c.parts)]
    first = next((there[name] for name in (*about, *there) if name in there), None)
    return FoundInFull(f"{first.found}.") if first else NOTHING_IN_FULL


def _speaks(study: Study, part: object, effect: tuple[Quantity, Quantity]) -> bool:
    """Whether a claim is about the arms of an effect by its metric, wherever on their curves."""
    if not isinstance(part, Level | Contrast):
        return False
    quantities = (part.quantity,) if isinstance(part, Level) else (part.a, part.b)
    if quantities[0].metric != effect[0].metric:
        return False
    full = {full_arm_name(study, q.arm) for q in quantities}
    return full == {q.arm for q in effect}
