"""Verdicts for programs."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from analysis.claims.judged_part import JudgedPart
from analysis.claims.plain_sentences import asked
from analysis.claims.promise import guarantee, on_examples
from analysis.claims.recorded import Recorded
from analysis.claims.verdicts import Verdict
from analysis.claims.words import DECIDED
from analysis.statistics.estimates import Estimate
from analysis.statistics.looks import ERROR_LEVEL
from analysis.statistics.power import Need
from analysis.statistics.shares import could_be_otherwise
from analysis.text.phrases import SHARE
from study.spec.selection import SELECTED_ON
from study.spec.study import to_plain


def to_json(verdicts: Iterable[Verdict]) -> list[dict[str, Any]]:
    """Plain data for `study claims --json`; what is not a number is null."""
    return [
        {
            "id": v.id,
            "study": v.study,
            "statement": v.statement,
            "verdict": v.verdict,
            "judged": v.judged,
            "estimate": _or_null(v.estimate),
            "low": _or_null(v.low),
            "high": _or_null(v.high),
            "share_of_seeds": v.part.unit == SHARE,
            "n": v.n,
            "seeds": list(v.path),
            "p": _or_null(v.p),
            "level": float(ERROR_LEVEL),
            "family": v.family or None,
            "places": v.places or None,
            "decided_at": v.decided_at,
            "decided_seed": v.decided_seed,
            "open_for_good": v.for_good,
            "decides": _ends(v.part.decides),
            "part": v.deciding,
            "on_claimed_side": v.part.holds_in,
            "unseen_share": could_be_otherwise(v.n) if v.n and v.part.holds_in == v.n else None,
            "seeds_needed": _need(v.need),
            "guarantee": guarantee({v.family: v.places}) if v.judged else None,
            "about": on_examples([v]) if v.judged else None,
            "replaced": [
                {
                    "version": r.version,
                    "statement": r.statement,
                    "from_seed": r.from_seed,
                    "parts": list(r.parts),
                    "arms": list(r.arms),
                }
                for r in v.replaced
            ],
            "selected_on": "val" if any(p.selected for p in v.parts) else None,
            "details": list(v.details),
            "reduced": v.reduced,
            "recorded": _recorded(v.recorded),
            "sentence": v.sentence,
            "reason": v.reason,
            "parts": [_part_json(p, v.path) for p in v.parts],
            "trials": list(v.trials),
        }
        for v in verdicts
    ]


def _recorded(r: Recorded | None) -> dict[str, Any] | None:
    return None if r is None else {"verdict": r.verdict, "found": r.found, "claimed": r.claimed}


def _part_json(part: JudgedPart, path: tuple[int, ...]) -> dict[str, Any]:
    """One part as plain data."""
    e, told = part.estimate, part.decides is not None or part.verdict in DECIDED
    what, claimed = _in_words(part)
    return {
        "what": what,
        "claimed": claimed,
        "form": None if part.form is None else to_plain(part.form),
        "verdict": part.verdict,
        "estimate": _or_null(e.value) if e else None,
        "low": _or_null(e.low) if e else None,
        "high": _or_null(e.high) if e else None,
        "n": e.n if e else 0,
        "p": _or_null(part.p_supported if part.verdict != "refuted" else part.p_refuted) if told else None,
        "low_bound": part.low_bound,
        "high_bound": part.high_bound,
        "decides": _ends(part.decides),
        "on_claimed_side": part.holds_in,
        "doubts": [{"what": d.what, "seeds": [path[i] for i in d.places], "p": d.p} for d in part.doubts],
        "seen_before": _ends(part.before, value=True),
        "new_examples": _new_examples(part),
        "selected_on": "val" if part.selected else None,
        "on_test": _ends(part.on_test, value=True),
        "refused": part.refusal.why if part.refusal else None,
        "trials": list(part.trials),
    }


def _in_words(part: JudgedPart) -> tuple[str, str]:
    """What was found and what was claimed, as the page has them; where there is no number, the claim as a sentence.

    The number itself, and which arm it is of or is subtracted from which, stand in fields of their own.
    """
    if (plain := part.plain) is not None:
        return plain.text("bare") + (f", {SELECTED_ON}" if part.selected else ""), plain.claimed
    return part.named if part.form is None else asked(part.form, part.words), part.claimed


def _new_examples(part: JudgedPart) -> dict[str, Any] | None:
    margin = part.new_examples
    if margin is None:
        return None
    ends = {"low": _or_null(margin.interval.low), "high": _or_null(margin.interval.high)}
    return {**ends, "examples": margin.interval.n, "seeds": margin.seeds, "could_be_otherwise": part.within_margin}


def _ends(e: Estimate | None, *, value: bool = False) -> dict[str, Any] | None:
    if e is None:
        return None
    ends: dict[str, Any] = {"low": _or_null(e.low), "high": _or_null(e.high)}
    return {"estimate": _or_null(e.value), **ends, "n": e.n} if value else ends


def _need(need: Need | None) -> dict[str, Any] | None:
    if need is None:
        return None
    ends = {"low": need.low, "high": need.high, "chance": need.chance}
    return {**ends, "open_after": need.most, "open_after_chance": need.undecided}


def _or_null(value: float) -> float | None:
    return value if math.isfinite(value) else None
