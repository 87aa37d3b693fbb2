"""What a person waits for at a prompt: a small study in this process, help, claims, and the chapter's page."""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from pathlib import Path

from benchmarks import sides
from benchmarks.figures import Figure, limited
from study.cli.demo_command import write_digits
from study.storage.results_folder import ResultsFolder

CHAPTER = Path(__file__).parent.parent / "results" / "chapter"
WIDTHS = """\
name: widths
title: Three widths of a network for the digits
question: Does width matter?
knobs: [hidden]
epochs: 20
base: {data: digits}
arms:
  - {name: narrow, change: {hidden: [16]}}
  - {name: middle, change: {hidden: [32]}}
  - {name: wide, change: {hidden: [64]}}
"""
LIMITS: dict[str, tuple[float | None, str]] = {
    "digits": (None, "a study of the digits, three widths and five seeds of 20 epochs, from command to prompt"),
    "import-torch": (None, "`import torch` alone, in the same round: how quick the hour is"),
    "digits-training": (None, "its trials' own time, from the first one's start to the last one's end"),
    "digits-beside": (1.5, "what it takes beside its trials and `import torch`"),
    "help": (0.3, "`study --help`"),
    "claims": (3.0, "`study claims` of the chapter"),
    "page": (8.0, "`study report` of the chapter, all of it made anew"),
}
"""Each figure's limit in seconds, where it has one, and what it is."""


def commands(repeats: int, part: int) -> list[Figure]:
    """Seconds from command to prompt: a small study in this process, `--help`, claims, and the chapter's page."""
    found: dict[str, list[float]] = defaultdict(list)
    for number in range(repeats):
        taken = _digits()
        taken["help"] = _study("--help").wall
        taken["claims"] = _study("claims", str(CHAPTER)).wall
        with tempfile.TemporaryDirectory() as name:
            taken["page"] = _study("report", str(CHAPTER), "--out", f"{name}/page").wall
        for what, seconds in taken.items():
            found[what].append(seconds)
        print(f"    commands {number + 1}/{repeats}: " + json.dumps({k: round(v, 2) for k, v in taken.items()}))
    return [
        limited(f"commands/{what}", found[what], limit, "s", f"seconds: {meaning}", "")
        for what, (limit, meaning) in LIMITS.items()
    ]


def _digits() -> dict[str, float]:
    """What the small study took, and of that its trials and torch."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_digits(folder)
        study, results = folder / "widths.yaml", folder / "results"
        study.write_text(WIDTHS, encoding="utf-8")
        whole = _study("run", str(study), "--results", str(results), "--seeds", "5", "--data-dir", name).wall
        spans = [r.provenance for r in ResultsFolder(results).trials.records()]
    training = max(float(s["ended"]) for s in spans) - min(float(s["started"]) for s in spans)
    torch = sides.run("-c", "import torch").wall
    return {
        "digits": whole,
        "import-torch": torch,
        "digits-training": training,
        "digits-beside": whole - training - torch,
    }


def _study(*arguments: str) -> sides.Taken:
    return sides.run("-m", "study.cli", *arguments)
