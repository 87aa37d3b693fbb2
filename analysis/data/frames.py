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

from trainables.config.trial_config import KNOBS, TrialConfig
from trainables.records.metrics import add_derived
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
_RANK = {"finished": 3, "diverged": 2, "stopped": 1, "failed": 0}


@dataclass(frozen=True)
class Frames:
    """All trials of a results folder, tidy.

    trials: one row a trial: `TRIAL_COLUMNS`; `group` is shared by replicates; `hidden` as text such as "1000+1000".
    epochs: one row a trial and epoch: trial, seed, every metric of `trainables.records.metrics`.
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
    return Frames(trials, pd.DataFrame(add_derived(dict(epochs.items()))), tensors)


def no_tensors() -> pd.DataFrame:
    """Tensor summaries of nothing: the columns, and no rows."""
    return _long({}, "tensors", TENSOR_COLUMNS)


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
