"""All verdicts: the frame."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd

from analysis.claims.verdicts import Verdict


def claims(verdicts: Iterable[Verdict]) -> pd.DataFrame:
    """Make the claims table: one row a claim; numbers in their natural unit, `finding` and `sentence` in words."""
    rows = [
        {
            "study": v.study,
            "id": v.id,
            "statement": v.statement,
            "verdict": v.verdict,
            "finding": v.part.finding,
            "estimate": v.estimate,
            "low": v.low,
            "high": v.high,
            "n": v.n,
            "p": v.p,
            "places": v.places,
            "decided_at": v.decided_at,
            "decides_low": v.part.decides.low if v.part.decides else math.nan,
            "decides_high": v.part.decides.high if v.part.decides else math.nan,
            "seeds_needed_low": v.need.low if v.need else None,
            "seeds_needed_high": v.need.high if v.need else None,
            "trials": len(v.trials),
            "reduced": v.reduced,
            "reason": v.reason,
            "sentence": v.sentence,
        }
        for v in verdicts
    ]
    columns = [
        *("study", "id", "statement", "verdict", "finding", "estimate", "low", "high", "n", "p"),
        *(
            "places",
            "decided_at",
            "decides_low",
            "decides_high",
            "seeds_needed_low",
            "seeds_needed_high",
            "trials",
            "reduced",
            "reason",
            "sentence",
        ),
    ]
    return pd.DataFrame(rows, columns=columns)
