"""The mark of a log says which search it is: a new field or knob must leave the marks on record as they are."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from study.spec.point import SharedKnobs
from study.spec.search import Search
from study.storage.results_folder import ResultsFolder
from study.storage.search_log import CHANGEABLE_SETTINGS, SearchLog, search_parts

COMMITTED = Path(__file__).parents[3] / "results" / "search-sgd-adam"
LR = {"kind": "float", "low": 0.01, "high": 1.0, "log": True}
WHOLE: dict[str, Any] = {
    "space": {
        "optimizer": {"kind": "choice", "values": ["sgd", "adam"]},
        "lr": LR,
        "batch_size": {"kind": "int", "low": 8, "high": 64},
        "momentum": {"kind": "float", "low": 0.0, "high": 0.9, "when": {"optimizer": ["sgd"]}},
    },
    "trials": 9, "seeds": 2, "seed": 3, "searcher": "random", "within": "optimizer", "grid_points": 4, "racing": 2,
    "objectives": ["val_loss"], "scheduler": {"name": "hyperband", "grace": 1, "reduction": 3},
    "first": [{"optimizer": "sgd", "lr": 0.1}],
    "constraints": [{"left": "lr", "op": "<=", "right": "momentum"}],
    "warm_start": ["elsewhere"], "parallel": 2, "beat": 0.5,
}  # fmt: skip
WHY = "a new field goes into the mark: leave it out where it has its default, or logs on record are other searches"


def name_of(tmp_path: Path, values: dict[str, Any]) -> str:
    store = ResultsFolder(tmp_path / "r", create=True)
    return SearchLog(store, "s", "", Search.from_dict(values), SharedKnobs.of(9), "data").name


@pytest.mark.parametrize(
    ("values", "mark"),
    [({"space": {"lr": LR}, "trials": 9}, "ad76277ef1f7"), (WHOLE, "0c8a48d8c10e")],
    ids=["plain", "whole"],
)
def test_the_mark_of_a_search_never_changes(tmp_path: Path, values: dict[str, Any], mark: str) -> None:
    assert name_of(tmp_path, values) == f"s/all-{mark}", WHY


def test_every_setting_is_in_the_search_with_a_pinned_mark() -> None:
    assert {f.name for f in dataclasses.fields(Search)} == set(WHOLE), "set the new one there too, and look at its mark"


def test_the_committed_search_still_has_its_marks(tmp_path: Path) -> None:
    store = ResultsFolder(tmp_path / "r", create=True)
    parts = search_parts(ResultsFolder(COMMITTED))
    assert len(parts) == 2
    for part in parts:
        log = SearchLog(store, part.study, part.label, part.search, part.shared, part.data)
        assert log.folder == part.folder, WHY


@pytest.mark.parametrize("setting", CHANGEABLE_SETTINGS)
def test_what_may_change_of_a_search_is_no_part_of_its_mark(tmp_path: Path, setting: str) -> None:
    other = {**WHOLE, setting: {"trials": 8, "parallel": 3, "racing": 1, "beat": 0.6}[setting]}
    assert name_of(tmp_path, other) == name_of(tmp_path, WHOLE)
