"""`study decide` in a folder with a damaged record puts it aside, as a run does, and goes on."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from study.storage.results_folder import ResultsFolder
from tests.study.app.test_decide_seeds import NEAR, Trainer, desk, study

__all__ = ["desk"]


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_damaged_record_is_said_once_and_ends_nothing(
    dry_run: bool, desk: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "r"
    desk(study(NEAR), Trainer(), most_seeds=5)
    store = ResultsFolder(folder)
    one = next(iter(store.trials.records()))
    store.write(dataclasses.replace(one, config=one.config.replace(seed=30)))
    (hurt,) = (folder / "trials").glob("*.json")
    hurt.write_bytes(hurt.read_bytes()[:40])
    capsys.readouterr()
    trainer = Trainer()
    now = desk(study(NEAR), trainer, dry_run=dry_run, most_seeds=6)
    said = " ".join(capsys.readouterr().err.split())
    assert said.count(hurt.name) == 1 and now.verdicts
    assert hurt.exists() == dry_run, "a dry run touches nothing"
