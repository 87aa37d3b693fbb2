"""Commands on results folders: what they say and what they end with."""

from __future__ import annotations

import contextlib
import dataclasses
import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from study.cli import folder_commands as care
from study.storage import diff as compare
from study.storage import lock
from study.storage.durable_files import Folder
from study.storage.merge import Contradiction
from study.storage.results_folder import ResultsFolder
from tests.study.storage.test_diff import fill, nudged, record
from trainables.config.errors import StoreError


def test_times_provenance_and_gathering_are_no_difference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a = fill(tmp_path / "a", record(0), record(1))
    b = fill(tmp_path / "b", nudged(record(0), seconds=99.0), dataclasses.replace(record(1), provenance={"host": "x"}))
    ResultsFolder(b).trials.gather()
    care.diff(a, b, common=False)
    assert "equal" in capsys.readouterr().out


def test_the_last_bit_is_a_difference_and_named(tmp_path: Path) -> None:
    changed = nudged(record(0), val_loss=math.nextafter(record(0).epochs["val_loss"][-1], 9))
    a, b = fill(tmp_path / "a", record(0), record(1)), fill(tmp_path / "b", changed, record(2))
    found = [d.what for d in compare.diff(a, b)]
    assert len(found) == 3 and f"trial {record(0).id}: val_loss in epoch 4" in found[2]
    assert [d.what for d in compare.diff(a, b, common=True)] == found[2:]
    with pytest.raises(care.FoldersDiffer) as caught:
        care.diff(a, b, common=False)
    assert caught.value.exit_code == 1


def test_a_merge_that_is_refused_leaves_no_folder(tmp_path: Path) -> None:
    a, b = fill(tmp_path / "a", record(0)), fill(tmp_path / "b", nudged(record(0), val_loss=9.0))
    into = tmp_path / "c"
    for other, error in ((b, Contradiction), (str(tmp_path / "absent"), StoreError)):
        with pytest.raises(error):
            care.merge(a, other, str(into), wait=False)
        assert not into.exists()
    care.merge(a, fill(tmp_path / "d", record(1)), str(into), wait=False)
    before = sorted(p.name for p in (into / "trials").iterdir())
    with pytest.raises(Contradiction):
        care.merge(b, b, str(into), wait=False)
    assert sorted(p.name for p in (into / "trials").iterdir()) == before


def test_a_merge_that_waits_takes_what_the_run_before_it_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = fill(tmp_path / "a", record(0)), fill(tmp_path / "b", record(1))

    @contextlib.contextmanager
    def held(folder: Folder, *, wait: bool) -> Iterator[None]:
        assert wait
        ResultsFolder(b).trials.write(record(2))
        yield

    monkeypatch.setattr(lock, "hold", held)
    care.merge(a, b, a, wait=True)
    assert {found.config.seed for found in ResultsFolder(a).trials.records()} == {0, 1, 2}
