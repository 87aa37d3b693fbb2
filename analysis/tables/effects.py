"""Arms against the baseline, as a frame: changes paired by seed at equal epochs, or refused with the reason."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from analysis.claims import ranges
from analysis.claims.samples import ArmReader, comparable, in_pairs
from analysis.data.arms import Asked
from analysis.data.frames import Frames
from analysis.statistics import estimates as stats
from analysis.statistics.estimates import Refusal
from analysis.statistics.p_values import sign_flip_p
from analysis.tables.measures import METRICS
from study.spec.claims import Quantity
from study.spec.splits import why_no_verdict
from study.spec.study import Study
from trainables.config.plurals import counted

EFFECT_COLUMNS = ("study", "arm", "metric", "epoch", "estimate", "low", "high", "n", "p", "refused")


def effects(study: Study, frames: Frames, asked: Asked | None = None, metrics: Sequence[str] = METRICS) -> pd.DataFrame:
    """Compare every arm with the baseline, in pairs by seed, at the last epoch that both have; a refusal says why.

    The interval is Student's. `p` is that of the two-sided sign-flip test: of n pairs it cannot be below 2 / 2^n.
    """
    names = [a.name for a in study.arms]
    arms = ArmReader(study, {study.name: study}, frames, asked or {})
    rows = []
    for name in names:
        if name == study.baseline:
            continue
        epoch = min(study.config(name).epochs, study.config(study.baseline).epochs)
        for metric in metrics:
            facts = {"study": study.name, "arm": name, "metric": metric, "epoch": epoch}
            rows.append({**facts, **_effect(arms, name, metric, epoch)})
    return pd.DataFrame(rows, columns=list(EFFECT_COLUMNS))


def _effect(arms: ArmReader, name: str, metric: str, epoch: int) -> dict[str, object]:
    none: dict[str, object] = {"estimate": math.nan, "low": math.nan, "high": math.nan, "n": 0, "p": math.nan}
    pair = in_pairs(arms, *(Quantity(arm=x, metric=metric, at=epoch) for x in (name, arms.study.baseline)))
    if isinstance(pair, Refusal):
        return {**none, "refused": pair.text}
    a, b = pair
    if why_no_verdict([a.config, b.config]):
        return {**none, "refused": f"{name} has another split, and splits share images"}
    refused = comparable(a, b, arms.study.knobs)
    if refused is not None:
        return {**none, "refused": refused.text}
    if not (a.whole and b.whole):
        diverged = [(n, s) for n, s in ((name, a), (arms.study.baseline, b)) if s.diverged]
        why = "; ".join(f"{n} diverged in {len(s.diverged)} of {counted(len(s.values), 'seed')}" for n, s in diverged)
        return {**none, "refused": why or "a number is not finite"}
    found = stats.paired(a.values, b.values)
    assert not isinstance(found, Refusal)
    found = ranges.cut(found, ranges.difference(metric))
    p = sign_flip_p([a.values[s] - b.values[s] for s in sorted(a.values)])
    numbers = {"estimate": found.value, "low": found.low, "high": found.high, "n": found.n, "p": p}
    return {**numbers, "refused": ""}
