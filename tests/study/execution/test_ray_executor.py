"""One small study through Ray, from its file to its records: the quickest test that starts Ray; in every check."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from study.storage.results_folder import ResultsFolder
from tests.study import own


@pytest.mark.smoke
@pytest.mark.ray
def test_a_small_study_is_trained_by_ray_and_every_trial_is_on_record(tmp_path: Path) -> None:
    own.data(tmp_path, "tiny", train=90, val=30)
    study = own.study(tmp_path, "small", "lr", [0.001, 0.1], data="tiny", batch_size=30)
    words = ["run", str(study), "--data-dir", str(tmp_path), "--results", str(tmp_path / "r"), "--cpus", "1"]
    done = subprocess.run(
        [sys.executable, "-m", "study.cli", *words, "--seeds", "1"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    records = list(ResultsFolder(tmp_path / "r").trials.records())
    assert {(r.config.lr, r.config.seed, r.status, r.epochs_done) for r in records} == {
        (0.001, 0, "finished", 2),
        (0.1, 0, "finished", 2),
    }
