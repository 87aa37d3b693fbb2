"""How far differences vary from seed to seed, from what is on record: the study's own seeds, else other arms."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.data.frames import Frames
from study.app.changes_so_far import compared_arms, epochs_of_pairs, values_by_arm, values_of
from study.spec.study import Study
from trainables.config.plurals import counted
from trainables.config.trial_config import TrialConfig


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

    Its trials came to their end, or, where too few did, to the latest epoch that enough have. Other arms tell only
    where they train on as many images and came to the study's last epoch: with fewer, as a reduced run has them, seeds
    vary otherwise. None where no arm has two. `gap`: of training minus validation accuracy, not of the latter.
    """
    for samples, factor, source in spread_samples(study, frames, gap=gap):
        if found := _pooled(samples):
            one_by_one = sorted(factor * (_pooled([s]) or 0.0) for s in samples if np.isfinite(s).sum() > 1)
            return Spread(factor * found, source, tuple(one_by_one))
    return None


_Sample = tuple[list[Any], float, str]
"""Numbers arm by arm, what to multiply their spread with, and what they come from."""


def spread_samples(study: Study, frames: Frames, *, gap: bool) -> Iterator[_Sample]:
    """What may tell of the spread, the better first; all numbers of one are of trials that came equally far."""
    if not len(frames.trials):
        return
    if study.baseline is not None:
        yield _pairs(study, values_by_arm(study, frames, gap=gap))
        end = study.config(study.baseline).epochs
        for epoch in epochs_of_pairs(study, frames):
            numbers, factor, source = _pairs(study, values_by_arm(study, frames, gap=gap, epoch=epoch))
            yield numbers, factor, source + _so_far(epoch, end)
    trials = frames.trials[frames.trials["status"] == "finished"]
    alike = [_on_images(study.config(a.name)) for a in study.arms]
    trials = trials[[_images_of(row) in alike for row in trials[list(_IMAGES)].to_dict("records")]]
    end = max(study.config(a.name).epochs for a in study.arms)
    rows = frames.epochs[frames.epochs["trial"].isin(set(trials["trial"])) & (frames.epochs["epoch"] == end)]
    rows = rows.assign(group=rows["trial"].map(trials.set_index("trial")["group"]), value=values_of(rows, gap=gap))
    numbers = [of["value"].dropna().to_numpy(float) for _, of in rows.groupby("group")]
    yield numbers, math.sqrt(2), f"{counted(sum(len(v) > 1 for v in numbers), 'other arm')} on the same data, unpaired"


_IMAGES = ("data", "train_images", "held_out")
"""The knobs that say on which data, and on how many of its images."""


def _on_images(config: TrialConfig) -> tuple[object, ...]:
    return _images_of({name: getattr(config, name) for name in _IMAGES})


def _images_of(row: Mapping[str, Any]) -> tuple[object, ...]:
    """On what a trial is trained; a frame has what is not set as NaN, and whole numbers as floats beside it."""
    return tuple(None if value is None or value != value else value for value in map(row.get, _IMAGES))


def _pairs(study: Study, table: Any) -> _Sample:
    """Each arm minus the baseline, of the same seed, from a table by seed and arm."""
    if study.baseline not in table:
        return [], 1.0, ""
    pairs = [(table[arm] - table[study.baseline]).dropna() for arm in table if arm in compared_arms(study)]
    arms, most = sum(len(p) > 1 for p in pairs), max(map(len, pairs), default=0)
    source = f"{counted(arms, 'arm')} against {study.baseline}, up to {counted(most, 'seed')} each"
    return [p.to_numpy(float) for p in pairs], 1.0, source


def _so_far(epoch: int, end: int) -> str:
    return "" if epoch == end else f", after {epoch} of {counted(end, 'epoch')}"


def _pooled(samples: Sequence[Any]) -> float | None:
    """The standard deviation that all have in common."""
    some = [s[np.isfinite(s)] for s in samples]
    some = [s for s in some if len(s) > 1]
    freedom = sum(len(s) - 1 for s in some)
    found = math.sqrt(sum(float(((s - s.mean()) ** 2).sum()) for s in some) / freedom) if freedom else 0.0
    return found or None
