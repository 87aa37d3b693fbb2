"""Where a data set has changed under its name the run says so, and no arm is compared on old and new."""

from __future__ import annotations

from pathlib import Path

import pytest

import study
from study.storage.other_data import other_data
from study.storage.results_folder import ResultsFolder
from tests.study import own


def test_a_data_set_that_changed_under_its_name_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    own.data(tmp_path, "small", 60, 30)
    own.study(tmp_path, "mine", "lr", [0.1, 0.2], epochs=1, data="small")

    def run(seeds: int) -> study.Results:
        return study.run("mine.yaml", seeds=seeds, results="r", data_dir=".", executor="inline", cpus=1)

    before = run(2).trials["trial"].tolist()
    run(3)
    assert "other data" not in capsys.readouterr().err, "nothing has changed"
    own.data(tmp_path, "small", 50, 30)
    study.plan("mine.yaml", seeds=2, results="r", data_dir=".")
    assert "r has trials of other data called small" in " ".join(capsys.readouterr().err.split())
    after = run(2)
    assert "r has trials of other data called small" in " ".join(capsys.readouterr().err.split())
    assert set(before) < set(after.trials["trial"]), "those of the data that have most trials, of every arm"
    assert len(after.trials) == 6 and after.summary().frame["seeds"].tolist() == [3, 3]
    assert other_data(ResultsFolder("r"), "another", "0" * 32) == []
