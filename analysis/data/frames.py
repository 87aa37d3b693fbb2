"""Tidy frames of trial records, and which trials belong to which arm of a study. No statistics here.

An arm takes the trials whose identity is that of its configuration, cut at the arm's number of epochs: a longer run
serves a shorter one. A trial's status is read at that cut, so a run that was stopped, failed or diverged later is whole
here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from study.spec.study import Arm, Study
from trainables.config.trial_config import KNOBS, TrialConfig
from trainables.records.tensor_summary import TensorSummary
from trainables.records.trial_record import EpochRecord, TrialRecord

EPOCH_COLUMNS = tuple(f.name for f in dataclasses.fields(EpochRecord))
TENSOR_COLUMNS = tuple(f.name for f in dataclasses.fields(TensorSummary))
PROVENANCE = ("host", "cpu")
TRIAL_COLUMNS = (
    *("trial", "group", "status", "epochs_done", "message", "data_checksum", "code_version"),
    *KNOBS,
    *PROVENANCE,
)
GAPS = ("accuracy_gap", "loss_gap")
_LOSSES = ["train_loss", "train_loss_eval", "val_loss"]
_NEEDED = ["trial", "group", "status", "epochs_done", "data_checksum", "code_version", "data", "seed"]
_RANK = {"finished": 3, "diverged": 2, "stopped": 1, "failed": 0}


@dataclass(frozen=True)
class Frames:
    """All trials of a results folder, tidy.

    trials: one row a trial: `TRIAL_COLUMNS`; `group` is shared by replicates; `hidden` as text such as "1000+1000".
    epochs: one row a trial and epoch: trial, seed, the metrics of `EpochRecord`, accuracy_gap, loss_gap.
    tensors: one row a trial, epoch and tensor: trial, seed and the fields of `TensorSummary`, two of them lists.
    """

    trials: pd.DataFrame
    epochs: pd.DataFrame
    tensors: pd.DataFrame

    def only(self, trials: Iterable[str]) -> Frames:
        """The frames of some trials."""
        ids = pd.Index(dict.fromkeys(trials))
        return Frames(
            *(f[f["trial"].isin(ids)].reset_index(drop=True) for f in (self.trials, self.epochs, self.tensors))
        )


def from_records(records: Iterable[TrialRecord]) -> Frames:
    """Frames of records; of several records of one trial the longest counts."""
    kept: dict[str, TrialRecord] = {}
    for record in records:
        known = kept.get(record.id)
        if known is None or _worth(record) > _worth(known):
            kept[record.id] = record
    trials = pd.DataFrame([_trial(i, r) for i, r in kept.items()], columns=list(TRIAL_COLUMNS))
    epochs = _long(kept, "epochs", EPOCH_COLUMNS)
    tensors = _long(kept, "tensors", TENSOR_COLUMNS)
    return Frames(trials, add_gaps(epochs), tensors)


def no_tensors() -> pd.DataFrame:
    """Tensor summaries of nothing: the columns, and no rows."""
    return _long({}, "tensors", TENSOR_COLUMNS)


def add_gaps(epochs: pd.DataFrame) -> pd.DataFrame:
    """The same rows with accuracy_gap (training - validation) and loss_gap (validation - training in eval mode)."""
    return epochs.assign(
        accuracy_gap=epochs["train_accuracy"] - epochs["val_accuracy"],
        loss_gap=epochs["val_loss"] - epochs["train_loss_eval"],
    )


def knob_columns(config: TrialConfig) -> dict[str, object]:
    """The knobs of a configuration as cells of a frame."""
    values = {name: getattr(config, name) for name in KNOBS}
    return {**values, "hidden": "+".join(map(str, config.hidden))}


def _worth(record: TrialRecord) -> tuple[int, int]:
    return record.epochs_done, _RANK[record.status]


def _trial(trial: str, record: TrialRecord) -> dict[str, object]:
    config = record.config
    return {
        "trial": trial,
        "group": config.replace(seed=0).identity(record.data_checksum, record.code_version),
        "status": record.status,
        "epochs_done": record.epochs_done,
        "message": record.message,
        "data_checksum": record.data_checksum,
        "code_version": record.code_version,
        **knob_columns(config),
        "host": str(record.provenance.get("host", "")),
        "cpu": str(record.provenance.get("hardware", record.provenance.get("cpu", ""))),
    }


def _long(records: Mapping[str, TrialRecord], part: str, columns: tuple[str, ...]) -> pd.DataFrame:
    """One row an element of `record.epochs` or `record.tensors`, built a column at a time."""
    ids = list(records)
    counts = [len(getattr(r, part)) for r in records.values()]
    rows = [row for r in records.values() for row in getattr(r, part)]
    seeds = np.array([r.config.seed for r in records.values()], dtype=np.int64)
    frame = {"trial": np.repeat(np.array(ids, dtype=object), counts), "seed": np.repeat(seeds, counts)}
    kind = {"epoch": np.int64, "updates": np.int64, "count": np.int64}
    text = ("kind", "name", "quantiles", "histogram")
    for name in columns:
        values = [getattr(row, name) for row in rows]
        frame[name] = _objects(values) if name in text else np.array(values, dtype=kind.get(name, np.float64))
    return pd.DataFrame(frame)


def _objects(values: list[object]) -> np.ndarray:
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out


# ---------------------------------------------------------------------------------------------------- arms of a study


def arm_frame(frames: Frames, study: Study, arms: Iterable[str] | None = None) -> pd.DataFrame:
    """One row an arm and seed that has a trial.

    Returns:
        arm, seed, trial, status (at the arm's cut), epochs (asked for), epochs_done (of those), reduced (whether the
        study declares more epochs or images), host, cpu;
        in the order of the arms, then of the seeds. Arms without trials have no row.
    """
    chosen = [study.arm(a) for a in arms] if arms is not None else list(study.arms)
    parts = [_trials_of(frames, study, arm) for arm in chosen]
    columns = ["arm", "seed", "trial", "status", "epochs", "epochs_done", "reduced", *PROVENANCE]
    parts = [p for p in parts if len(p)]
    if not parts:
        return pd.DataFrame(
            {c: pd.Series(dtype="int64" if c in ("seed", "epochs", "epochs_done") else "object") for c in columns}
        )
    return pd.concat(parts, ignore_index=True)[columns]


def _trials_of(frames: Frames, study: Study, arm: Arm) -> pd.DataFrame:
    config = study.config(arm.name)
    trials = frames.trials[[*_NEEDED, *PROVENANCE]]
    same = trials["data"] == config.data
    kinds = trials.loc[same, ["data_checksum", "code_version"]].drop_duplicates()
    found = trials.iloc[:0]
    # Of several versions of data or code, the newest code counts, then the data with most trials: they are never mixed.
    for version in sorted(set(kinds["code_version"]), reverse=True):
        for checksum in kinds.loc[kinds["code_version"] == version, "data_checksum"]:
            group = config.replace(seed=0).identity(str(checksum), int(version))
            matching = trials[trials["group"] == group]
            found = matching if len(matching) > len(found) else found
        if len(found):
            break
    found = found.sort_values("seed")
    done = found["epochs_done"].clip(upper=config.epochs)
    return found.assign(
        arm=arm.name,
        epochs=config.epochs,
        epochs_done=done,
        status=_status_at(frames, found, config.epochs),
        reduced=study.is_reduced(arm.name),
    )


def _status_at(frames: Frames, trials: pd.DataFrame, epochs: int) -> list[str]:
    """What each trial's status is when only its first `epochs` epochs count."""
    out = []
    for trial, status, done in zip(trials["trial"], trials["status"], trials["epochs_done"], strict=True):
        if done >= epochs and status == "diverged":
            rows = frames.epochs[frames.epochs["trial"] == trial]
            finite = np.isfinite(rows.loc[rows["epoch"] <= epochs, _LOSSES].to_numpy(dtype=float)).all()
            out.append("finished" if finite else "diverged")
        elif done >= epochs:
            out.append("finished")
        else:  # a run that ended whole but is shorter than the arm asks for has yet to be extended
            out.append("stopped" if status == "finished" else str(status))
    return out


def arm_epochs(frames: Frames, study: Study, arms: Iterable[str] | None = None) -> pd.DataFrame:
    """The epochs of the trials of `arm_frame`, cut at each arm's number of epochs.

    Returns:
        study, arm, seed, trial, status, epoch and every metric; a trial that two arms share has rows under both.
    """
    return joined(frames.epochs, arm_frame(frames, study, arms), study)


def arm_tensors(frames: Frames, study: Study, arms: Iterable[str] | None = None) -> pd.DataFrame:
    """The tensor summaries of the trials of `arm_frame`, cut likewise."""
    return joined(frames.tensors, arm_frame(frames, study, arms), study)


def joined(rows: pd.DataFrame, arms: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Rows of epochs or tensors under the arms of an `arm_frame`, cut at each arm's epochs."""
    rows = rows[rows["trial"].isin(pd.Index(arms["trial"].unique()))]
    keys = arms[["arm", "seed", "trial", "status", "epochs"]].assign(study=study.name)
    made = keys.merge(rows.drop(columns="seed"), on="trial", how="inner", sort=False)
    made = made[made["epoch"] <= made["epochs"]].drop(columns="epochs")
    first = ["study", "arm", "seed", "trial", "status", "epoch"]
    return made[[*first, *(c for c in made.columns if c not in first)]].reset_index(drop=True)
