"""What surprised: the claims that went otherwise than was claimed, chosen by a rule, each in a headline and a sentence.

A claim surprises where it is refuted; so does an open one that has a part whose 95 % interval lies wholly beyond what
was claimed. Refuted claims come first, the smallest p before the others; then the open ones, of which that comes first
whose number lies most half-widths of its interval beyond the bound. There are four at most, and of several studies one
each. A package may give the words; where it gives none for a claim, the words are by rule.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analysis.claims.judged_part import HALF_OF_SEEDS, JudgedPart
from analysis.claims.plain_sentences import shown
from analysis.claims.verdicts import Verdict
from analysis.report.chart_blocks import Surprise, Surprises, SurpriseWords
from analysis.report.extensions import Additions
from analysis.report.page_tree import Section
from analysis.report.verdict_section import claim_anchor, claim_trials_anchor
from analysis.text.phrases import SHARE

MAX_SURPRISES = 4


@dataclass(frozen=True)
class Surprising:
    """A claim that went otherwise than was claimed, and the part that says so."""

    verdict: Verdict
    part: JudgedPart
    half_widths: float
    """How far its number lies beyond what was claimed, in halves of its 95 % interval."""

    @property
    def rank(self) -> tuple[bool, float]:
        """The smaller, the sooner it is told."""
        refuted = self.verdict.verdict == "refuted"
        return not refuted, self.verdict.p if refuted else -self.half_widths


def section(added: Sequence[Additions], verdicts: Sequence[Verdict], *, provisional: bool = False) -> Iterable[Section]:
    """What went otherwise than was claimed; nothing where all went so. `provisional`: while a run goes on."""
    found = tuple(_told(added, one, provisional=provisional) for one in chosen(verdicts))
    if found:
        yield Section("surprises", "What surprises so far" if provisional else "What surprised", (Surprises(found),))


def chosen(verdicts: Iterable[Verdict]) -> list[Surprising]:
    """The claims that surprise most; of several studies one each."""
    every = list(verdicts)
    found = sorted((s for v in every if (s := _surprising(v)) is not None), key=lambda s: s.rank)
    if len({v.study for v in every}) == 1:
        return found[:MAX_SURPRISES]
    one_each: dict[str, Surprising] = {}
    for one in found:
        one_each.setdefault(one.verdict.study, one)
    return list(one_each.values())[:MAX_SURPRISES]


def _surprising(verdict: Verdict) -> Surprising | None:
    if verdict.verdict == "refuted":
        return Surprising(verdict, verdict.part, half_widths_beyond(verdict.part))
    if verdict.verdict != "open":
        return None
    part = max(verdict.parts, key=half_widths_beyond)
    far = half_widths_beyond(part)
    return Surprising(verdict, part, far) if far > 1 else None


def half_widths_beyond(part: JudgedPart) -> float:
    """How far a number lies beyond what was claimed, in halves of its 95 % interval, on the side of the bound.

    Above 1 the interval leaves the bound out, below 0 the number is as claimed. Infinite where all seeds agree; minus
    infinite where there is no number or no interval.
    """
    e, bounds = part.estimate, (part.low_bound, part.high_bound)
    if e is None or math.isnan(e.low):
        return -math.inf
    low, high = (HALF_OF_SEEDS if part.share is None else part.share, None) if part.unit == SHARE else bounds
    sides = [] if low is None else [_in_halves(low - e.value, e.high - e.value)]
    sides += [] if high is None else [_in_halves(e.value - high, e.value - e.low)]
    return max(sides, default=-math.inf)


def _in_halves(beyond: float, half: float) -> float:
    return beyond / half if half > 0 else math.copysign(math.inf, beyond)


def _told(added: Sequence[Additions], one: Surprising, *, provisional: bool) -> Surprise:
    v, trials = one.verdict, claim_trials_anchor(one.verdict)
    words = next((a.surprise_words(v) for a in added if v.study in a.studies), None)
    words = words or _by_rule(one, trials, provisional=provisional)
    return Surprise(words.title, words.text, v.verdict, claim_anchor(v), words.link or v.id, trials, words.numbers)


def _by_rule(one: Surprising, trials: str, *, provisional: bool) -> SurpriseWords:
    """The claim, with what was found of it; the words of the claim alone would stand there as if they were so."""
    head = "Refuted" if one.verdict.verdict == "refuted" else "Open, and not as claimed"
    plain = one.part.plain
    numbers = ((shown(plain.number, plain.unit, "bare"), trials),) if plain is not None else ()
    head += " so far" if provisional else ""
    return SurpriseWords(f"{head}: {one.verdict.statement}", one.part.said("bare"), numbers)
