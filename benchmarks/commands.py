"""What a person waits for at a prompt: a small study, the demo's first number, help, claims, and the chapter's page."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from benchmarks import sides
from benchmarks.figures import Figure, limited
from study.app.screen import SNAPSHOT_FILE
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
    "demo-first": (10.0, "the chapter's demo, until its first accuracy can be seen"),
    "help": (0.3, "`study --help`"),
    "claims": (3.0, "`study claims` of the chapter"),
    "page": (8.0, "`study report` of the chapter, all of it made anew"),
}
"""Each figure's limit in seconds, where it has one, and what it is."""


def commands(repeats: int, part: int) -> list[Figure]:
    """Seconds from command to prompt, of the demo to its first number: see `LIMITS`."""
    found: dict[str, list[float]] = defaultdict(list)
    for number in range(repeats):
        taken = _digits()
        taken["demo-first"] = _demo_first()
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


def _demo_first() -> float:
    """How long the chapter's demo took to its first accuracy; then it is stopped.

    Raises:
        SideFailed: it ended without one.
    """
    with tempfile.TemporaryDirectory() as name:
        command = [sys.executable, "-m", "study.cli", "demo", "--results", f"{name}/r"]
        began = time.monotonic()
        demo = subprocess.Popen(
            command, cwd=name, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=_at_a_desk()
        )
        while demo.poll() is None:
            with contextlib.suppress(OSError, ValueError, KeyError):
                shown = json.loads((Path(name) / "r" / SNAPSHOT_FILE).read_bytes())
                if any(row["accuracy"] is not None for row in shown["rows"]):
                    first = time.monotonic() - began
                    demo.send_signal(signal.SIGINT)
                    demo.wait()
                    return first
            time.sleep(0.05)
    raise sides.SideFailed(f"{' '.join(command)} ended with {demo.returncode} and no number")


def _at_a_desk() -> dict[str, str]:
    return {**os.environ, **sides.AS_AT_A_DESK, "PYTHONPATH": str(CHAPTER.parents[1])}


def _study(*arguments: str) -> sides.Taken:
    return sides.run("-m", "study.cli", *arguments)
