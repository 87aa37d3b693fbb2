"""The reduced chapter, on the real images, through Ray: what `make demo` does, with one seed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from study.catalog import CHAPTER
from study.planning.plan import plan_trials
from study.planning.protocol import Protocol
from study.spec import registry
from study.storage.results_folder import ResultsFolder
from tests.synthetic import FASHION


def study(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, as a person would."""
    return subprocess.run([sys.executable, "-m", "study.cli", *words], capture_output=True, text=True, check=False)


@pytest.mark.ray
@pytest.mark.timeout(2400)  # it trains for minutes, on a busy machine for many
def test_the_reduced_chapter_is_trained_once_and_judged(tmp_path: Path) -> None:
    folder = str(tmp_path / "r")
    first = study("run", "chapter", "--quick", "--seeds", "1", "--results", folder)
    assert first.returncode == 0, first.stderr
    records = list(ResultsFolder(folder).trials.records())
    plan = plan_trials(
        [registry.load_study(n) for n in CHAPTER],
        Protocol((0,), quick=True),
        records[0].data_checksum,
        {},
        FASHION,
    )
    assert {r.id for r in records} == {t.id for t in plan.trials}
    assert {r.status for r in records} <= {"finished", "diverged"}
    assert all(r.config.train_images == 6000 for r in records)
    by_id = {r.id: r for r in records}
    for trial in plan.trials:
        record = by_id[trial.id]
        assert record.status == "diverged" or record.epochs_done == trial.config.epochs
        assert record.epochs["updates"][0] == trial.config.updates_per_epoch(60_000)
    best = max(r.epochs["val_accuracy"][-1] for r in records)
    assert 0.8 < best < 0.95, "real images: better than chance by far, and no better than anybody has seen"

    again = study("run", "chapter", "--quick", "--seeds", "1", "--results", folder)
    assert again.returncode == 0 and "nothing to train" in again.stdout
    page = study("report", folder, "--out", str(tmp_path / "page"))
    assert page.returncode == 0, page.stderr
    html = next((tmp_path / "page").glob("*.html")).read_text()
    assert all(f"{name}" in html for name in CHAPTER) and "reduced" in html.lower()
