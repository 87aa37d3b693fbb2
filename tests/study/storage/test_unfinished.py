"""What trials under way have reported: kept for who looks on, and never in anybody's way."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from study.storage.durable_files import Folder
from study.storage.results_folder import ResultsFolder
from study.storage.survey import survey
from study.storage.unfinished import (
    MAX_TRIALS_KEPT,
    UNFINISHED,
    UnfinishedTrial,
    keep_unfinished,
    read_unfinished,
    remove_unfinished,
)
from trainables.config.trial_config import TrialConfig

CONFIG = TrialConfig(epochs=9)
TRIAL = UnfinishedTrial(CONFIG, "c" * 32, {1: {"val_accuracy": 0.5, "val_loss": 2.0}, 4: {"val_accuracy": 0.75}})


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    assert read_unfinished(folder) == ()
    keep_unfinished(folder, [TRIAL])
    assert read_unfinished(folder) == (TRIAL,)
    remove_unfinished(folder)
    assert read_unfinished(folder) == ()


def test_what_is_not_finite_comes_back_as_nan(tmp_path: Path) -> None:
    keep_unfinished(Folder(tmp_path), [UnfinishedTrial(CONFIG, "c" * 32, {2: {"val_loss": math.inf}})])
    assert math.isnan(read_unfinished(Folder(tmp_path))[0].epochs[2]["val_loss"])


def test_of_very_many_the_first_are_kept(tmp_path: Path) -> None:
    keep_unfinished(
        Folder(tmp_path),
        [UnfinishedTrial(CONFIG.replace(seed=s), "c" * 32, {1: {}}) for s in range(MAX_TRIALS_KEPT + 9)],
    )
    assert [t.config.seed for t in read_unfinished(Folder(tmp_path))] == list(range(MAX_TRIALS_KEPT))


NO_KNOBS, BAD_KNOB = '[{"config": {}}]', '[{"config": {"lr": "x"}, "data": "", "epochs": {}}]'


@pytest.mark.parametrize("text", ["", "[", "7", "[7]", NO_KNOBS, BAD_KNOB, "[" * 9999])
def test_a_damaged_file_is_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / UNFINISHED).write_text(text)
    assert read_unfinished(Folder(tmp_path)) == ()


def test_it_is_none_of_the_records(tmp_path: Path) -> None:
    store = ResultsFolder(tmp_path / "r", create=True)
    (tmp_path / "r" / UNFINISHED).write_text("damaged")
    assert survey(store).problems == () and store.trials.on_record() == {}
