"""Real runs on tiny images: more seeds, arms and epochs train only the difference; a disk fills up and grows again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from study.storage import diff as compare
from study.storage import repair as upkeep
from study.storage.results_folder import ResultsFolder
from trainables.records.agreement import conflict
from trainables.records.trial_record import TrialRecord

ARMS = {"plain": {}, "fast": {"lr": 0.01}, "slow": {"lr": 0.0001}}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with tiny.npz."""
    folder = tmp_path_factory.mktemp("extend")
    chance = np.random.default_rng(0)
    arrays: dict[str, Any] = {}
    for part, n in (("train", 120), ("val", 60)):
        labels = chance.integers(0, 3, n)
        images = chance.integers(0, 90, (n, 4, 4)) + labels[:, None, None] * 60
        arrays |= {f"{part}_images": images.astype(np.uint8), f"{part}_labels": labels}
    np.savez(folder / "tiny.npz", **arrays)
    return folder


def run(place: Path, results: Path, seeds: int, epochs: int, arms: int, hidden: int = 8) -> tuple[int, str]:
    """Run so much of the study; the exit code, and what was said."""
    study = {
        "name": "tiny",
        "title": "A tiny study",
        "question": "What does the rate do?",
        "knobs": ["lr"],
        "epochs": epochs,
        "base": {"data": "tiny", "hidden": [hidden], "batch_size": 30},
        "arms": [{"name": n, "change": c} for n, c in list(ARMS.items())[:arms]],
    }
    (place / "tiny.yaml").write_text(yaml.safe_dump(study))
    command = [
        sys.executable,
        "-m",
        "study.cli",
        "run",
        str(place / "tiny.yaml"),
        "--data-dir",
        str(place),
        "--cpus",
        "1",
    ]
    more = ["--results", str(results), "--seeds", str(seeds), "--keep-checkpoints", "--executor", "ray"]
    done = subprocess.run([*command, *more], capture_output=True, text=True, check=False, timeout=900)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout + done.stderr


def contents(results: Path) -> dict[str, bytes]:
    """Every file of records and studies."""
    files = [p for top in ("trials", "studies", "runs") for p in (results / top).rglob("*") if p.is_file()]
    return {str(p.relative_to(results)): p.read_bytes() for p in files}


def trained(results: Path, before: set[str]) -> tuple[list[TrialRecord], set[str]]:
    """The records that runs not in `before` wrote, and all runs there are now."""
    runs = {p.stem for p in (results / "runs").glob("*.json")}
    records = list(ResultsFolder(results).trials.all_records())
    return [r for r in records if r.provenance["run"] in runs - before], runs


def keys(records: list[TrialRecord]) -> set[tuple[float, int]]:
    return {(r.config.lr, r.config.seed) for r in records}


@pytest.mark.ray
def test_more_seeds_arms_and_epochs_train_only_the_difference_and_change_no_byte(place: Path) -> None:
    results = place / "grows"
    assert run(place, results, seeds=1, epochs=2, arms=1)[0] == 0
    first, runs = trained(results, set())
    plain = first[0].config.lr
    assert keys(first) == {(plain, 0)}
    kept = contents(results)

    assert run(place, results, seeds=2, epochs=2, arms=2)[0] == 0
    second, runs = trained(results, runs)
    assert keys(second) == {(plain, 1), (0.01, 0), (0.01, 1)} and {r.epochs_done for r in second} == {2}
    grown = contents(results)
    assert {name: grown[name] for name in kept} == kept

    assert run(place, results, seeds=2, epochs=5, arms=2)[0] == 0
    third, runs = trained(results, runs)
    assert keys(third) == keys(first) | keys(second)
    assert {(r.epochs_done, r.provenance["resumed_from"]) for r in third} == {(5, 2)}, "from where they had ended"
    longest = contents(results)
    assert {name: longest[name] for name in grown} == grown
    for early in (*first, *second):
        (late,) = [r for r in third if r.id == early.id]
        assert conflict(early, late) == ""

    code, said = run(place, results, seeds=2, epochs=5, arms=2)
    assert code == 0 and "nothing to train" in said and contents(results) == longest


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        if os.environ.get("CI"):
            pytest.fail(f"a small disk cannot be mounted: {done.stderr}")
        pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.ray
@pytest.mark.skipif(sys.platform != "linux", reason="tmpfs is Linux's")
def test_a_full_disk_stops_a_run_cleanly_and_a_larger_one_goes_on_to_the_same_bits(
    place: Path, small_disk: Path
) -> None:
    size: dict[str, int] = {"seeds": 3, "epochs": 2, "arms": 3, "hidden": 1500}
    results = small_disk / "results"
    code, said = run(place, results, **size)
    assert code == 4, said
    assert "no space left" in said and "bytes more are needed" in said and "same command" in said
    assert upkeep.verify(str(results)).sound
    before = ResultsFolder(results).trials.on_record()
    assert len(before) < 9
    subprocess.run(["mount", "-o", "remount,size=32m", str(small_disk)], check=True)
    assert run(place, results, **size)[0] == 0
    assert len(ResultsFolder(results).trials.on_record()) == 9
    assert run(place, place / "roomy", **size)[0] == 0
    assert compare.diff(str(place / "roomy"), str(results)) == []
