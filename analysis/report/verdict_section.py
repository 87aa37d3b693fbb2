"""A study's claims: each with its verdict, the number that decides it on an axis, and all its parts folded."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

from analysis.claims import plain_nouns as nouns
from analysis.claims.judged_part import JudgedPart
from analysis.claims.plain_compare import inverse
from analysis.claims.plain_sentences import asked as claim_words
from analysis.claims.queries import Remarks
from analysis.claims.sentences import margin_words
from analysis.claims.verdicts import Verdict
from analysis.claims.words import WORDS
from analysis.data.arms import Asked
from analysis.report import effect_axis as ax
from analysis.report.chart_blocks import DrawnEffect, Mark, Scale
from analysis.report.page_tree import Block, Finding, LinkedSentence, PlaceOnPage, Table, anchor
from analysis.report.seeds_of_claims import in_no_table, uncounted
from analysis.report.share_axis import share_of_part
from analysis.report.trial_places import sentences_with_trials, sheet_with_trials
from analysis.statistics.estimates import Estimate
from analysis.text import phrases as wording
from analysis.text.columns import scaled
from analysis.text.numbers import met
from analysis.text.sheet import Cell, Sheet
from study.spec.claims import Association, Claim, Contrast, Form, Level
from study.spec.selection import SELECTED_ON
from study.spec.study import Study
from trainables.config.plurals import counted

ENDS = {"diverged": "diverged", "stopped": "ended early", "failed": "failed"}


def findings(
    study: Study,
    verdicts: Sequence[Verdict],
    beside: Callable[[str, str], Remarks],
    asked: Asked | None = None,
    studies: Mapping[str, Study] | None = None,
) -> Iterable[Block]:
    """A finding a claim; with what was measured beside it where it was judged and does not hold.

    asked: the seeds that curves and tables are of; if not given, nothing is said of others.
    studies: all on the page, where what was measured beside it may lead to trials of others; if not given, this one.
    """
    known = studies or {study.name: study}
    claims = {c.id: c for c in study.claims}
    for verdict in verdicts:
        claim = claims[verdict.id]
        fails = verdict.judged and verdict.verdict != "supported"
        why = beside(study.name, verdict.id) if fails else Remarks()
        taken = in_no_table(study, claim, verdict, asked or {})
        yield Finding(
            anchor=claim_anchor(verdict),
            id=verdict.id,
            statement=verdict.statement,
            verdict=verdict.verdict,
            sentence=verdict.sentence,
            details=(*verdict.details, *uncounted(taken)),
            note=claim.note,
            effect=effect_of(study, verdict.part, claim.parts[verdict.deciding]) if claim.parts else None,
            seeds=_seeds(claim, verdict, taken),
            remark=_remark(verdict),
            parts=_parts(verdict) if len(verdict.parts) > 1 else None,
            trials=verdict.trials,
            why=(
                *sentences_with_trials(why, known),
                *(LinkedSentence(f"Not measured: {text}") for text in why.missing),
            ),
            why_table=None if why.sheet is None else _why_table(verdict, why.sheet, known),
        )


def _seeds(claim: Claim, verdict: Verdict, taken: Iterable[tuple[int, ...]]) -> str:
    """Of how many seeds the number of a claim is, and where they are others than those of the tables; a share of seeds
    names them itself.
    """
    part = verdict.part
    if not part.n or part.unit == wording.SHARE:
        return ""
    said = counted(part.n, "seed") + (f", from {claim.from_seed} on" if claim.from_seed else "")
    more = len({seed for seeds in taken for seed in seeds})
    return f"{said}, {more} in no table" if more else said


def claim_anchor(verdict: Verdict) -> PlaceOnPage:
    """Where on the page a claim is."""
    return anchor("claim", verdict.study, verdict.id)


def claim_trials_anchor(verdict: Verdict) -> str:
    """Where on the page the trials behind a claim are; empty where there are none."""
    return claim_anchor(verdict).within("-trials") if verdict.trials else ""


def _file(verdict: Verdict, what: str) -> PlaceOnPage:
    """The name of a claim's table, without an ending."""
    return PlaceOnPage(f"{verdict.study}-{anchor(verdict.id)}-{what}", ("file", verdict.study, verdict.id, what))


def _why_table(verdict: Verdict, sheet: Sheet, studies: Mapping[str, Study]) -> Table:
    return Table(_file(verdict, "why"), sheet_with_trials(sheet, studies))


def _remark(verdict: Verdict) -> str:
    if len(verdict.parts) == 1 or verdict.verdict == "mechanism":
        return ""
    return met(sum(p.verdict == "supported" for p in verdict.parts), len(verdict.parts))


def _parts(verdict: Verdict) -> Table:
    """A row a part: what was found, as a sentence that calls arms as all do, and what was claimed."""
    rows = []
    for part in verdict.parts:
        said, interval, claimed = _found(part)
        found = (Cell(said, trials=claim_trials_anchor(verdict) if part.trials else ""), Cell(interval), Cell(claimed))
        why = (part.refusal.text if part.refusal else "-",) if any(p.refusal for p in verdict.parts) else ()
        new = (margin_words(part) or "-",) if any(p.new_examples for p in verdict.parts) else ()
        rows.append((*found, *map(Cell, (*new, WORDS[part.verdict], *why))))
    new = ("On new examples",) if any(p.new_examples for p in verdict.parts) else ()
    why = ("Remark",) if any(p.refusal for p in verdict.parts) else ()
    heads = ("What was found", "95 % interval", "Claimed", *new, "Verdict", *why)
    return Table(_file(verdict, "parts"), Sheet(f"Parts of {verdict.id}", heads, tuple(rows)))


def _found(part: JudgedPart) -> tuple[str, str, str]:
    """What was found of a part, its interval, what was claimed; where there is no number, the claim as a sentence."""
    plain = part.plain
    if plain is not None:
        chosen = f", {SELECTED_ON}" if part.selected else ""
        interval = "-" if part.verdict == "mechanism" else wording.interval_words(plain.number, plain.unit)
        return plain.text("bare") + chosen, interval, plain.claimed
    return "no number", "-", part.claimed if part.form is None else claim_words(part.form, part.words)


def never_reached(study: Study, estimate: Estimate, form: Form) -> str:
    """A level that no seed reached, in words; "" where some did.

    A first epoch that never comes is counted as one more than the epochs trained.
    """
    quantity = form.quantity if isinstance(form, Level) else None
    if quantity is None or quantity.reaches is None or quantity.arm not in {a.name for a in study.arms}:
        return ""
    epochs = study.config(quantity.arm).epochs
    return f"never within {counted(epochs, 'epoch')}" if estimate.value > epochs else ""


def effect_of(study: Study, part: JudgedPart, form: Form) -> DrawnEffect | None:
    """The number of a part against its bounds, on an axis where it has bounds; None where there is no number."""
    e = part.estimate
    if e is None:
        return None
    if part.unit == wording.SHARE:
        return share_of_part(part, e)
    if never := never_reached(study, e, form):
        return DrawnEffect(never, what=part.named)
    shown, bounds = scaled(e, part.unit.scale), (part.low_bound, part.high_bound)
    wide = None if part.decides is None else scaled(part.decides, part.unit.scale)
    if isinstance(form, Contrast) and form.ratio:
        return _ratio_of(part, form, shown, wide)
    difference = isinstance(form, Contrast)
    said, claimed = part.named, part.claimed
    if difference and isinstance(form, Contrast) and form.a.arm == study.baseline != form.b.arm:
        shown, bounds = _turned(shown), (_minus(bounds[1]), _minus(bounds[0]))
        wide = None if wide is None else _turned(wide)
        said = f"change against {study.baseline}" + (f", {SELECTED_ON}" if part.selected else "")
        claimed = wording.bounds_words(*bounds, part.unit)
    number, interval = ax.number_and_interval(shown, part.unit, signed=difference)
    low, high = (None if b is None else b * part.unit.scale for b in bounds)
    word = part.unit.word or _unit_of(form)
    alt = f"{said}: {number} {word}. Claimed: {claimed}." if part.plain is None else part.said("interval")
    found = ax.EstimateOnAxis(shown, low, high, part.verdict, alt, None if wide is None else (wide.low, wide.high))
    mark, scale = _drawn(found, form)
    return DrawnEffect(number, word, interval, said, mark, None, scale)


def _unit_of(form: Form) -> str:
    """The unit of a number that a sentence names with its quantity."""
    quantity = form.a if isinstance(form, Contrast) else form.quantity if isinstance(form, Level) else None
    return "standard deviations" if quantity is not None and quantity.metric == "tail" else ""


def _ratio_of(part: JudgedPart, form: Contrast, found: Estimate, wide: Estimate | None) -> DrawnEffect:
    """A ratio as a sentence has it: below 1 the other way round, "134 times narrower" for 0.0074 times as wide."""
    size, low, high = nouns.size(form.a), part.low_bound, part.high_bound
    way = f"as {size.much}"
    known = [b for b in (low, high) if b is not None]
    if 0 < found.value < 1 and not found.low <= 0 and all(b > 0 for b in known):
        found, wide, way = inverse(found), None if wide is None else inverse(wide), size.less
        low, high = (None if b is None else 1 / b for b in (high, low))
    number, interval = ax.number_and_interval(found, part.unit, signed=False)
    alt = f"{number} times {way}" if part.plain is None else part.said("interval")
    deciding = None if wide is None else (wide.low, wide.high)
    mark, scale = _drawn(ax.EstimateOnAxis(found, low, high, part.verdict, alt, deciding), form)
    return DrawnEffect(number, f"times {way}", interval, part.named, mark, None, scale)


def _turned(e: Estimate) -> Estimate:
    """The change against the baseline, where the claim says by how much the baseline is ahead."""
    return Estimate(-e.value, -e.high, -e.low, e.n, e.method)


def _minus(x: float | None) -> float | None:
    return None if x is None else -x + 0.0


MIN_BOUNDS_DISTANCE_SHARE = 0.2
"""The share of an axis that lies between two bounds that are written one by one."""


def _drawn(found: ax.EstimateOnAxis, form: Form) -> tuple[Mark, Scale] | tuple[None, None]:
    """A number on an axis of its own, whose ticks are its bounds."""
    known = [b for b in (found.low, found.high) if b is not None]
    if not known or not math.isfinite(found.estimate.value):
        return None, None
    ratio = isinstance(form, Contrast) and form.ratio
    if ratio and min(found.numbers) > 0:
        axis = ax.logarithmic_axis(found.numbers)
    else:
        change = isinstance(form, Contrast | Association) and not ratio
        axis = ax.linear_axis(found.numbers, zero=0.0 if change else None, count=3)
    return ax.mark(found, axis), Scale(_bound_ticks(known, axis))


def _bound_ticks(bounds: Sequence[float], axis: ax.Axis) -> tuple[tuple[float, str], ...]:
    """What is written at the bounds: one text for both where they lie too near each other for two."""
    texts, places = [ax.axis_number(b) for b in bounds], [axis.place(b) for b in bounds]
    if len(bounds) == 1 or places[1] - places[0] >= MIN_BOUNDS_DISTANCE_SHARE:
        return tuple(zip(places, texts, strict=True))
    both = f"±{texts[1]}" if bounds[0] == -bounds[1] else " to ".join(texts)
    return ((sum(places) / 2, both),)
