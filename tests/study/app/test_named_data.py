"""Data that studies name and no place has: file and line, the folder that was searched, the nearest name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from study.app.named_data import load_named
from study.spec import registry
from tests.study import own
from trainables.config.errors import BadInput, DataError, StudyError


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    own.data(tmp_path, "cells", 60, 30)
    own.study(tmp_path, "rates", "lr", [0.1], data="celsl")
    own.study(tmp_path, "cells", "lr", [0.1], data="cells")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("STUDY_DATA_DIR", raising=False)
    return tmp_path


def refused(kind: type[StudyError], *names: str, data_dir: Path | None = None) -> str:
    with pytest.raises(kind) as told:
        load_named([registry.read(name) for name in names], data_dir)
    return str(told.value)


def test_a_wrong_name_is_said_with_file_line_folder_and_the_nearest_name(folder: Path) -> None:
    """It said "data set celsl: there is no celsl.npz; data sets there: cells"."""
    line = Path("rates.yaml").read_text().splitlines().index("  data: celsl") + 1
    assert refused(DataError, "rates.yaml", data_dir=Path()) == (
        f"rates.yaml, line {line}: base.data: got 'celsl'; there is no celsl.npz in {folder}; "
        "data sets in that folder: cells; did you mean cells?"
    )


def test_without_a_folder_the_one_that_has_it_is_named() -> None:
    said = refused(DataError, "rates.yaml")
    assert "base.data: got 'celsl'; it would be celsl.npz in the data folder, and none is given; name one by" in said
    said = refused(DataError, os.path.relpath("cells.yaml"))
    assert said.endswith("base.data: got 'cells'; cells.npz lies in ., and no data folder is given: add --data-dir .")


def test_studies_of_several_data_sets_are_refused_where_each_names_its_own() -> None:
    said = refused(BadInput, "rates.yaml", "cells.yaml", "dropout").splitlines()
    why = "; studies over different data sets are run one after the other"
    assert [line.partition(", line")[0] for line in said[:2]] == ["rates.yaml", "cells.yaml"]
    assert all(line.endswith(why) for line in said) and said[2].startswith("study dropout, base.data: got 'fashion")
