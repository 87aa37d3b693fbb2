from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.data.frames import Frames, from_records
from analysis.data.load import Loaded, load
from analysis.data.read_on_demand import with_tensors
from study.spec import registry
from study.storage.results_folder import ResultsFolder
from tests import synthetic
from tests.analysis.stores import fill, store_of

SCALING = registry.load_study("scaling")


def whole(store: ResultsFolder) -> Loaded:
    loaded = load(store)
    return with_tensors(loaded, store, loaded.frames.trials["trial"])


def in_order(frame: pd.DataFrame, *keys: str) -> pd.DataFrame:
    plain = frame.assign(trial=frame["trial"].astype(str))
    for name in ("quantiles", "histogram"):
        if name in plain:
            plain[name] = [tuple(v) for v in plain[name]]
    return plain.sort_values(["trial", *keys], ignore_index=True)


def assert_same(a: Frames, b: Frames) -> None:
    for name, keys in (("trials", ()), ("epochs", ("epoch",)), ("tensors", ("epoch", "kind", "name"))):
        one, other = in_order(getattr(a, name), *keys), in_order(getattr(b, name), *keys)
        pd.testing.assert_frame_equal(one, other[one.columns], check_dtype=False)


@pytest.mark.parametrize("gather", [True, False])
def test_gives_what_the_records_give(tmp_path: Path, gather: bool) -> None:
    endings = {("scaled", 1): ("diverged", 3), ("unscaled", 2): ("stopped", 2)}
    store = store_of(tmp_path, [SCALING], gather=gather, endings=endings)
    loaded = whole(store)
    assert loaded.problems == ()
    assert_same(loaded.frames, from_records(store.trials.records()))
    assert not np.isfinite(loaded.frames.epochs["val_loss"]).all()


def test_gathered_and_loose_together(tmp_path: Path) -> None:
    store = store_of(tmp_path, [SCALING], seeds=(0, 1))
    fill(store, synthetic.records(SCALING, seeds=(2,)))
    loaded = whole(store)
    assert sorted(set(loaded.frames.trials["seed"])) == [0, 1, 2]
    assert_same(loaded.frames, from_records(store.trials.records()))


def test_the_longest_record_of_a_trial_counts(tmp_path: Path) -> None:
    short = {(a.name, s): ("stopped", 2) for a in SCALING.arms for s in (0, 1)}
    store = store_of(tmp_path, [SCALING], seeds=(0, 1), endings=short)
    fill(store, synthetic.records(SCALING, seeds=(1,)))
    store.trials.gather()
    done = load(store).frames.trials.groupby("seed")["epochs_done"].unique()
    assert done[0].tolist() == [2] and done[1].tolist() == [5]
    assert_same(whole(store).frames, from_records(store.trials.records()))


def test_where_trials_came_from(tmp_path: Path) -> None:
    origin = load(store_of(tmp_path, [SCALING], host="far<away>")).origin
    assert set(origin["host"]) == {"far<away>"} and all("cpu" in h or "far<away>" in h for h in origin["hardware"])


def test_each_trial_keeps_its_own_origin(tmp_path: Path) -> None:
    store = store_of(tmp_path, [SCALING], seeds=(0,), host="here", gather=False)
    fill(store, synthetic.records(SCALING, seeds=(1,), host="there"))
    store.trials.gather()
    hosts = load(store).origin.set_index("trial")["host"]
    assert dict(hosts) == {r.id: r.provenance["host"] for r in store.trials.records()} and set(hosts) == {
        "here",
        "there",
    }


def test_an_empty_folder(tmp_path: Path) -> None:
    loaded = load(ResultsFolder(tmp_path, create=True))
    assert loaded.frames.trials.empty and loaded.frames.epochs.empty and loaded.origin.empty


def test_a_damaged_file_is_named_and_the_rest_read(tmp_path: Path) -> None:
    store = store_of(tmp_path, [SCALING], seeds=(0,))
    first = store.trials.gathered()[0]
    fill(store, synthetic.records(SCALING, seeds=(1,)))
    store.trials.gather()
    path = tmp_path / first
    path.write_bytes(path.read_bytes()[:-200])
    loaded = whole(store)
    assert set(loaded.frames.trials["seed"]) == {1}
    assert len(loaded.problems) == 1 and first in loaded.problems[0] and "damaged" in loaded.problems[0]


def test_a_damaged_loose_record_is_named(tmp_path: Path) -> None:
    store = store_of(tmp_path, [SCALING], seeds=(0,), gather=False)
    name = store.trials.loose()[0]
    (tmp_path / name).write_text('{"checksum": "0", "record": {}}')
    loaded = load(store)
    assert len(loaded.frames.trials) == 1
    assert len(loaded.problems) == 1 and name in loaded.problems[0]


@pytest.mark.parametrize("column", ["val_loss", "config", "status"])
def test_a_record_that_makes_no_sense_is_left_out(tmp_path: Path, column: str) -> None:
    store = store_of(tmp_path, [SCALING])
    name = store.trials.gathered()[0]
    table = pq.read_table(tmp_path / name)
    rows = table.to_pylist()
    rows[0][column] = [1.0] if column == "val_loss" else "no"
    stream = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), stream)
    (tmp_path / name).unlink()
    checksum = hashlib.sha256(stream.getvalue()).hexdigest()
    (tmp_path / f"trials/gathered-{checksum}.parquet").write_bytes(stream.getvalue())
    loaded = whole(store)
    assert len(loaded.frames.trials) == 5
    assert any(rows[0]["id"] in problem for problem in loaded.problems)
