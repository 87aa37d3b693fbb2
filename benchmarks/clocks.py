"""Planned against real: what `study plan` says, what a run promises while it goes on, and what it took.

On a machine with nothing else to do:

    python -m benchmarks.clocks                     # the demo, 300 images, one core; five runs each, about half an hour
    python -m benchmarks.clocks small --repeats 3   # one case of `demo`, `small`, `one-core`

Of each case first a run with no pace on record, then the others, which plan by the pace of the first. A line a run:
seconds that were planned (a range where nothing was measured), seconds that it took, and how far the promises while it
went on were from the truth, in the median.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from study.app.pace import HIGHEST_FACTOR, LOWEST_FACTOR
from study.cli.demo_command import write_digits

Case = tuple[str, ...]
SMALL = """\
name: small
title: 300 images
question: Does a larger rate help?
knobs: [lr]
epochs: 100
base: {data: digits, batch_size: 8, train_images: 300, hidden: [64]}
arms:
  - {name: slow, change: {lr: 0.01}}
  - {name: fast, change: {lr: 0.1}}
"""


def cases(folder: Path) -> dict[str, Case]:
    """The arguments of `study plan` and `study run`, by name."""
    folder.mkdir(parents=True, exist_ok=True)
    digits = write_digits(folder)
    (folder / "small.yaml").write_text(SMALL)
    data = ("--data-dir", str(folder))
    return {
        "demo": ("chapter", "--quick", "--seeds", "3"),
        "small": (str(folder / "small.yaml"), *data),
        "one-core": (str(digits), *data, "--cpus", "1", "--seeds", "20"),
    }


def study(*words: str) -> list[str]:
    """A command line."""
    return [sys.executable, "-m", "study.cli", *words]


def planned(case: Case, results: Path) -> tuple[float, bool]:
    """Seconds, and whether the pace was known."""
    done = subprocess.run(
        study("plan", *case, "--results", str(results), "--json"), capture_output=True, text=True, check=True
    )
    values = json.loads(done.stdout)
    return float(values["seconds"]), bool(values["measured"])


def ran(case: Case, results: Path) -> tuple[float, list[float]]:
    """Seconds that it took, and of each promise its distance from the truth, as a share of what was left."""
    began, promises = time.time(), list[tuple[float, float]]()
    run = subprocess.Popen(study("run", *case, "--results", str(results), "--quiet"))
    while run.poll() is None:
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            shown = json.loads((results / ".live.json").read_bytes())
            promises.append((shown["now"], shown["now"] + shown["left"]))
        with contextlib.suppress(subprocess.TimeoutExpired):
            run.wait(1.0)
    over = time.time()
    assert run.returncode == 0
    return over - began, [abs(end - over) / (over - now) for now, end in promises if over - now > 3.0]


def main() -> None:
    """Run what was asked for and print a line a run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", help="demo, small, one-core; all if not given")
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        os.environ["XDG_STATE_HOME"] = place
        os.chdir(place)  # where no earlier results are
        known = cases(Path(place) / "data")
        for name in asked.cases or known:
            off = []
            for repeat in range(asked.repeats + 1):
                results = Path(place) / f"{name}-{repeat}"
                expected, measured = planned(known[name], results)
                took, promises = ran(known[name], results)
                said = (
                    f"{expected:.1f}"
                    if measured
                    else f"{LOWEST_FACTOR * expected:.1f} to {HIGHEST_FACTOR * expected:.1f}"
                )
                kept = f", promises off by {statistics.median(promises):.0%}" if promises else ""
                print(f"{name}: planned {said} s, took {took:.1f} s{kept}", flush=True)
                off += [abs(expected - took) / took] if measured else []
            print(f"{name}: planned within {statistics.median(off):.0%} in the median of {len(off)}", flush=True)


if __name__ == "__main__":
    main()
