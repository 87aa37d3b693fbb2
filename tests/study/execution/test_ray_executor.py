"""One small study through Ray, from its file to its records: the quickest test that starts Ray; in every check.

The same under a Ray that was not tested, of which nothing is replaced.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from study.storage.results_folder import ResultsFolder
from tests.study import own
from tests.test_architecture import loaded_by

UNTESTED = "import study.execution.ray_patches.patching as patching; patching.TESTED = (); "


def test_ray_is_imported_only_when_its_environment_is_set() -> None:
    """It reads some of it as it is imported: where it listens, and by which certificates it is spoken to."""
    assert loaded_by("study.execution.ray_executor", "ray") == set()


@pytest.mark.ray
@pytest.mark.parametrize(
    "before", [pytest.param("", marks=pytest.mark.smoke, id="tested"), pytest.param(UNTESTED, id="untested")]
)
def test_a_small_study_is_trained_by_ray_and_every_trial_is_on_record(before: str, tmp_path: Path) -> None:
    own.data(tmp_path, "tiny", train=90, val=30)
    study = own.study(tmp_path, "small", "lr", [0.001, 0.1], data="tiny", batch_size=30)
    words = ["run", str(study), "--data-dir", str(tmp_path), "--results", str(tmp_path / "r"), "--cpus", "1"]
    program = f"{before}import sys; from study.cli.main import entry; sys.argv[0] = 'study'; entry()"
    command = [sys.executable, "-c", program, *words, "--seeds", "1", "--executor", "ray"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "runs on Ray" in done.stderr
    records = list(ResultsFolder(tmp_path / "r").trials.records())
    assert {(r.config.lr, r.config.seed, r.status, r.epochs_done) for r in records} == {
        (0.001, 0, "finished", 2),
        (0.1, 0, "finished", 2),
    }
