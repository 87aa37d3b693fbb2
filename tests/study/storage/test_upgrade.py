"""A copy in format 2 says what the folder said."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from analysis.data.load import load
from study.storage import diff, repair
from study.storage.results_folder import ResultsFolder
from study.storage.upgrade import upgrade
from trainables.config.errors import StoreError

KEPT = Path(__file__).parents[3] / "results" / "search-sgd-adam"


def test_a_copy_holds_what_the_folder_holds(tmp_path: Path) -> None:
    before = {p: p.read_bytes() for p in KEPT.rglob("*") if p.is_file()}
    count = upgrade(str(KEPT), str(tmp_path / "new"))
    old, new = ResultsFolder(KEPT), ResultsFolder(tmp_path / "new")
    assert count == len(list(old.trials.all_records())) == len(list(new.trials.all_records()))
    assert {r.format for r in new.trials.all_records()} == {2}
    assert diff.diff(str(KEPT), str(tmp_path / "new")) == []
    assert repair.verify(str(tmp_path / "new")).sound
    assert {p: p.read_bytes() for p in KEPT.rglob("*") if p.is_file()} == before
    one, two = (load(s).frames for s in (old, new))
    key = ["seed", "epoch", "val_loss", "val_accuracy", "accuracy_gap"]
    rows = [f.epochs.assign(trial=f.epochs["trial"].astype(str)).sort_values(["trial", "epoch"]) for f in (one, two)]
    assert rows[0][["trial", *key]].reset_index(drop=True).equals(rows[1][["trial", *key]].reset_index(drop=True))


def test_it_never_writes_where_something_is(tmp_path: Path) -> None:
    shutil.copytree(KEPT, tmp_path / "there")
    with pytest.raises(StoreError, match="is not empty"):
        upgrade(str(KEPT), str(tmp_path / "there"))
