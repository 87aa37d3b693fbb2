"""Verdicts for programs."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from analysis.claims.decision_rule import JudgedPart
from analysis.claims.verdicts import Verdict
from analysis.text.phrases import SHARE


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
            "p": _or_null(v.p),
            "p_holm": _or_null(v.p_holm),
            "seeds_needed": v.seeds_needed,
            "reduced": v.reduced,
            "recorded": {"verdict": v.recorded.verdict, "found": v.recorded.found} if v.recorded else None,
            "sentence": v.sentence,
            "reason": v.reason,
            "parts": [part_json(p) for p in v.parts],
            "trials": list(v.trials),
        }
        for v in verdicts
    ]


def part_json(part: JudgedPart) -> dict[str, Any]:
    """One part as plain data."""
    e = part.estimate
    return {
        "what": part.what,
        "claimed": part.claimed,
        "verdict": part.verdict,
        "estimate": _or_null(e.value) if e else None,
        "low": _or_null(e.low) if e else None,
        "high": _or_null(e.high) if e else None,
        "n": e.n if e else 0,
        "p": _or_null(part.p),
        "refused": part.refusal.why if part.refusal else None,
        "trials": list(part.trials),
    }


def _or_null(value: float) -> float | None:
    return value if math.isfinite(value) else None
