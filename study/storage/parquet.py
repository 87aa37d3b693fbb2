"""Many finished trials in one Parquet file, a row a trial: to and from plain record data.

A file holds records of one format with the same columns of metrics, and its schema says which. A reader takes the
columns that it knows; a record of format 2 comes back whole, whoever wrote it.
"""

from __future__ import annotations

import base64
import dataclasses
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from study.storage.integrity import StoredRecord
from study.storage.parquet_footer import column_sizes
from trainables.records.fields import spelled
from trainables.records.metrics import FORMAT_1_METRICS, METRICS
from trainables.records.tensor_summary import TensorSummary

EPOCH_FIELDS = ("epoch", *FORMAT_1_METRICS)
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

_WORDS = ("kind", "name")
"""Of a tensor's: text, be it "nan"."""

_TRIAL = (
    ("id", pa.string()),
    ("checksum", pa.string()),
    ("status", pa.string()),
    ("epochs_done", pa.int64()),
    ("data_checksum", pa.string()),
    ("code_version", pa.int64()),
    ("message", pa.string()),
    ("config", pa.string()),
    ("provenance", pa.string()),
)
_ADDED_2 = (
    ("format", pa.int64()),
    ("measured_by", pa.string()),
    ("correct_count", pa.int64()),
    ("correct_last", pa.binary()),
    ("correct_best", pa.binary()),
    ("unknown", pa.string()),
)
"""Of format 2. `correct_*` is null where a record has no bits; `unknown` is JSON: fields of a newer version."""
_FIXED_2 = frozenset(name for name, _ in (*_TRIAL, *_ADDED_2)) | {"tensors"}


def _list_of(name: str) -> pa.DataType:
    whole = name == "epoch" or (name in METRICS and METRICS[name].is_whole)
    return pa.list_(pa.int64() if whole else pa.float64())


SCHEMA = pa.schema(
    [*_TRIAL, *((name, _list_of(name)) for name in EPOCH_FIELDS), ("tensors", pa.list_(_TENSOR))],
    metadata={"format": "hyperparameter-study trials", "version": "1"},
)
"""Of format 1. `config` and `provenance` are JSON; the columns from `epoch` on hold one value an epoch."""

TRIALS_PER_ROW_GROUP = 100
"""Trials a row group: so many are lost at most to one damaged page."""
MAX_EXPANSION_FACTOR, MAX_BYTES = 5000, 2**30
"""A file that would take more bytes than both this many times its size and this many is not read."""


def pack(rows: Sequence[StoredRecord]) -> bytes:
    """A Parquet file of records of one format and with the same metrics, in the order given."""
    schema = SCHEMA if not rows or rows[0].values.get("format", 1) == 1 else _schema(rows[0].values)
    table = pa.Table.from_pylist(list(map(_row, rows)), schema=schema)
    stream = io.BytesIO()
    pq.write_table(table, stream, compression="zstd", row_group_size=TRIALS_PER_ROW_GROUP, write_page_checksum=True)
    return stream.getvalue()


def pack_all(rows: Sequence[StoredRecord]) -> Iterator[bytes]:
    """Write as few files as hold all the records."""
    alike: dict[tuple[object, ...], list[StoredRecord]] = {}
    for row in rows:
        shape = [(name, _is_whole(name, column)) for name, column in row.values["epochs"].items()]
        alike.setdefault((row.values.get("format", 1), *shape), []).append(row)
    return map(pack, alike.values())


def _is_whole(name: str, column: Sequence[Any]) -> bool:
    if name in METRICS or name == "epoch":
        return bool(_list_of(name).value_type == pa.int64())
    return set(map(type, column)) == {int}


def _schema(record: Mapping[str, Any]) -> pa.Schema:
    columns = [
        (name, pa.list_(pa.int64() if _is_whole(name, column) else pa.float64()))
        for name, column in record["epochs"].items()
    ]
    names = {b"format": b"hyperparameter-study trials", b"version": b"2"}
    return pa.schema([*_TRIAL, *_ADDED_2, *columns, ("tensors", pa.list_(_TENSOR))], metadata=names)


def salvage(data: bytes) -> tuple[list[StoredRecord], list[str]]:
    """What can still be read of a damaged file: its sound records, and the ids of the others.

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
            rows = unpack(source.read_row_group(group))
        except Exception:
            lost += _ids(source, group)
            continue
        for row in rows:
            if row.is_sound:
                saved.append(row)
            else:
                lost.append(str(row.values["id"]))
    return saved, lost


def _ids(source: pq.ParquetFile, group: int) -> list[str]:
    try:
        return [str(x) for x in source.read_row_group(group, columns=["id"]).column("id").to_pylist()]
    except Exception:
        return []


def open_file(data: bytes) -> pq.ParquetFile:
    """A segment for reading; raises OSError or ValueError (of pyarrow) where it is not one, or far too large."""
    source = pq.ParquetFile(pa.BufferReader(data), page_checksum_verification=True)
    size = _expanded(data)
    if size > max(MAX_BYTES, MAX_EXPANSION_FACTOR * len(data)):
        raise ValueError(f"{len(data):,} bytes would take up to {size:,} in memory")
    return source


def _expanded(data: bytes) -> int:
    """Bytes that a file may take in memory, by its footer: a text may be repeated by each of its rows."""
    sizes = column_sizes(data)
    return sum(max(s.uncompressed * (s.values if s.text else 1), 8 * s.values) for s in sizes)


def columns_of(source: pq.ParquetFile, columns: Sequence[str]) -> pa.Table:
    """Some columns of a segment, in that order; columns of metrics that the file lacks are left out.

    They are read in this thread: of files as small as ours, handing columns to others costs more than it gains.

    Raises:
        ValueError: they are not what the format says.
    """
    there = source.schema_arrow
    if "format" not in there.names:
        old = [name for name in columns if name in SCHEMA.names]
        table = source.read(columns=old, use_threads=False)
        wanted = pa.schema([SCHEMA.field(name) for name in old])
        if not table.schema.equals(wanted) or any(table.column(name).null_count for name in old):
            raise ValueError("its columns are not those of gathered records")
        return table
    fixed = dict([*_TRIAL, *_ADDED_2, ("tensors", pa.list_(_TENSOR))])
    present = [name for name in columns if name in there.names]
    if lacking := _FIXED_2.intersection(columns) - set(present):
        raise ValueError(f"it has no column {min(lacking)}")
    table = source.read(columns=present, use_threads=False).select(present)
    for name in present:
        known = fixed.get(name) or (_list_of(name) if name in EPOCH_FIELDS or name in METRICS else None)
        empty = table.column(name).null_count and not name.startswith("correct_")
        if empty or (known is not None and table.schema.field(name).type != known):
            raise ValueError("its columns are not those of gathered records")
    return table


def whole_table(source: pq.ParquetFile) -> pa.Table:
    """Read all columns of a segment; raises ValueError where they are not what the format says."""
    names = source.schema_arrow.names
    return columns_of(source, names if "format" in names else SCHEMA.names)


def unpack(table: pa.Table) -> list[StoredRecord]:
    """The records of a whole table."""
    return [_record(row) for row in table.to_pylist()]


def _row(stored: StoredRecord) -> dict[str, Any]:
    record = stored.values
    epochs = {name: _float(values) for name, values in record["epochs"].items()}
    row = {
        **{k: record[k] for k in ("id", "status", "data_checksum", "code_version", "message")},
        "checksum": stored.checksum,
        "epochs_done": len(epochs["epoch"]),
        "config": json.dumps(record["config"]),
        "provenance": json.dumps(record["provenance"]),
        **epochs,
        "tensors": [{k: v if k in _WORDS else _float(v) for k, v in t.items()} for t in record["tensors"]],
    }
    if record.get("format", 1) == 1:
        return row
    correct = record.get("correct", {})
    bits = {f"correct_{name}": base64.b64decode(correct[name]) for name in ("last", "best") if correct}
    known = {*row, "format", "epochs", "measured_by", "correct", "tensors"}
    return {
        **row,
        "format": record["format"],
        "measured_by": json.dumps(record["measured_by"]),
        "correct_count": correct.get("count"),
        **bits,
        "unknown": json.dumps({name: value for name, value in record.items() if name not in known}),
    }


def _record(row: dict[str, Any]) -> StoredRecord:
    newer = "format" in row
    names = [name for name in row if name not in _FIXED_2] if newer else EPOCH_FIELDS
    record = {
        **{k: row[k] for k in ("id", "status", "data_checksum", "code_version", "message")},
        "config": json.loads(row["config"]),
        "provenance": json.loads(row["provenance"]),
        "epochs": {name: spelled(row[name]) for name in names},
        "tensors": [{k: spelled(v) for k, v in t.items()} for t in row["tensors"]],
    }
    if newer:
        record |= {"format": row["format"], "measured_by": json.loads(row["measured_by"])}
        record |= json.loads(row["unknown"])
        if row["correct_count"] is not None:
            bits = {name: base64.b64encode(row[f"correct_{name}"]).decode() for name in ("last", "best")}
            record["correct"] = {"count": row["correct_count"], **bits}
    return StoredRecord(row["checksum"], record)


def _float(value: Any) -> Any:
    if isinstance(value, list):
        return [_float(v) for v in value] if str in set(map(type, value)) else value
    return float(value) if value in ("nan", "inf", "-inf") else value
