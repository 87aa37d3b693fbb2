"""Going on with a study of which most is on record: how long until the command has ended, against how much there is.

The records are made up, of a study of empty trials; the last trial, where one is missing, is really trained, Ray's
start and end included.
"""

from __future__ import annotations

import dataclasses
import json
import tempfile
from pathlib import Path
from statistics import median

from benchmarks import sides, work
from benchmarks.figures import Figure
from benchmarks.loading import fill_ours
from study.spec.study import Study
from study.storage.results_folder import ResultsFolder
from tests import synthetic
from trainables.data.sources import load_data_set
from trainables.records.trial_record import TrialRecord

SIZES = (10, 1000, 10_000)


def resume(repeats: int, part: int) -> list[Figure]:
    """Seconds of `study run` with 10, 1,000 and 10,000 finished trials on record: one is missing, and none is."""
    return [f for size in SIZES for f in _of(max(size // part, 2), repeats)]


def _of(trials: int, repeats: int) -> list[Figure]:
    found: dict[str, list[sides.Taken]] = {"one-missing": [], "none-missing": []}
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            study = work.empty_study(folder)
            fill(folder, study, trials - 1)
            command = ["-m", "study.cli", "run", str(study), "--seeds", str(trials), "--data-dir", name]
            command += ["--results", str(folder / "results"), "--executor", "ray"]
            for taken in found.values():
                taken.append(sides.run(*command))
            assert len(ResultsFolder(folder / "results").trials.on_record()) == trials
    meaning = "seconds of `study run` where all but one trial, or all of them, are on record"
    return [_figure(f"resume/{trials}-{what}", taken, meaning) for what, taken in found.items()]


def _figure(name: str, taken: list[sides.Taken], meaning: str) -> Figure:
    wall, used = [t.wall for t in taken], median(t.processor for t in taken)
    memory = max(t.memory for t in taken)
    note = f"{min(wall):.3g} to {max(wall):.3g} s; {used:.3g} processor s; driver at most {memory:.0f} MB"
    return Figure(name, median(wall), None, None, None, None, len(taken), None, "s", meaning, note)


def fill(folder: Path, file: Path, trials: int) -> None:
    """A results folder in which so many seeds of the empty study have finished."""
    study = Study.from_dict(json.loads(file.read_text(encoding="utf-8")))
    checksum = load_data_set("empty", folder).checksum

    def made(seed: int) -> TrialRecord:
        return dataclasses.replace(synthetic.record(study.config("only", seed=seed)), data_checksum=checksum)

    fill_ours(folder / "results", trials, made)
