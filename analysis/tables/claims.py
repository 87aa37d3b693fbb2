"""All verdicts: the frame."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from analysis.claims.verdicts import Verdict


def claims(verdicts: Iterable[Verdict]) -> pd.DataFrame:
    """The claims table: one row a claim; numbers in their natural unit, `finding` and `sentence` in words."""
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
            "p_holm": v.p_holm,
            "seeds_needed": v.seeds_needed,
            "trials": len(v.trials),
            "reduced": v.reduced,
            "reason": v.reason,
            "sentence": v.sentence,
        }
        for v in verdicts
    ]
    columns = [
        *("study", "id", "statement", "verdict", "finding", "estimate", "low", "high", "n", "p", "p_holm"),
        *("seeds_needed", "trials", "reduced", "reason", "sentence"),
    ]
    return pd.DataFrame(rows, columns=columns)
