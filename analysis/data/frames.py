"""Tidy frames of trial records. No statistics here; which trials belong to which arm is `analysis.data.arms`."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from trainables.config.trial_config import KNOBS, TrialConfig
from trainables.records.agreement import combined
from trainables.records.correct_examples import CorrectExamples
from trainables.records.kept_times import Timed, timed
from trainables.records.metric_sources import is_held, test_part
from trainables.records.metrics import METRICS, RECORDED, TEST_METRICS, add_derived
from trainables.records.tensor_summary import TensorSummary
from trainables.records.trial_record import TrialRecord

EPOCH_COLUMNS = ("epoch", *RECORDED, *TEST_METRICS)
TENSOR_COLUMNS = tuple(f.name for f in dataclasses.fields(TensorSummary))
PROVENANCE = ("host", "cpu")
TRIAL_COLUMNS = (
    *("trial", "group", "status", "epochs_done", "message", "data_checksum", "code_version"),
    *KNOBS,
    *PROVENANCE,
)


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
    lacking: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By trial, the recorded metrics that its record does not hold as this code measures them; only where some are."""
    correct: Mapping[str, CorrectExamples] = field(default_factory=dict)
    """By trial, which validation examples it had right; see `analysis.data.read_on_demand.with_correct`."""
    tested_on: Mapping[str, str] = field(default_factory=dict)
    """By trial that was measured on a test part, the checksum of that part."""
    timed: Mapping[str, tuple[Timed, ...]] = field(default_factory=dict)
    """By trial that took over the times of its first epochs, which machines measured these."""
    arms: dict[object, pd.DataFrame] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Trials of arms that were looked up before; see `analysis.data.arms`."""
    rows: dict[object, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What was read of arms before; see `analysis.claims.samples`."""
    last: dict[object, pd.DataFrame] = field(default_factory=dict, init=False, repr=False, compare=False)
    """The epochs that were looked up last, for a study's are asked for several times in a row; see there."""

    @cached_property
    def rows_by_group(self) -> Mapping[str, np.ndarray]:
        """Which rows of `trials` belong to each group."""
        return _places(self.trials["group"])

    @cached_property
    def of_arms(self) -> pd.DataFrame:
        """What is asked of the trials of every arm; a few of the many columns of `trials`."""
        return self.trials[["trial", "seed", "status", "epochs_done", *PROVENANCE]]

    @cached_property
    def versions(self) -> Mapping[str, list[tuple[int, str]]]:
        """Which versions of code and data the trials of each data set have, in the order of the trials."""
        found: dict[str, dict[tuple[int, str], None]] = {}
        columns = (self.trials[c] for c in ("data", "code_version", "data_checksum"))
        for data, code, checksum in zip(*columns, strict=True):
            found.setdefault(str(data), {})[int(code), str(checksum)] = None
        return {data: list(kinds) for data, kinds in found.items()}

    def curves(self, trial: str, epochs: int) -> dict[str, np.ndarray]:
        """Every metric of a trial, one value an epoch up to `epochs`; nothing where it has none."""
        rows = self._epochs_of.get(trial)
        if rows is None:
            return {}
        rows = rows[self._numbers["epoch"][rows] <= epochs]
        return {m: self._numbers[m][rows] for m in METRICS} if len(rows) else {}

    def summaries(
        self, trials: Iterable[str], epochs: int
    ) -> dict[tuple[str, int, str], tuple[Sequence[float], float]]:
        """Return quantiles and standard deviation of tensors up to an epoch, by trial, epoch and name."""
        epoch, name, quantiles, std = (self._tensor_columns[c] for c in ("epoch", "name", "quantiles", "std"))
        return {
            (trial, int(epoch[i]), str(name[i])): (quantiles[i], float(std[i]))
            for trial in trials
            for i in self._tensors_of.get(trial, ())
            if epoch[i] <= epochs
        }

    @cached_property
    def lengths(self) -> Mapping[str, int]:
        """How many epochs of each trial are on record."""
        return dict(zip(self.trials["trial"].astype(str), self.trials["epochs_done"].astype(int), strict=True))

    @cached_property
    def _epochs_of(self) -> Mapping[str, Any]:
        return _places(self.epochs["trial"])

    @cached_property
    def _tensors_of(self) -> Mapping[str, Any]:
        return _places(self.tensors["trial"])

    @cached_property
    def _numbers(self) -> Mapping[str, np.ndarray]:
        return {name: self.epochs[name].to_numpy(dtype=float) for name in ("epoch", *METRICS)}

    @cached_property
    def _tensor_columns(self) -> Mapping[str, Any]:
        return {name: self.tensors[name].to_numpy() for name in ("epoch", "name", "quantiles", "std")}

    def with_more(
        self, *, tensors: pd.DataFrame | None = None, correct: Mapping[str, CorrectExamples] | None = None
    ) -> Frames:
        """The same trials and epochs with more of what is read on demand; what was looked up of arms stays known."""
        more = dataclasses.replace(
            self,
            tensors=self.tensors if tensors is None else tensors,
            correct=self.correct if correct is None else correct,
        )
        more.arms.update(self.arms)
        return more

    def only(self, trials: Iterable[str]) -> Frames:
        """The frames of some trials."""
        ids = pd.Index(dict.fromkeys(trials))
        kept, epochs, tensors = (
            f[f["trial"].isin(ids)].reset_index(drop=True) for f in (self.trials, self.epochs, self.tensors)
        )
        lacking = {t: names for t, names in self.lacking.items() if t in ids}
        correct = {t: bits for t, bits in self.correct.items() if t in ids}
        tested_on = {t: of for t, of in self.tested_on.items() if t in ids}
        times = {t: of for t, of in self.timed.items() if t in ids}
        return Frames(kept, epochs, tensors, lacking, correct, tested_on, times)


def _places(column: pd.Series) -> Mapping[str, Any]:
    """Which rows of a frame have each value of a column."""
    found: Mapping[str, Any] = column.reset_index(drop=True).groupby(column.to_numpy(), sort=False).indices
    return found


def from_records(records: Iterable[TrialRecord]) -> Frames:
    """Frames of records; of several records of one trial what they say together, see `agreement.combined`."""
    found: dict[str, list[TrialRecord]] = {}
    for record in records:
        found.setdefault(record.id, []).append(record)
    kept = {trial: combined(of_trial) for trial, of_trial in found.items()}
    trials = pd.DataFrame([_trial(i, r) for i, r in kept.items()], columns=list(TRIAL_COLUMNS))
    epochs, tensors = _epochs(kept), _tensors(kept)
    lacking = {i: names for i, r in kept.items() if r.status != "failed" and (names := lacking_of(r))}
    correct = {i: r.correct for i, r in kept.items() if r.correct is not None}
    tested_on = {i: part for i, r in kept.items() if (part := test_part(r.source_of(TEST_METRICS[0])))}
    times = {i: first for i, r in kept.items() if (first := timed(r))}
    return Frames(trials, pd.DataFrame(add_derived(dict(epochs.items()))), tensors, lacking, correct, tested_on, times)


def lacking_of(record: TrialRecord) -> frozenset[str]:
    """The recorded metrics that a record does not hold as this code measures them."""
    names = (*RECORDED, *TEST_METRICS)
    return frozenset(name for name in names if not is_held(METRICS[name], record.source_of(name)))


def joined(known: Frames, more: Frames | None) -> Frames:
    """The trials of two; of one that is in both, that of the second. Tensor summaries are those of the first."""
    if more is None:
        return known
    rest = known.only(set(known.trials["trial"]) - set(more.trials["trial"]))
    pairs = ((rest.trials, more.trials), (rest.epochs, more.epochs))
    trials, epochs = (pd.concat([p for p in pair if len(p)], ignore_index=True) for pair in pairs)
    return Frames(trials, epochs, rest.tensors, rest.lacking, rest.correct, rest.tested_on, rest.timed)


def no_tensors() -> pd.DataFrame:
    """Tensor summaries of nothing: the columns, and no rows."""
    return _tensors({})


def _knob_columns(config: TrialConfig) -> dict[str, object]:
    """The knobs of a configuration as cells of a frame."""
    values = {name: getattr(config, name) for name in KNOBS}
    return {**values, "hidden": "+".join(map(str, config.hidden))}


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
        **_knob_columns(config),
        "host": str(record.provenance.get("host", "")),
        "cpu": str(record.provenance.get("hardware", record.provenance.get("cpu", ""))),
    }


def _epochs(records: Mapping[str, TrialRecord]) -> pd.DataFrame:
    """One row a trial and epoch; NaN where a record has no column of a metric."""
    frame = _keys(records, [r.epochs_done for r in records.values()])
    frame["epoch"] = _flat([np.arange(1, r.epochs_done + 1) for r in records.values()], np.int64)
    for name in (*RECORDED, *TEST_METRICS):
        lacking = np.full(1, math.nan)
        columns = [
            r.epochs[name] if is_held(METRICS[name], r.source_of(name)) else lacking.repeat(r.epochs_done)
            for r in records.values()
        ]
        frame[name] = _flat(columns, np.int64 if METRICS[name].is_whole else np.float64)
    return pd.DataFrame(frame)


def _tensors(records: Mapping[str, TrialRecord]) -> pd.DataFrame:
    """One row a trial and tensor summary."""
    frame = _keys(records, [len(r.tensors) for r in records.values()])
    rows = [t for r in records.values() for t in r.tensors]
    kind = {"epoch": np.int64, "count": np.int64}
    text = ("kind", "name", "quantiles", "histogram")
    for name in TENSOR_COLUMNS:
        values = [getattr(row, name) for row in rows]
        frame[name] = _objects(values) if name in text else np.array(values, dtype=kind.get(name, np.float64))
    return pd.DataFrame(frame)


def _keys(records: Mapping[str, TrialRecord], counts: list[int]) -> dict[str, np.ndarray]:
    seeds = np.array([r.config.seed for r in records.values()], dtype=np.int64)
    return {"trial": np.repeat(np.array(list(records), dtype=object), counts), "seed": np.repeat(seeds, counts)}


def _flat(columns: Sequence[Any], kind: type) -> np.ndarray:
    return np.concatenate([np.asarray(c, dtype=kind) for c in columns]) if columns else np.empty(0, dtype=kind)


def _objects(values: list[object]) -> np.ndarray:
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out


# ---------------------------------------------------------------------------------------------------- arms of a study
