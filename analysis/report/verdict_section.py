"""Findings with their intervals on a line."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from analysis.claims.judged_part import JudgedPart
from analysis.claims.queries import Evidence
from analysis.claims.verdicts import Verdict
from analysis.claims.words import WORDS
from analysis.report.page_tree import Block, Finding, Paragraph, Span, Table, anchor
from analysis.text import phrases as wording
from analysis.text.sheet import Cell, Sheet
from study.spec.study import Study

ENDS = {"diverged": "diverged", "stopped": "ended early", "failed": "failed"}


def findings(study: Study, verdicts: Sequence[Verdict], beside: Callable[[str, str], Evidence]) -> Iterable[Block]:
    """A finding a claim; with what was measured beside it where it was judged and does not hold."""
    if not verdicts:
        yield Paragraph("This study makes no statement.", "note")
    claims = {c.id: c for c in study.claims}
    for verdict in verdicts:
        claim = claims[verdict.id]
        fails = verdict.judged and verdict.verdict != "supported"
        why = beside(study.name, verdict.id) if fails else Evidence()
        name = f"{study.name}-{anchor(verdict.id)}-why"
        yield Finding(
            anchor=claim_anchor(verdict),
            id=verdict.id,
            statement=verdict.statement,
            verdict=verdict.verdict,
            sentence=" ".join((verdict.sentence, *verdict.details)),
            note=claim.note,
            span=span(verdict.part),
            parts=_parts(verdict) if len(verdict.parts) > 1 else None,
            trials=verdict.trials,
            why=(*why.said, *(f"Not measured: {text}" for text in why.missing)),
            why_table=None if why.sheet is None else Table(name, why.sheet),
        )


def claim_anchor(verdict: Verdict) -> str:
    """Where on the page a claim is."""
    return anchor("claim", verdict.study, verdict.id)


def _parts(verdict: Verdict) -> Table:
    rows = []
    for part in verdict.parts:
        found = wording.estimate_words(part.estimate, part.unit) if part.estimate else "no number"
        why = part.refusal.text if part.refusal else "-"
        cells = (Cell(part.what), Cell(part.claimed), Cell(found), Cell(WORDS[part.verdict]), Cell(why))
        rows.append(cells)
    heads = ("What is measured", "Claimed", "Found", "Verdict", "Remark")
    name = f"{verdict.study}-{anchor(verdict.id)}-parts"
    return Table(name, Sheet(f"Parts of {verdict.id}", heads, tuple(rows)))


def span(part: JudgedPart) -> Span | None:
    """The interval against the bounds on a line from 0 to 1; none where there is no interval or no bound."""
    e = part.estimate
    if e is None or part.unit == wording.SHARE or not (math.isfinite(e.low) and math.isfinite(e.high)):
        return None
    low, high = part.low_bound, part.high_bound
    known = [x for x in (low, high) if x is not None]
    if not known:
        return None
    left, right = min(e.low, *known), max(e.high, *known)
    room = (right - left) or abs(right) or 1.0
    left, right = left - 0.12 * room, right + 0.12 * room

    def place(x: float) -> float:
        return round(min(1.0, max(0.0, (x - left) / (right - left))), 4)

    alt = f"Found {wording.estimate_words(e, part.unit)}; claimed {part.claimed}"
    bounds = (0.0 if low is None else place(low), 1.0 if high is None else place(high))
    return Span(place(e.low), place(e.high), place(e.value), *bounds, alt)
