"""Many finished trials in one Parquet file, a row a trial: to and from plain record data."""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from study.storage.parquet_bounds import require_bounded
from trainables.records.tensor_summary import TensorSummary
from trainables.records.trial_record import EpochRecord, spelled

_INT_FIELDS = {"epoch", "updates"}
EPOCH_FIELDS = tuple(f.name for f in dataclasses.fields(EpochRecord))
_TENSOR = pa.struct(
    {
        "epoch": pa.int64(),
        "kind": pa.string(),
        "name": pa.string(),
        "count": pa.int64(),
        "mean": pa.float64(),
        "std": pa.float64(),
        "quantiles": pa.list_(pa.float64()),
        "histogram": pa.list_(pa.int64()),
    }
)
assert [f.name for f in _TENSOR] == [f.name for f in dataclasses.fields(TensorSummary)]

SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("checksum", pa.string()),
        ("status", pa.string()),
        ("epochs_done", pa.int64()),
        ("data_checksum", pa.string()),
        ("code_version", pa.int64()),
        ("message", pa.string()),
        ("config", pa.string()),
        ("provenance", pa.string()),
        *((name, pa.list_(pa.int64() if name in _INT_FIELDS else pa.float64())) for name in EPOCH_FIELDS),
        ("tensors", pa.list_(_TENSOR)),
    ],
    metadata={"format": "hyperparameter-study trials", "version": "1"},
)
"""`config` and `provenance` are JSON; the columns from `epoch` on hold one value an epoch."""

ROWS = 100
"""Trials a row group: so many are lost at most to one damaged page."""


def pack(rows: Sequence[tuple[str, dict[str, Any]]]) -> bytes:
    """A Parquet file of (checksum, record data) pairs, in the order given."""
    table = pa.Table.from_pylist([_row(checksum, record) for checksum, record in rows], schema=SCHEMA)
    stream = io.BytesIO()
    pq.write_table(table, stream, compression="zstd", row_group_size=ROWS, write_page_checksum=True)
    return stream.getvalue()


def salvage(
    data: bytes, sound: Callable[[str, dict[str, Any]], bool]
) -> tuple[list[tuple[str, dict[str, Any]]], list[str]]:
    """What can still be read of a damaged file: its sound (checksum, record data) pairs, and the ids of the others.

    Pages are checked one by one, so damage costs the rows of its own row group; a damaged footer costs all.
    """
    saved, lost = [], []
    try:
        source = open_file(data)
        groups = source.num_row_groups
    except Exception:  # pyarrow raises many kinds for damaged bytes
        return [], []
    for group in range(groups):
        try:
            pairs = unpack(source.read_row_group(group, columns=SCHEMA.names))
        except Exception:
            lost += _ids(source, group)
            continue
        for checksum, values in pairs:
            if sound(checksum, values):
                saved.append((checksum, values))
            else:
                lost.append(str(values["id"]))
    return saved, lost


def _ids(source: pq.ParquetFile, group: int) -> list[str]:
    try:
        return [str(x) for x in source.read_row_group(group, columns=["id"]).column("id").to_pylist()]
    except Exception:
        return []


def open_file(data: bytes) -> pq.ParquetFile:
    """A segment for reading; raises OSError or ValueError where it is not one, or would become too large."""
    source = pq.ParquetFile(pa.BufferReader(data), page_checksum_verification=True)
    require_bounded(source, len(data))
    return source


def columns_of(source: pq.ParquetFile, columns: list[str]) -> pa.Table:
    """Some columns of a segment; raises ValueError where they are not what `SCHEMA` says."""
    table = source.read(columns=columns)
    wanted = pa.schema([SCHEMA.field(name) for name in columns])
    if not table.schema.equals(wanted) or any(table.column(name).null_count for name in columns):
        raise ValueError("its columns are not those of gathered records")
    return table


def unpack(table: pa.Table) -> list[tuple[str, dict[str, Any]]]:
    """The (checksum, record data) pairs of a table with all columns of `SCHEMA`."""
    return [_record(row) for row in table.to_pylist()]


def _row(checksum: str, record: dict[str, Any]) -> dict[str, Any]:
    epochs = {name: _float(values) for name, values in record["epochs"].items()}
    return {
        **{k: record[k] for k in ("id", "status", "data_checksum", "code_version", "message")},
        "checksum": checksum,
        "epochs_done": len(epochs["epoch"]),
        "config": json.dumps(record["config"]),
        "provenance": json.dumps(record["provenance"]),
        **epochs,
        "tensors": [{k: _float(v) for k, v in t.items()} for t in record["tensors"]],
    }


def _record(row: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    record = {
        **{k: row[k] for k in ("id", "status", "data_checksum", "code_version", "message")},
        "config": json.loads(row["config"]),
        "provenance": json.loads(row["provenance"]),
        "epochs": {name: spelled(row[name]) for name in EPOCH_FIELDS},
        "tensors": [{k: spelled(v) for k, v in t.items()} for t in row["tensors"]],
    }
    return row["checksum"], record


def _float(value: Any) -> Any:
    if isinstance(value, list):
        return [_float(v) for v in value] if str in set(map(type, value)) else value
    return float(value) if value in ("nan", "inf", "-inf") else value
