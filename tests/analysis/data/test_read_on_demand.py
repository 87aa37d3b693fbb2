"""Tensors are read when they are asked for, of those trials alone."""

from __future__ import annotations

from pathlib import Path

from analysis.data.load import load
from analysis.data.read_on_demand import with_tensors
from tests.analysis.data.test_load import SCALING
from tests.analysis.stores import store_of


def test_tensors_of_named_trials_only(tmp_path: Path) -> None:
    store = store_of(tmp_path, [SCALING])
    loaded = load(store)
    assert loaded.frames.tensors.empty
    wanted = loaded.frames.trials["trial"].iloc[0]
    assert set(with_tensors(loaded, store, [wanted]).frames.tensors["trial"]) == {wanted}
