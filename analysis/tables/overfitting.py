"""The tables, as tidy frames with full numbers: overfitting, effects, runs, claims. How they look:
`analysis.tables.sheets`.

Means and intervals take the finished trials of an arm, one number a seed; `n` is their number, and `note` says which
trials were left out and why. Changes against the baseline are paired by seed at equal epochs, or refused with the
reason.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from analysis.claims import ranges
from analysis.claims.forms import comparable
from analysis.claims.samples import ArmReader, sample
from analysis.claims.verdicts import Verdict
from analysis.data.arms import arm_epochs, arm_frame
from analysis.data.frames import Frames
from analysis.statistics import estimates as stats
from analysis.statistics.estimates import Refusal
from analysis.statistics.p_values import sign_flip_p
from study.spec.claims import Quantity
from study.spec.study import Study

METRICS = ("train_accuracy", "val_accuracy", "train_loss", "val_loss", "accuracy_gap", "loss_gap")
MEASURES = (
    *("train_accuracy", "val_accuracy", "train_loss", "val_loss"),
    *("accuracy_gap_best", "accuracy_gap", "loss_gap_best", "loss_gap", "best_epoch", "epochs_past_best"),
    *("accuracy_gap_change", "loss_gap_change"),
)
"""Of the last epoch, unless it says `_best`: the epoch of the highest validation accuracy, the first if several.
`_change` is against the study's baseline at the last epoch that both arms have."""
OVERFITTING_COLUMNS = ("study", "arm", "epochs", "measure", "estimate", "low", "high", "n", "diverged", "note")
EFFECT_COLUMNS = ("study", "arm", "metric", "epoch", "estimate", "low", "high", "n", "p", "refused")


def per_trial(study: Study, frames: Frames, seeds: Sequence[int] | None = None) -> pd.DataFrame:
    """One row an arm and seed: status, epochs, the measures of the last and of the best epoch.

    The measures are those of the epochs that the trial has, so read the status before using them.
    """
    arms = arm_frame(frames, study)
    rows = arm_epochs(frames.only(arms["trial"]), study)
    if seeds is not None:
        arms, rows = arms[arms["seed"].isin(seeds)], rows[rows["seed"].isin(seeds)]
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


def overfitting(study: Study, frames: Frames, seeds: Sequence[int] | None = None) -> pd.DataFrame:
    """The overfitting table of a study: one row an arm and measure, with mean, 95 % interval and n; see `MEASURES`."""
    trials = per_trial(study, frames, seeds)
    changes = effects(study, frames, seeds)
    rows: list[dict[str, object]] = []
    for arm in study.arms:
        mine = trials[trials["arm"] == arm.name]
        facts = {
            "study": study.name,
            "arm": arm.name,
            "epochs": study.config(arm.name).epochs,
            "diverged": int((mine["status"] == "diverged").sum()),
        }
        note = _left_out(mine)
        for measure in MEASURES:
            if measure.endswith("_change"):
                rows.append({**facts, "measure": measure, **_change(changes, arm.name, measure)})
            else:
                finished = mine.loc[mine["status"] == "finished", measure].to_numpy(dtype=float)
                rows.append({**facts, "measure": measure, **_mean(finished, ranges.of(measure)), "note": note})
    return pd.DataFrame(rows, columns=list(OVERFITTING_COLUMNS))


def chapter_overfitting(
    studies: Iterable[Study], frames: Frames, seeds: Mapping[str, Sequence[int]] | None = None
) -> pd.DataFrame:
    """The overfitting tables of several studies below each other."""
    parts = [overfitting(s, frames, (seeds or {}).get(s.name)) for s in studies]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(OVERFITTING_COLUMNS))


def effects(
    study: Study, frames: Frames, seeds: Sequence[int] | None = None, metrics: Sequence[str] = METRICS
) -> pd.DataFrame:
    """Every arm minus the baseline, in pairs by seed, at the last epoch that both have; refused comparisons say why."""
    names = [a.name for a in study.arms]
    small = frames.only(arm_frame(frames, study)["trial"])
    arms = ArmReader(study, {study.name: study}, small, None if seeds is None else tuple(seeds))
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
    a, b = (sample(arms, Quantity(arm=x, metric=metric, at=epoch)) for x in (name, arms.study.baseline))
    for side in (a, b):
        if isinstance(side, Refusal):
            return {**none, "refused": side.text}
    assert not isinstance(a, Refusal) and not isinstance(b, Refusal)
    refused = comparable(a, b, arms.study.knobs)
    if refused is not None:
        return {**none, "refused": refused.text}
    if not (a.whole and b.whole):
        diverged = ", ".join(map(str, sorted(a.diverged | b.diverged)))
        return {**none, "refused": f"a trial diverged (seed {diverged}), so there is no mean difference"}
    found = stats.paired(a.values, b.values)
    assert not isinstance(found, Refusal)
    found = ranges.cut(found, ranges.difference(metric))
    p = sign_flip_p([a.values[s] - b.values[s] for s in sorted(a.values)])
    numbers = {"estimate": found.value, "low": found.low, "high": found.high, "n": found.n, "p": p}
    return {**numbers, "refused": ""}


def _change(changes: pd.DataFrame, arm: str, measure: str) -> dict[str, object]:
    rows = changes[(changes["arm"] == arm) & (changes["metric"] == measure.removesuffix("_change"))]
    if rows.empty:
        return {**_mean(np.array([]), ranges.ANY), "note": "the baseline"}
    row = rows.iloc[0]
    note = row["refused"] or f"at epoch {row['epoch']}"
    return {"estimate": row["estimate"], "low": row["low"], "high": row["high"], "n": int(row["n"]), "note": note}


def _mean(values: np.ndarray, within: ranges.Range) -> dict[str, object]:
    values = values[np.isfinite(values)]
    if not len(values):
        return {"estimate": math.nan, "low": math.nan, "high": math.nan, "n": 0}
    e = ranges.mean(values.tolist(), within)
    return {"estimate": e.value, "low": e.low, "high": e.high, "n": e.n}


def _left_out(trials: pd.DataFrame) -> str:
    if trials.empty:
        return "no trials"
    counts = trials.loc[trials["status"] != "finished", "status"].value_counts(sort=False)
    words = {"stopped": "ended early"}
    return "; ".join(f"{n} {words.get(str(s), s)}, left out" for s, n in counts.items())


def runs(studies: Iterable[Study], frames: Frames) -> pd.DataFrame:
    """The run table: one row a study, arm and seed, with how the trial ended, its last numbers and its cost."""
    parts = []
    for study in studies:
        trials = per_trial(study, frames)
        spent = arm_epochs(frames.only(trials["trial"]), study).groupby(["arm", "seed"])[["seconds", "eval_seconds"]]
        trials = trials.merge(spent.sum().reset_index(), on=["arm", "seed"], how="left")
        parts.append(trials.assign(study=study.name))
    first = ["study", "arm", "seed", "trial", "status", "epochs", "epochs_done", "reduced"]
    last = [*METRICS, "best_epoch", "seconds", "eval_seconds", "host"]
    if not parts:
        return pd.DataFrame(columns=[*first, *last])
    return pd.concat(parts, ignore_index=True)[[*first, *last]]


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
