"""What stands on record at full protocol of claims that a reduced run does not judge, for the first screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from analysis.claims.recorded import Recorded
from analysis.claims.verdicts import Verdict
from analysis.claims.words import VERDICTS
from analysis.report.chart_blocks import Verdicts
from analysis.report.page_tree import anchor
from study.spec.claims import Contrast, Level, Quantity
from study.spec.study import Study


def marks_on_record(verdicts: Sequence[Verdict]) -> Verdicts:
    """The verdicts on record of a study's claims, as marks that lead to them."""
    return Verdicts(tuple((v.id, v.recorded.verdict, anchor("claim", v.study, v.id)) for v in verdicts if v.recorded))


def counts_on_record(verdicts: Sequence[Verdict]) -> tuple[tuple[str, int], ...]:
    """The verdicts on record and how many claims have them; empty where there are none."""
    counts = Counter(v.recorded.verdict for v in verdicts if v.recorded)
    return tuple((word, counts[word]) for word in VERDICTS if counts[word])


def found_in_full(study: Study, verdicts: Sequence[Verdict], effect: tuple[Quantity, Quantity] | None) -> str:
    """What was found at full protocol of the claim that speaks of an effect, else of the study's first one."""
    judged: dict[str, Recorded] = {v.id: v.recorded for v in verdicts if v.recorded}
    there = {name: found for name, found in judged.items() if found.verdict != "not-enough-seeds"}
    about = [c.id for c in study.claims if effect and any(_speaks(study, p, effect) for p in c.parts)]
    first = next((there[name] for name in (*about, *there) if name in there), None)
    return f"{first.found}." if first else ""


def _speaks(study: Study, part: object, effect: tuple[Quantity, Quantity]) -> bool:
    """Whether a claim is about the arms of an effect by its metric, wherever on their curves."""
    if not isinstance(part, Level | Contrast):
        return False
    quantities = (part.quantity,) if isinstance(part, Level) else (part.a, part.b)
    if quantities[0].metric != effect[0].metric:
        return False
    full = {q.arm if "/" in q.arm else f"{study.name}/{q.arm}" for q in quantities}
    return full == {q.arm for q in effect}
