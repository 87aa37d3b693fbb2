from __future__ import annotations

import dataclasses
import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

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
from trainables.records.metric_sources import sources
from trainables.records.metrics import TEST_METRICS

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


def rewritten(
    store: ResultsFolder, folder: Path, change: Callable[[list[dict[str, Any]]], None], column: str = "id"
) -> str:
    """Change the rows of a folder's one gathered file with that column, under a checksum that fits; its new name."""
    name = next(n for n in store.trials.gathered() if column in pq.read_schema(folder / n).names)
    table = pq.read_table(folder / name)
    rows = table.to_pylist()
    change(rows)
    stream = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), stream)
    (folder / name).unlink()
    checksum = hashlib.sha256(stream.getvalue()).hexdigest()
    new = f"trials/gathered-{checksum}.parquet"
    (folder / new).write_bytes(stream.getvalue())
    return new


def test_seeds_are_values_however_their_json_is_spelled(tmp_path: Path) -> None:
    def spell(rows: list[dict[str, Any]]) -> None:
        for row in rows:
            row["config"] = json.dumps(json.loads(row["config"]), separators=(",", ":"), sort_keys=True)

    store = store_of(tmp_path, [SCALING])
    before = load(store).frames
    rewritten(store, tmp_path, spell)
    after = load(store).frames
    pd.testing.assert_frame_equal(after.trials, before.trials)
    assert after.trials["seed"].dtype == np.int64 and after.trials["group"].nunique() == len(SCALING.arms)


@pytest.mark.parametrize("seed", [-1, 1.5, "1", True, 2**31, None])
def test_a_record_whose_seed_is_none_is_left_out_alone(tmp_path: Path, seed: object) -> None:
    def spoil(rows: list[dict[str, Any]]) -> None:
        rows[0]["config"] = json.dumps({**json.loads(rows[0]["config"]), "seed": seed})

    store = store_of(tmp_path, [SCALING])
    lost = pq.read_table(tmp_path / store.trials.gathered()[0]).column("id")[0].as_py()
    rewritten(store, tmp_path, spoil)
    loaded = load(store)
    assert len(loaded.frames.trials) == 5 and lost not in set(loaded.frames.trials["trial"])
    (problem,) = loaded.problems
    assert lost in problem and "damaged" in problem


@pytest.mark.parametrize("column", ["val_loss", "config", "status"])
def test_a_record_that_makes_no_sense_is_left_out(tmp_path: Path, column: str) -> None:
    def spoil(rows: list[dict[str, Any]]) -> None:
        rows[0][column] = [1.0] if column == "val_loss" else "no"

    store = store_of(tmp_path, [SCALING])
    rows = pq.read_table(tmp_path / store.trials.gathered()[0]).to_pylist()
    rewritten(store, tmp_path, spoil)
    loaded = whole(store)
    assert len(loaded.frames.trials) == 5
    assert any(rows[0]["id"] in problem for problem in loaded.problems)


@pytest.mark.parametrize("text", ["{x", "[1]", "[" * 100_000, json.dumps({TEST_METRICS[0]: 1})])
def test_a_file_whose_digests_make_no_sense_is_named_and_the_rest_read(tmp_path: Path, text: str) -> None:
    def spoil(rows: list[dict[str, Any]]) -> None:
        rows[0]["measured_by"] = text

    store = store_of(tmp_path, [SCALING], gather=False)
    one = next(store.trials.records())
    store.write(dataclasses.replace(one, config=one.config.replace(seed=99), format=2, measured_by=sources()))
    store.trials.gather()
    name = rewritten(store, tmp_path, spoil, "measured_by")
    (problem,) = load(store).problems
    assert name in problem
