"""A results folder straight to frames, by columns: 100,000 trials in seconds. What frames mean: `analysis.frames`.

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

from analysis.frames import EPOCH_COLUMNS, PROVENANCE, TENSOR_COLUMNS, TRIAL_COLUMNS, Frames, add_gaps, from_records
from study.store import Store
from trainables.config import KNOBS, TrialConfig, identity
from trainables.errors import StudyError
from trainables.records import STATUSES

_SCALARS = ("id", "status", "epochs_done", "data_checksum", "code_version", "message")
_RANK = {"finished": 3, "diverged": 2, "stopped": 1, "failed": 0}
_ORIGIN = ("run", "host", "hardware", "torch", "python", "system")


@dataclass(frozen=True)
class Loaded:
    """Frames of a results folder, where its trials came from, and what could not be read."""

    frames: Frames
    origin: pd.DataFrame
    """One row a trial: trial, run, host, hardware, torch, python, system, as text."""
    problems: tuple[str, ...] = ()
    """One line a damaged file or record."""


def load(store: Store) -> Loaded:
    """Trials and epochs of a whole folder; `frames.tensors` is empty, see `with_tensors`.

    Of several records of one trial the longest counts. Trials that only ever failed are there as failed.
    """
    parts: list[_Part] = []
    problems: list[str] = []
    for name in store.gathered():
        try:
            table = store.table(name, [*_SCALARS, "config", "provenance", *EPOCH_COLUMNS])
            if table is not None:
                parts.append(_part(table, name, problems))
        except (StudyError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
            problems.append(_problem(name, error))
    parts += _loose(store, problems)
    return _joined(parts, tuple(problems))


def with_tensors(loaded: Loaded, store: Store, trials: Iterable[str]) -> Loaded:
    """The same with the tensor summaries of some trials: those are many times the size of all the rest."""
    frames, wanted = loaded.frames, pa.array(sorted(set(trials)), pa.string())
    parts: list[pd.DataFrame] = [frames.tensors] if len(frames.tensors) else []
    problems = list(loaded.problems)
    for name in store.gathered():
        try:
            table = store.table(name, ["id", "epochs_done", "status", "tensors"])
            if table is not None:
                parts.append(_tensors(table.filter(pc.is_in(table.column("id"), wanted)), frames.trials))
        except (StudyError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
            problems.append(_problem(name, error))
    parts = [p for p in parts if len(p)]
    if not parts:
        return loaded
    tensors = pd.concat(parts, ignore_index=True).drop_duplicates(["trial", "epoch", "kind", "name"], ignore_index=True)
    return Loaded(Frames(frames.trials, frames.epochs, tensors), loaded.origin, tuple(dict.fromkeys(problems)))


# ------------------------------------------------------------------------------------------------- one gathered file


@dataclass(frozen=True)
class _Part:
    """Trials with their epochs, in the same order: the epochs of trial i follow those of trial i - 1."""

    trials: pd.DataFrame
    lengths: np.ndarray
    epochs: Mapping[str, np.ndarray]
    origin: pd.DataFrame
    tensors: pd.DataFrame | None = None


def _part(table: pa.Table, name: str, problems: list[str]) -> _Part:
    table = table.combine_chunks()
    sound = np.ones(len(table), dtype=bool)
    done = table.column("epochs_done").to_numpy()
    for column in EPOCH_COLUMNS:
        lengths = pc.fill_null(pc.list_value_length(table.column(column)), -1).to_numpy()
        sound &= lengths == done
    sound &= pc.fill_null(pc.is_in(table.column("status"), pa.array(STATUSES)), False).to_numpy(zero_copy_only=False)
    configs, codes, bad = _configs(table)
    sound &= ~bad
    if not sound.all():
        ids = table.column("id").filter(pa.array(~sound)).to_pylist()
        problems += [f"{name}: the record of trial {i} is damaged and left out" for i in ids]
        table, codes = table.filter(pa.array(sound)).combine_chunks(), codes[sound]
    epochs = {c: _flat(table.column(c)) for c in EPOCH_COLUMNS}
    return _Part(
        _trials(table, configs, codes), table.column("epochs_done").to_numpy().astype(np.int64), epochs, _origin(table)
    )


def _flat(column: pa.ChunkedArray) -> np.ndarray:
    flat = pa.chunked_array([c.flatten() for c in column.chunks], type=column.type.value_type)
    return np.asarray(flat.to_numpy())


def _configs(table: pa.Table) -> tuple[list[dict[str, Any]], np.ndarray, np.ndarray]:
    """Distinct configurations (seed aside) as cells, which of them each row has, and which rows have none."""
    column = pc.fill_null(table.column("config"), "")
    texts = pc.replace_substring_regex(column, r'"seed": \d+', '"seed": 0').combine_chunks().dictionary_encode()
    values = [_config(t) for t in texts.dictionary.to_pylist()]
    codes = texts.indices.to_numpy().astype(np.int64)
    lost = np.array([v is None for v in values], dtype=bool)
    return [v or {} for v in values], codes, lost[codes] if len(codes) else np.zeros(0, dtype=bool)


def _config(text: str) -> dict[str, Any] | None:
    """The knobs of a configuration; None where it is none. Values are those that `TrialConfig` wrote."""
    try:
        values = json.loads(text)
        complete = values.keys() == KNOBS.keys() and values["seed"] == 0
        return values if complete else TrialConfig.from_dict(values).to_dict()
    except (ValueError, AttributeError, TypeError, KeyError, StudyError, RecursionError):
        return None


def _trials(table: pa.Table, configs: list[dict[str, Any]], codes: np.ndarray) -> pd.DataFrame:
    frame = pd.DataFrame({c: table.column(c).to_pandas() for c in _SCALARS}).rename(columns={"id": "trial"})
    for name in KNOBS:
        cells = [c.get(name) for c in configs]
        if name == "hidden":
            cells = ["+".join(map(str, c or ())) for c in cells]
        frame[name] = pd.Series(cells).take(codes).array if len(configs) else pd.Series(cells, dtype=object)
    seeds = pc.extract_regex(table.column("config"), r'"seed": (?P<seed>\d+)')
    frame["seed"] = pc.struct_field(seeds, "seed").cast(pa.int64()).to_numpy()
    frame["group"] = _groups(frame, configs, codes)
    frame["reduced"] = frame["train_images"].notna()
    return frame


def _groups(frame: pd.DataFrame, configs: list[dict[str, Any]], codes: np.ndarray) -> np.ndarray:
    """Each row's name of its replicates, computed once for each distinct configuration, data set and code version."""
    keys = pd.DataFrame({"config": codes, "data": frame["data_checksum"], "code": frame["code_version"]})
    which, distinct = pd.factorize(pd.MultiIndex.from_frame(keys))
    names = [identity(configs[config], str(data), int(code)) for config, data, code in distinct]
    return np.array(names, dtype=object)[which] if names else np.zeros(0, dtype=object)


def _origin(table: pa.Table) -> pd.DataFrame:
    texts = table.column("provenance").to_pylist()
    rows = [_provenance(t) for t in texts]
    frame = pd.DataFrame({name: [r.get(name, "") for r in rows] for name in _ORIGIN}, dtype=str)
    frame.insert(0, "trial", table.column("id").to_pandas())
    return frame


def _provenance(text: str | None) -> dict[str, str]:
    try:
        values = json.loads(text or "{}")
        values["hardware"] = values.get("hardware", values.get("cpu", ""))
        return {name: str(values.get(name, "")) for name in _ORIGIN}
    except (ValueError, AttributeError, TypeError, RecursionError):
        return {}


def _tensors(table: pa.Table, trials: pd.DataFrame) -> pd.DataFrame:
    """The tensor summaries of the records that count."""
    keys = trials.set_index("trial")[["seed", "epochs_done", "status"]]
    ids = table.column("id").to_pylist()
    known = keys.reindex(ids)
    same = (known["epochs_done"].to_numpy() == table.column("epochs_done").to_numpy()) & (
        known["status"].to_numpy() == np.array(table.column("status").to_pylist(), dtype=object)
    )
    table = table.filter(pa.array(same.astype(bool))).combine_chunks()
    column = table.column("tensors").combine_chunks() if len(table) else None
    if column is None or not len(column):
        return pd.DataFrame(columns=["trial", "seed", *TENSOR_COLUMNS])
    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy()
    ids = np.array(table.column("id").to_pylist(), dtype=object)
    frame = pd.DataFrame({"trial": np.repeat(ids, lengths)})
    frame["seed"] = np.repeat(keys["seed"].reindex(ids).to_numpy().astype(np.int64), lengths)
    rows = column.flatten()
    for name in TENSOR_COLUMNS:
        frame[name] = rows.field(name).to_pandas().array
    return frame


# ------------------------------------------------------------------------------------------------ loose and together


def _loose(store: Store, problems: list[str]) -> list[_Part]:
    records = []
    for name in store.loose():
        try:
            if (record := store.loose_record(name)) is not None:
                records.append(record)
        except StudyError as error:
            problems.append(str(error))
    try:
        records += store.failures()
    except StudyError as error:
        problems.append(f"failures: {error}")
    if not records:
        return []
    frames = from_records(records)
    ids = frames.trials["trial"]
    lengths = frames.epochs.groupby("trial", sort=False).size().reindex(ids, fill_value=0).to_numpy()
    kept = {r.id: r for r in records}
    origin = pd.DataFrame(
        [{"trial": i, **_provenance(json.dumps(dict(kept[i].provenance)))} for i in ids], columns=["trial", *_ORIGIN]
    )
    epochs = {c: frames.epochs[c].to_numpy() for c in EPOCH_COLUMNS}
    return [_Part(frames.trials.drop(columns=list(PROVENANCE)), lengths, epochs, origin, frames.tensors)]


def _joined(parts: list[_Part], problems: tuple[str, ...]) -> Loaded:
    if not parts:
        return Loaded(from_records([]), pd.DataFrame(columns=["trial", *_ORIGIN]), problems)
    trials = pd.concat([p.trials for p in parts], ignore_index=True)
    lengths = np.concatenate([p.lengths for p in parts])
    origin = pd.concat([p.origin for p in parts], ignore_index=True)
    order = trials.assign(rank=trials["status"].map(_RANK)).sort_values(["epochs_done", "rank"], kind="stable")
    best = np.sort(order.drop_duplicates("trial", keep="last").index.to_numpy())
    kept = np.zeros(len(trials), dtype=bool)
    kept[best] = True
    rows = np.repeat(kept, lengths)
    codes = np.repeat(np.arange(len(best)), lengths[best])
    trials, origin = trials.iloc[best].reset_index(drop=True), origin.iloc[best].reset_index(drop=True)
    columns: dict[str, Any] = {
        "trial": pd.Categorical.from_codes(codes, categories=pd.Index(trials["trial"])),
        "seed": trials["seed"].to_numpy(dtype=np.int64)[codes],
    }
    for name in EPOCH_COLUMNS:
        whole = np.concatenate([p.epochs[name] for p in parts])
        columns[name] = whole if kept.all() else whole[rows]
    hardware = {"host": origin["host"].to_numpy(), "cpu": origin["hardware"].to_numpy()}
    trials = trials.assign(**{name: hardware[name] for name in PROVENANCE})[list(TRIAL_COLUMNS)]
    loose = [p.tensors for p in parts if p.tensors is not None]
    tensors = pd.concat(loose, ignore_index=True) if loose else from_records([]).tensors
    return Loaded(Frames(trials, add_gaps(pd.DataFrame(columns)), tensors), origin, problems)


def _problem(name: str, error: BaseException) -> str:
    text = (str(error).strip() or type(error).__name__).splitlines()[0]
    return text if name in text else f"{name}: {text}"
