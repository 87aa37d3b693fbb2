"""Metrics by epoch of many trials at once, from columns alone: no tensors, no record is built."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from study.storage.integrity import to_object
from study.storage.results_folder import ResultsFolder
from trainables.config.errors import StudyError
from trainables.records.trial_record import Rank, TrialRecord, rank_of

MachineKind = tuple[str | None, str | None]
"""The kind of processor, and the version of torch."""


@dataclass(frozen=True, eq=False)
class CurvesOnRecord:
    """One record of a trial, of some metrics."""

    trial: str
    epochs: int
    status: str
    values: Mapping[str, Sequence[float]]
    """By metric, those of them that it holds."""
    place: MachineKind = (None, None)
    """Where it was trained, where that was asked for."""

    @property
    def rank(self) -> Rank:
        """The larger, the more it is worth."""
        return rank_of(self.epochs, self.status)


def curves_on_record(
    store: ResultsFolder, trials: set[str], metrics: Sequence[str], *, places: bool = False
) -> Iterator[CurvesOnRecord]:
    """Every sound record of these trials, with `places` where each was trained; damaged files are passed over."""
    plain = ("id", "epochs_done", "status", *(["provenance"] if places else []))
    for name in store.trials.loose() if trials else ():
        if name.removeprefix("trials/")[:20] in trials and (record := _loose(store, name)) is not None:
            values = {m: record.epochs[m] for m in metrics if m in record.epochs.columns}
            yield CurvesOnRecord(record.id, record.epochs_done, record.status, values, _place(record.provenance))
    for name in store.trials.gathered() if trials else ():
        try:
            if (table := store.trials.table(name, [*plain, *metrics])) is None:
                continue
            import pyarrow.compute as pc

            found = list(_rows(table.filter(pc.is_in(table.column("id"), pa.array(sorted(trials)))), metrics))
        except (StudyError, pa.ArrowException, ValueError):  # said of the file itself
            continue
        yield from found


def _loose(store: ResultsFolder, name: str) -> TrialRecord | None:
    try:
        return store.trials.loose_record(name)
    except StudyError:  # said of the file itself
        return None


def _rows(table: pa.Table, metrics: Sequence[str]) -> Iterator[CurvesOnRecord]:
    import numpy as np
    import pyarrow.compute as pc

    columns: dict[str, list[Any]] = {}
    for name in metrics:
        if name in table.column_names:
            column = table.column(name).combine_chunks()
            ends = np.cumsum(pc.list_value_length(column).to_numpy(zero_copy_only=False))
            columns[name] = np.split(column.flatten().to_numpy(zero_copy_only=False), ends[:-1])
    places = table.column("provenance").to_pylist() if "provenance" in table.column_names else ["{}"] * len(table)
    plain = (table.column(c).to_pylist() for c in ("id", "epochs_done", "status"))
    for at, (trial, epochs, status, given) in enumerate(zip(*plain, places, strict=True)):
        values = {name: parts[at] for name, parts in columns.items()}
        yield CurvesOnRecord(trial, epochs, status, values, _place(to_object(given.encode(), "")))


def _place(provenance: Mapping[str, Any]) -> MachineKind:
    return str(provenance.get("hardware")), str(provenance.get("torch"))
