"""How far differences vary from seed to seed, from what is on record: the study's own seeds, else other arms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.data.frames import Frames
from study.app.changes_so_far import compared_arms, last_values, values_of
from study.spec.study import Study
from trainables.config.plurals import counted


@dataclass(frozen=True)
class Spread:
    """How far a difference in validation accuracy, or in the gap, varies from seed to seed."""

    deviation: float
    """Of one arm minus the baseline, of the same seed; as a share."""
    source: str
    """What it comes from."""
    by_arm: tuple[float, ...] = ()
    """The deviation of each arm that it comes from, from the least."""


def spread_of(study: Study, frames: Frames, *, gap: bool = False) -> Spread | None:
    """Estimate the spread from the study's own seeds on record, in pairs; else from other arms, unpaired.

    None where no arm has two. `gap`: of training minus validation accuracy, not of the latter.
    """
    for samples, factor, source in spread_samples(study, frames, gap=gap):
        if found := _pooled(samples):
            one_by_one = sorted(factor * (_pooled([s]) or 0.0) for s in samples if np.isfinite(s).sum() > 1)
            return Spread(factor * found, source, tuple(one_by_one))
    return None


def spread_samples(study: Study, frames: Frames, *, gap: bool) -> list[tuple[list[Any], float, str]]:
    """What may tell of the spread, the better first: numbers arm by arm, what to multiply their spread with, a name."""
    if not len(frames.trials):
        return []
    table, spreads = last_values(study, frames, gap=gap), []
    if study.baseline in table:
        pairs = [(table[arm] - table[study.baseline]).dropna() for arm in table if arm in compared_arms(study)]
        arms, most = sum(len(p) > 1 for p in pairs), max(map(len, pairs), default=0)
        source = f"{counted(arms, 'arm')} against {study.baseline}, up to {counted(most, 'seed')} each"
        spreads.append(([p.to_numpy(float) for p in pairs], 1.0, source))
    data = {study.config(a.name).data for a in study.arms}
    trials = frames.trials[frames.trials["data"].isin(data) & (frames.trials["status"] == "finished")]
    ends = frames.epochs[frames.epochs["trial"].isin(set(trials["trial"]))].sort_values("epoch").groupby("trial").last()
    by_group = trials.assign(value=trials["trial"].map(values_of(ends, gap=gap))).groupby("group")["value"]
    alike = [values.dropna().to_numpy(float) for _, values in by_group]
    others = counted(sum(len(v) > 1 for v in alike), "other arm")
    source = f"{others} on the same data, unpaired"
    return [*spreads, (alike, math.sqrt(2), source)]


def _pooled(samples: Sequence[Any]) -> float | None:
    """The standard deviation that all have in common."""
    some = [s[np.isfinite(s)] for s in samples]
    some = [s for s in some if len(s) > 1]
    freedom = sum(len(s) - 1 for s in some)
    found = math.sqrt(sum(float(((s - s.mean()) ** 2).sum()) for s in some) / freedom) if freedom else 0.0
    return found or None
