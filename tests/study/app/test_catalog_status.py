"""What the list of studies says: a price by this machine's pace, and the seeds that every arm has."""

from __future__ import annotations

import dataclasses
import platform
from pathlib import Path

import pytest

from study.app.catalog_status import KnownFolder, StudyStatus
from study.app.pace import Pace
from study.spec import registry
from study.spec.study import Study
from study.storage.frozen_studies import FrozenStudies
from tests.analysis.stores import fill, store_of
from tests.synthetic import records

SCALING = registry.load_study("scaling")


def test_seeds_that_every_arm_has_and_a_price_where_the_pace_is_known(tmp_path: Path) -> None:
    store = store_of(tmp_path / "r", [SCALING], seeds=(0, 1))
    folder = KnownFolder.at(str(tmp_path / "r"))
    assert folder is not None
    low, high = folder.status(SCALING).seconds or (0.0, 0.0)
    assert 0 < low < high and folder.seeds(SCALING) == 2, "trained elsewhere: no pace, so a range"
    (first, *_) = records(SCALING, (2,))
    fill(store, [dataclasses.replace(first, provenance={"host": platform.node()})])
    folder = KnownFolder.at(str(tmp_path / "r"))
    assert folder is not None
    found = folder.status(SCALING)
    assert found.seeds == 2, "one arm of two has a third"
    assert found.seconds is not None and found.seconds[0] == found.seconds[1] > 0
    busy = dataclasses.replace(folder, pace=dataclasses.replace(folder.pace or Pace(1.0), clock_factor=3.0))
    assert busy.status(SCALING).seconds == pytest.approx([3.0 * seconds for seconds in found.seconds])
    assert folder.status(registry.load_study("search-all")) == StudyStatus()
    own = dataclasses.replace(SCALING, base={**SCALING.base, "data": "mine"})
    assert folder.status(own) == StudyStatus(None, 2), "data of one's own have another size"


def test_studies_together_cost_less_where_they_share_trials(tmp_path: Path) -> None:
    """The list had a price a study, and none for the chapter: adding them up counts what they share twice."""
    store = store_of(tmp_path / "r", [SCALING], seeds=(0,))
    folder = KnownFolder.at(str(tmp_path / "r"))
    assert folder is not None
    low, high = folder.seconds([SCALING]) or (0.0, 0.0)
    assert 0 < low < high, "trained elsewhere: no pace, so a range"
    (first, *_) = records(SCALING, (1,))
    fill(store, [dataclasses.replace(first, provenance={"host": platform.node()})])
    folder = KnownFolder.at(str(tmp_path / "r"))
    assert folder is not None
    two = [registry.load_study("dropout"), registry.load_study("regularization")]
    alone, together = [folder.status(s).seconds or (0.0, 0.0) for s in two], folder.seconds(two)
    assert together is not None and together[0] == together[1]
    assert max(high for _, high in alone) < together[1] < sum(low for low, _ in alone) - 10, "their none"
    assert folder.seconds([registry.load_study("search-all")]) is None


def test_the_folder_that_knows_the_studies_tells_of_them(tmp_path: Path) -> None:
    """After a study of one's own, or the demo, the last folder has none of the catalogue's: 0 of 5 everywhere."""
    own, chapter = str(tmp_path / "own"), str(tmp_path / "chapter")
    store_of(tmp_path / "own", [dataclasses.replace(SCALING, base={**SCALING.base, "batch_size": 77})], seeds=(0,))
    store_of(tmp_path / "chapter", [SCALING], seeds=(0, 1))
    found = KnownFolder.telling([str(tmp_path / "nothing"), own, chapter], [SCALING])
    assert found is not None and found.where == chapter and found.status(SCALING).seeds == 2
    found = KnownFolder.telling([own], [SCALING])
    assert found is not None and found.where == own and found.status(SCALING).seeds == 0
    assert KnownFolder.telling([], [SCALING]) is None


def test_without_a_folder_nothing_is_known(tmp_path: Path) -> None:
    assert KnownFolder.at(None) is None and KnownFolder.at(str(tmp_path / "nothing")) is None
    found = KnownFolder.nowhere()
    low, high = found.status(SCALING).seconds or (0.0, 0.0)
    assert 0 < low < high and found.seeds(SCALING) is None and found.studies == ()


def test_the_studies_of_a_folder_are_read_where_they_are_listed_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list read those of every folder that it tried."""
    own, chapter = str(tmp_path / "own"), str(tmp_path / "chapter")
    other = dataclasses.replace(SCALING, name="mine", base={**SCALING.base, "batch_size": 77})
    store_of(tmp_path / "own", [other], seeds=(0,))
    store_of(tmp_path / "chapter", [SCALING], seeds=(0, 1))
    read: list[str] = []
    latest = FrozenStudies.latest

    def noted(kept: FrozenStudies) -> list[Study]:
        read.append(kept.folder.where)
        return latest(kept)

    monkeypatch.setattr(FrozenStudies, "latest", noted)
    found = KnownFolder.telling([own, chapter], [SCALING])
    assert found is not None and read == []
    assert [s.name for s in found.studies] == ["scaling"] and read == [chapter]
