"""What version 0.1 would have said, so that a folder that it judged can say what is judged otherwise now.

It took plain 95 % intervals part by part: supported where all lay within their bounds, refuted where one lay outside.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from analysis.claims.judged_part import JudgedPart
from analysis.claims.plain_sentences import HALF
from analysis.claims.verdicts import Verdict
from analysis.claims.words import WORDS
from analysis.text.phrases import SHARE
from study.storage.run_records import RunRecord

TITLE = "Judged anew"


def notice(verdicts: Sequence[Verdict], runs: Iterable[RunRecord]) -> tuple[str, ...]:
    """What a page says of a folder that version 0.1 ran: the rule is another, and these words differ."""
    old = {study for run in runs if run.reduced_studies is None for study in run.studies}
    mine = [v for v in verdicts if v.study in old]
    if not mine:
        return ()
    head = (
        "Version 0.1 judged this folder by plain 95 % intervals, part by part. Here it is judged by the rule with a "
        "guarantee, which asks for more."
    )
    words = [(v, old_word(v)) for v in mine]
    lines = [f"{v.id}: was {word}, is {WORDS[v.verdict]}" for v, word in words if word not in (None, v.verdict)]
    other = [v.id for v, word in words if word is None]
    unknown = [f"measured otherwise now: {', '.join(other)}"] if other else []
    return (head, *lines, *unknown)


def old_word(verdict: Verdict) -> str | None:
    """The word of version 0.1; None where it measured otherwise: first epochs, associations."""
    if verdict.reduced:
        return verdict.verdict
    words = [_part(part) for part in verdict.parts]
    if "refuted" in words:
        return "refuted"
    if None in words:
        return None
    return "supported" if set(words) == {"supported"} else "open"


def _part(part: JudgedPart) -> str | None:
    e = part.estimate
    if e is None:
        return "open"
    if part.unit == SHARE:
        return None if part.claimed.endswith(HALF) else "supported" if part.holds_in == e.n else "refuted"
    if math.isnan(e.low):
        return None if e.n > 1 else "open"
    low = -math.inf if part.low_bound is None else part.low_bound
    high = math.inf if part.high_bound is None else part.high_bound
    if e.low >= low and e.high <= high:
        return "supported"
    return "refuted" if e.high < low or e.low > high else "open"
