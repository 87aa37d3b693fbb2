"""How far training and validation are apart, arm by arm, as tidy frames with full numbers. How they look:
`analysis.tables.sheets`.

Means and intervals take the finished trials of an arm, one number a seed; `n` is their number, and `note` says which
trials were left out and why. Of two seeds low and high are the smaller and the larger number, of a change nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd

from analysis.claims import ranges
from analysis.data.arms import Asked, arm_epochs, arm_frame, asked_rows
from analysis.data.frames import Frames
from analysis.tables.effects import effects
from analysis.tables.measures import MEASURES, METRICS
from study.spec.selection import SELECTED_ON, why_arm_selects
from study.spec.study import Study

OVERFITTING_COLUMNS = ("study", "arm", "epochs", "measure", "estimate", "low", "high", "n", "diverged", "note")
NO_TRIALS = "no trials"
"""The note of an arm without any."""


def per_trial(study: Study, frames: Frames, asked: Asked | None = None) -> pd.DataFrame:
    """Make one row an arm and seed: status, epochs, the measures of the last and of the best epoch.

    The measures are those of the epochs that the trial has, so read the status before using them.
    """
    arms = arm_frame(frames, study)
    rows = arm_epochs(frames, study)[["arm", "seed", "epoch", *METRICS]]
    arms, rows = (asked_rows(frame, asked or {}, study.name) for frame in (arms, rows))
    keys = ["arm", "seed"]
    last = rows.loc[rows.groupby(keys)["epoch"].idxmax()].set_index(keys)
    known = rows[np.isfinite(rows["val_accuracy"])]
    best = known.loc[known.groupby(keys)["val_accuracy"].idxmax()].set_index(keys)
    made = last[list(METRICS)].join(
        best[["epoch", "accuracy_gap", "loss_gap"]].rename(
            columns={"epoch": "best_epoch", "accuracy_gap": "accuracy_gap_best", "loss_gap": "loss_gap_best"}
        )
    )
    made["epochs_past_best"] = last["epoch"] - made["best_epoch"]
    return arms.merge(made.reset_index(), on=keys, how="left")


def overfitting(
    study: Study, frames: Frames, asked: Asked | None = None, changes: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Make the overfitting table of a study: a row an arm and measure, with mean, 95 % interval and n; see `MEASURES`.

    `changes`: what `effects` says of the same, where it is known.
    """
    trials = per_trial(study, frames, asked)
    changes = effects(study, frames, asked) if changes is None else changes
    rows: list[dict[str, object]] = []
    for arm in study.arms:
        mine = trials[trials["arm"] == arm.name]
        facts = {
            "study": study.name,
            "arm": arm.name,
            "epochs": study.config(arm.name).epochs,
            "diverged": int((mine["status"] == "diverged").sum()),
        }
        why = why_arm_selects(study.config(arm.name), arm.name, study.name)
        note = "; ".join(filter(None, (_left_out(mine), why and f"{SELECTED_ON}: {why}")))
        for measure in MEASURES:
            if measure.endswith("_change"):
                rows.append({**facts, "measure": measure, **_change(changes, arm.name, measure, study.baseline)})
            else:
                finished = mine.loc[mine["status"] == "finished", measure].to_numpy(dtype=float)
                rows.append({**facts, "measure": measure, **_mean(finished, ranges.of(measure)), "note": note})
    return pd.DataFrame(rows, columns=list(OVERFITTING_COLUMNS))


def overfitting_of_studies(studies: Iterable[Study], frames: Frames, asked: Asked | None = None) -> pd.DataFrame:
    """Put the overfitting tables of several studies below each other."""
    parts = [overfitting(s, frames, asked) for s in studies]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(OVERFITTING_COLUMNS))


def _change(changes: pd.DataFrame, arm: str, measure: str, baseline: str) -> dict[str, object]:
    rows = changes[(changes["arm"] == arm) & (changes["metric"] == measure.removesuffix("_change"))]
    if rows.empty:
        return {**_mean(np.array([]), ranges.ANY_RANGE), "note": "the baseline" if arm == baseline else "not compared"}
    row = rows.iloc[0]
    note = row["refused"] or f"at epoch {row['epoch']}"
    low, high = (math.nan, math.nan) if row["n"] == 2 else (row["low"], row["high"])
    return {"estimate": row["estimate"], "low": low, "high": high, "n": int(row["n"]), "note": note}


def _mean(values: np.ndarray, within: ranges.Range) -> dict[str, object]:
    values = values[np.isfinite(values)]
    if not len(values):
        return {"estimate": math.nan, "low": math.nan, "high": math.nan, "n": 0}
    if len(values) == 2:  # as beside the curves: their range, for the interval of two is many times as wide
        return {"estimate": values.mean(), "low": values.min(), "high": values.max(), "n": 2}
    e = ranges.mean(values.tolist(), within)
    return {"estimate": e.value, "low": e.low, "high": e.high, "n": e.n}


def _left_out(trials: pd.DataFrame) -> str:
    if trials.empty:
        return NO_TRIALS
    counts = trials.loc[trials["status"] != "finished", "status"].value_counts(sort=False)
    words = {"stopped": "ended early"}
    return "; ".join(f"{n} {words.get(str(s), s)}, left out" for s, n in counts.items())
