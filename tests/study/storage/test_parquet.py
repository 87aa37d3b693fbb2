"""Gathered files: what is sound in a damaged one is saved, and one of other columns is damage."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from study.storage import repair as upkeep
from study.storage.results_folder import ResultsFolder
from tests.study.storage.test_results_folder import record
from tests.study.storage.test_storage_format_2 import new
from trainables.config.errors import StoreError


@pytest.fixture
def store(tmp_path: Path) -> ResultsFolder:
    return ResultsFolder(tmp_path / "results", create=True)


def test_what_is_sound_in_a_damaged_gathered_file_is_saved(
    store: ResultsFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("study.storage.parquet.TRIALS_PER_ROW_GROUP", 5)
    for seed in range(20):
        store.write(record(seed))
    store.trials.gather()
    (name,) = store.trials.gathered()
    path = Path(store.folder.path(name))
    data = bytearray(path.read_bytes())
    at = len(data) // 3
    data[at : at + 40] = bytes(b ^ 0xFF for b in data[at : at + 40])
    path.write_bytes(bytes(data))
    said = upkeep.tidy(store)
    assert len(said) == 1 and "sound records in it were saved" in said[0]
    left = list(store.trials.records())
    assert 10 <= len(left) < 20 and all(r.result_digest() == record(r.config.seed).result_digest() for r in left)


@pytest.mark.parametrize("columns", [{"x": [1]}, {"id": [1], "epochs_done": ["a"], "status": [None]}])
def test_a_gathered_file_of_other_columns_is_damage_and_never_held(
    store: ResultsFolder, columns: dict[str, list[Any]]
) -> None:
    store.write(record(0))
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream)
    name = f"trials/gathered-{hashlib.sha256(stream.getvalue()).hexdigest()}.parquet"
    store.folder.write(name, stream.getvalue())
    for read in (store.trials.on_record, store.trials.gather, lambda: list(store.trials.records())):
        with pytest.raises(StoreError, match="is damaged"):
            read()
    assert any(name in line for line in upkeep.repair(store.folder.where).lines)
    assert list(store.trials.on_record()) == [record(0).id]


def test_a_small_file_that_would_be_huge_is_not_read(store: ResultsFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    store.write(new(0, message="x" * 1_000_000))
    store.trials.gather()
    monkeypatch.setattr("study.storage.parquet.MAX_BYTES", 100_000)
    monkeypatch.setattr("study.storage.parquet.MAX_EXPANSION_FACTOR", 2)
    with pytest.raises(StoreError, match="bytes would take up to"):
        list(store.trials.records())
