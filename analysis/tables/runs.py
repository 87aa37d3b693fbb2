"""All trials: the frame."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from analysis.data.arms import arm_epochs
from analysis.data.frames import Frames
from analysis.tables.measures import METRICS
from analysis.tables.overfitting import per_trial
from study.spec.study import Study


def runs(studies: Iterable[Study], frames: Frames) -> pd.DataFrame:
    """Make the run table: one row a study, arm and seed, with how the trial ended, its last numbers and its cost."""
    parts = []
    for study in studies:
        trials = per_trial(study, frames)
        spent = arm_epochs(frames, study).groupby(["arm", "seed"])[["seconds", "eval_seconds"]]
        trials = trials.merge(spent.sum(min_count=1).reset_index(), on=["arm", "seed"], how="left")
        parts.append(trials.assign(study=study.name))
    first = ["study", "arm", "seed", "trial", "status", "epochs", "epochs_done", "reduced"]
    last = [*METRICS, "best_epoch", "seconds", "eval_seconds", "host"]
    if not parts:
        return pd.DataFrame(columns=[*first, *last])
    return pd.concat(parts, ignore_index=True)[[*first, *last]]
