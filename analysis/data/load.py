"""A results folder straight to frames, by columns: 100,000 trials in seconds. What frames mean: `analysis.data.frames`.

Gathered files are read with pyarrow, their list columns flattened and the trials repeated along them; no Python loop
runs over rows of epochs. What is damaged is left out and named, so that the rest can still be read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analysis.data.frames import EPOCH_COLUMNS, TRIAL_COLUMNS, Frames, from_records
from analysis.data.join_records import ORIGIN, RecordColumns, joined
from study.storage.integrity import to_object
from study.storage.results_folder import ResultsFolder
from study.storage.storage_errors import changes_too_fast
from trainables.config.errors import StudyError
from trainables.config.identity import OMITTED_AT_DEFAULT, identity
from trainables.config.trial_config import KNOBS, TrialConfig
from trainables.records.kept_times import TIMED_BY
from trainables.records.metric_sources import is_held, test_part
from trainables.records.metrics import FORMAT_1_DIGEST, FORMAT_1_METRICS, METRICS, TEST_METRICS
from trainables.records.trial_record import STATUSES, TrialRecord

_SCALARS = ("id", "status", "epochs_done", "data_checksum", "code_version", "message")
_STATUSES = pa.array(STATUSES)
_IS_SEED, _ = KNOBS["seed"].metadata["check"]
MAX_ATTEMPTS = 5
"""How often a folder is read that changes meanwhile."""


@dataclass(frozen=True)
class Loaded:
    """Frames of a results folder, where its trials came from, and what could not be read."""

    frames: Frames
    origin: pd.DataFrame
    """One row a trial: trial, run, host, hardware, torch, python, system, as text."""
    problems: tuple[str, ...] = ()
    """One line a damaged file or record."""


_UNREADABLE = (StudyError, pa.ArrowException, KeyError, TypeError, ValueError, AttributeError)
"""What a file raises that is not what the format says."""


def load(store: ResultsFolder) -> Loaded:
    """Trials and epochs of a whole folder; `frames.tensors` is empty, see `read_on_demand.with_tensors`.

    Of several records of one trial the longest counts, see `agreement.combined`. Trials that only ever failed are there
    as failed. Of a damaged file, the records that are still sound count. A run may gather records meanwhile: then it is
    read again.

    Raises:
        ChangesTooFast: the files change faster than they can be read.
    """
    for _ in range(MAX_ATTEMPTS):
        problems: list[str] = []
        parts = _parts(store, problems)
        if parts is not None:
            store.refuse_gone()
            frames, origin = joined(parts)
            return Loaded(frames, origin, tuple(problems))
    raise changes_too_fast(store.folder.where)


def _parts(store: ResultsFolder, problems: list[str]) -> list[RecordColumns] | None:
    """All records; None where a file that was there is not there any more."""
    parts: list[RecordColumns] = []
    saved: list[TrialRecord] = []
    loose, gathered = store.trials.loose(), store.trials.gathered()  # in this order: what went is in the other list
    for name in gathered:
        try:
            table = store.trials.table(name, [*_SCALARS, "config", "provenance", "measured_by", *EPOCH_COLUMNS])
            if table is None:
                return None
            parts.append(_part(table, name, problems))
        except _UNREADABLE as error:
            problems.append(problem(name, error))
            saved += store.trials.saved_records(name)
    for name in loose:
        try:
            record = store.trials.loose_record(name)
            if record is None:
                return None
            saved.append(record)
        except StudyError as error:
            problems.append(str(error))
    return parts + _of_records(store, saved, problems)


def _part(table: pa.Table, name: str, problems: list[str]) -> RecordColumns:
    table = table.combine_chunks()
    sound = np.ones(len(table), dtype=bool)
    done = table.column("epochs_done").to_numpy()
    present = [c for c in EPOCH_COLUMNS if c in table.column_names]
    for column in present:
        sound &= _lengths(table.column(column)) == done
    sound &= pc.fill_null(pc.is_in(table.column("status"), _STATUSES), False).to_numpy(zero_copy_only=False)
    configs, codes, seeds = _configs(table)
    sound &= codes != _NO_CONFIG
    if not sound.all():
        ids = table.column("id").filter(pa.array(~sound)).to_pylist()
        problems += [f"{name}: the record of trial {i} is damaged and left out" for i in ids]
        table, codes, seeds = table.filter(pa.array(sound)).combine_chunks(), codes[sound], seeds[sound]
    lengths = table.column("epochs_done").to_numpy().astype(np.int64)
    epochs = {c: _flat(table.column(c)) if c in present else np.full(lengths.sum(), np.nan) for c in EPOCH_COLUMNS}
    measured, tested_on = _held(table, present)
    lacking = {c: ~rows for c, rows in measured.items()}
    for column, lacks in lacking.items():
        epochs[column] = np.where(np.repeat(lacks, lengths), np.nan, epochs[column])
    lacking |= {c: np.ones(len(table), dtype=bool) for c in EPOCH_COLUMNS if c not in present}
    origin = _origin(table)
    worth = np.tile((len(present) - 1, 1 + ("measured_by" in table.column_names)), (len(table), 1))
    trials = _trials(table, configs, codes, seeds, origin)
    provenance = pc.fill_null(table.column("provenance"), "{}")
    return RecordColumns(trials, lengths, epochs, pd.DataFrame(origin), worth, lacking, tested_on, provenance)


def _held(table: pa.Table, metrics: Iterable[str]) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Which rows hold a metric as this code measures it, by metric (those that all rows hold are left out), and the
    checksum of the test part that each row was measured on.
    """
    if "measured_by" in table.column_names:
        texts = table.column("measured_by").combine_chunks().dictionary_encode()
        digests = [to_object(t.encode(), "measured_by") for t in texts.dictionary.to_pylist()]
        codes = texts.indices.to_numpy()
    else:
        digests, codes = [dict.fromkeys(FORMAT_1_METRICS, FORMAT_1_DIGEST)], np.zeros(len(table), dtype=np.int64)
    found = {}
    for name in metrics:
        measured = [name not in METRICS or is_held(METRICS[name], d.get(name)) for d in digests]
        if not all(measured):
            found[name] = np.array(measured)[codes]
    tests = np.array([test_part(d.get(TEST_METRICS[0])) for d in digests], dtype=object)
    return found, tests[codes] if len(codes) else np.zeros(0, dtype=object)


def _lengths(column: pa.ChunkedArray) -> np.ndarray:
    """Of each row's list; -1 where there is none."""
    if column.num_chunks == 1 and not column.null_count and pa.types.is_list(column.type):
        return np.diff(column.chunk(0).offsets.to_numpy())
    return np.asarray(pc.fill_null(pc.list_value_length(column), -1).to_numpy())


def _flat(column: pa.ChunkedArray) -> np.ndarray:
    flat = pa.chunked_array([c.flatten() for c in column.chunks], type=column.type.value_type)
    return np.asarray(flat.to_numpy())


_NO_CONFIG = -1
"""The place among the distinct configurations of a row that has none."""


def _configs(table: pa.Table) -> tuple[list[dict[str, Any]], np.ndarray, np.ndarray]:
    """Distinct configurations (seed aside) as cells, which of them each row has (or `_NO_CONFIG`), and their seeds."""
    cells, codes, seeds = list[dict[str, Any]](), list[int](), list[int]()
    places: dict[str, int] = {}
    for text in pc.fill_null(table.column("config"), "").to_pylist():
        key, values, seed = _values_and_seed(text)
        if (place := places.get(key)) is None:
            found = _cells(values)
            place = places[key] = _NO_CONFIG if found is None else len(cells)
            cells += [] if found is None else [found]
        codes.append(place)
        seeds.append(seed)
    return cells, np.array(codes, dtype=np.int64), np.array(seeds, dtype=np.int64)


def _values_and_seed(text: str) -> tuple[str, dict[str, Any] | None, int]:
    """What a configuration says with seed 0, as text and as values, and its seed; no values where it is none."""
    try:
        values = json.loads(text)
        seed = values.get("seed", 0)
        values["seed"] = 0
        return (repr(values), values, seed) if _IS_SEED(seed) else ("", None, 0)  # as text, for 1 == 1.0 == True
    except (ValueError, AttributeError, TypeError, RecursionError):
        return "", None, 0


def _cells(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The knobs of a configuration; None where it is none. Values are those that `TrialConfig` wrote."""
    if values is None:
        return None
    try:
        complete = {*values, *OMITTED_AT_DEFAULT} == KNOBS.keys()
        return {**OMITTED_AT_DEFAULT, **(values if complete else TrialConfig.from_dict(values).to_dict())}
    except (ValueError, TypeError, KeyError, StudyError):
        return None


def _trials(
    table: pa.Table, configs: list[dict[str, Any]], codes: np.ndarray, seeds: np.ndarray, origin: Mapping[str, Any]
) -> pd.DataFrame:
    """Built in one go: pandas takes as long for a column that is added later as for all these together."""
    cells = {name: [c.get(name) for c in configs] for name in KNOBS}
    cells["hidden"] = ["+".join(map(str, c or ())) for c in cells["hidden"]]
    knobs = pd.DataFrame(cells).take(codes) if configs else pd.DataFrame(cells, dtype=object)
    columns: dict[str, Any] = {("trial" if c == "id" else c): _plain(table.column(c)) for c in _SCALARS}
    columns |= {name: knobs[name].array for name in KNOBS}
    columns["seed"] = seeds
    columns["group"] = _groups(table, configs, codes)
    columns |= {"host": origin["host"], "cpu": origin["hardware"]}
    return pd.DataFrame({name: columns[name] for name in TRIAL_COLUMNS})


def _plain(column: pa.ChunkedArray | pa.Array) -> Any:
    """A column for a frame; text stays pyarrow's, which pandas else converts cell by cell."""
    return column.to_pandas().array if pa.types.is_string(column.type) else column.to_numpy()


def _groups(table: pa.Table, configs: list[dict[str, Any]], codes: np.ndarray) -> np.ndarray:
    """Each row's name of its replicates, computed once for each distinct configuration, data set and code version."""
    data = pc.fill_null(table.column("data_checksum"), "").combine_chunks().dictionary_encode()
    code = table.column("code_version").combine_chunks().dictionary_encode()
    sizes = max(len(data.dictionary), 1), max(len(code.dictionary), 1)
    keys = (codes * sizes[0] + data.indices.to_numpy()) * sizes[1] + code.indices.to_numpy()
    distinct, which = np.unique(keys, return_inverse=True)
    names = [
        identity(
            configs[k // (sizes[0] * sizes[1])],
            str(data.dictionary[int(k // sizes[1] % sizes[0])]),
            int(code.dictionary[int(k % sizes[1])].as_py()),
        )
        for k in distinct
    ]
    return np.array(names, dtype=object)[which] if names else np.zeros(0, dtype=object)


def _origin(table: pa.Table) -> dict[str, Any]:
    """The columns of `Loaded.origin`; texts that differ in their times alone are read once."""
    rows, codes = origins(table)
    columns = {name: pa.array([r.get(name, "") for r in rows], pa.string()).take(codes) for name in ORIGIN}
    return {"trial": _plain(table.column("id")), **{name: _plain(c) for name, c in columns.items()}}


def origins(table: pa.Table) -> tuple[list[dict[str, str]], pa.Array]:
    """The distinct places that records come from, and which of them each row has; see `Loaded.origin`."""
    column = pc.fill_null(table.column("provenance"), "")
    texts = pc.replace_substring_regex(column, r'"(started|ended)": [0-9.e+-]+', r'"\1": 0').combine_chunks()
    distinct = texts.dictionary_encode()
    return [_provenance(t) for t in distinct.dictionary.to_pylist()], distinct.indices


def _provenance(text: str) -> dict[str, str]:
    try:
        values = json.loads(text or "{}")
        values["hardware"] = values.get("hardware", values.get("cpu", ""))
        values[TIMED_BY] = json.dumps(values[TIMED_BY]) if TIMED_BY in values else ""
        return {name: str(values.get(name, "")) for name in ORIGIN}
    except (ValueError, AttributeError, TypeError, RecursionError):
        return {}


def _of_records(store: ResultsFolder, records: list[TrialRecord], problems: list[str]) -> list[RecordColumns]:
    """Records, and the notes of failures, one by one."""
    try:
        records += store.trials.failures()
    except StudyError as error:
        problems.append(f"failures: {error}")
    if not records:
        return []
    layers: list[dict[str, TrialRecord]] = []
    for record in records:
        layer = next((one for one in layers if record.id not in one), None)
        if layer is None:
            layers.append(layer := {})
        layer[record.id] = record
    return [_of_layer(layer) for layer in layers]


def _of_layer(records: Mapping[str, TrialRecord]) -> RecordColumns:
    """Records of different trials."""
    frames = from_records(records.values())
    kept = [records[i] for i in frames.trials["trial"]]
    provenance = [json.dumps(dict(r.provenance)) for r in kept]
    origin = pd.DataFrame(
        [{"trial": r.id, **_provenance(text)} for r, text in zip(kept, provenance, strict=True)],
        columns=["trial", *ORIGIN],
    )
    lengths = np.array([r.epochs_done for r in kept])
    epochs = {c: frames.epochs[c].to_numpy() for c in EPOCH_COLUMNS}
    worth = np.array([r.rank[2:] for r in kept])
    lacking = {c: np.array([c in frames.lacking.get(r.id, ()) for r in kept]) for c in EPOCH_COLUMNS}
    tested_on = np.array([test_part(r.source_of(TEST_METRICS[0])) for r in kept], dtype=object)
    provenances = pa.chunked_array([provenance], pa.string())
    columns = (frames.trials, lengths, epochs, origin, worth, lacking, tested_on, provenances)
    return RecordColumns(*columns, frames.tensors, frames.correct)


def problem(name: str, error: BaseException) -> str:
    """A line of what is wrong with a file, which it names."""
    text = (str(error).strip() or type(error).__name__).splitlines()[0]
    return text if name in text else f"{name}: {text}"
