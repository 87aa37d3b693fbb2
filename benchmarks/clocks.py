"""Planned against real: what `study plan` says, what a run promises while it goes on, and what it took.

An idle machine writes `benchmarks/clocks.json` and a line a case, in about two hours at five repeats:

    python -m benchmarks.clocks
    python -m benchmarks.clocks small search --repeats 3   # these alone; the others, and other machines, stay

Cases are `demo`, `small`, `one-core`, `search`, `decide` and `search-all`, which is the catalogue's search.

`demo` is the demo of the chapter without its study of optimisers, whose L-BFGS the demo leaves out.

Of the first three cases first a run with no pace on record, which has a range, then the others, which plan by the pace
of the first: how far they are off, in the median. Searches and `decide` always have a range: how many of the runs keep
it. Each run of these two draws other points or holds out other images. Beside it how far the promises of a run that
went on were from the truth.
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
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.figures import machine
from study.cli.demo_command import write_digits
from study.spec.registry import expand_name

WRITTEN = Path(__file__).with_suffix(".json")
MIN_LEFT_SECONDS = 3.0
"""Below so much left a promise is not held against the clock: the run's own end takes a second."""
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
SEARCH = """\
name: search
title: A search of the digits
question: Which rate and which width?
knobs: [lr, hidden]
epochs: 27
base: {data: digits, batch_size: 16}
search:
  trials: 24
  seeds: 2
  seed: %d
  searcher: tpe
  scheduler: asha
  space:
    lr: {kind: float, low: 0.001, high: 1.0, log: true}
    hidden: {kind: choice, values: [[8], [64], [512]]}
"""
DECIDE = """\
name: decide
title: Two widths of the digits
question: Is the wider one ahead?
knobs: [hidden]
epochs: 20
base: {data: digits, optimizer: adam, lr: 0.003, batch_size: 32, split_seed: %d, held_out: 0.1}
arms:
  - {name: narrow, change: {hidden: [16]}}
  - {name: wide, change: {hidden: [32]}}
claims:
  - id: wide-1
    statement: The wider one ends ahead.
    parts:
      - form: contrast
        a: {arm: wide, metric: val_accuracy, at: 20}
        b: {arm: narrow, metric: val_accuracy, at: 20}
        low: 0.0
"""
CASES = ("demo", "small", "one-core", "search", "decide", "search-all")
HAVE_RANGES = ("search", "decide", "search-all")
"""Cases whose plan is a range, whatever is on record."""


@dataclass(frozen=True)
class Clocked:
    """One run; seconds."""

    case: str
    low: float
    high: float | None
    """What was planned; the same where the pace was known, None without a bound."""
    took: float
    promises_off: float | None = None
    """How far the promises while it went on were from the truth, as a share of what was left, in the median."""

    @property
    def kept(self) -> bool:
        """Whether it took what was planned."""
        return self.low <= self.took and (self.high is None or self.took <= self.high)

    @property
    def off(self) -> float:
        """How far the one number that was planned is off, as a share."""
        return abs(self.low - self.took) / self.took


def words_of(case: str, repeat: int, folder: Path) -> tuple[str, ...]:
    """The arguments of `study plan` and `study run`, whose files are written."""
    folder.mkdir(parents=True, exist_ok=True)
    if case == "demo":
        return (*(name for name in expand_name("chapter") if name != "optimizer"), "--quick", "--seeds", "2")
    if case == "search-all":
        return (case,)
    digits, data = write_digits(folder), ("--data-dir", str(folder))
    if case == "one-core":
        return (str(digits), *data, "--cpus", "1", "--seeds", "20")
    text = {"small": SMALL, "search": SEARCH, "decide": DECIDE}[case]
    file = folder / f"{case}-{repeat}.yaml"
    file.write_text(text % repeat if "%d" in text else text)
    return (str(file), *data)


def study(*words: str) -> list[str]:
    """A command line."""
    return [sys.executable, "-m", "study.cli", *words]


def told(*words: str) -> list[dict[str, object]]:
    """The objects that a command prints as JSON."""
    done = subprocess.run(study(*words, "--json"), capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def ran(case: str, words: Sequence[str], results: Path) -> Clocked:
    """Plan and run."""
    (plan,) = told("plan", *words, "--results", str(results))
    began, promises = time.time(), list[tuple[float, float]]()
    run = subprocess.Popen(study("run", *words, "--results", str(results), "--quiet"))
    while run.poll() is None:
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            shown = json.loads((results / ".live.json").read_bytes())
            promises.append((shown["now"], shown["now"] + shown["left"]))
        with contextlib.suppress(subprocess.TimeoutExpired):
            run.wait(1.0)
    over = time.time()
    assert run.returncode == 0
    off = [abs(end - over) / (over - now) for now, end in promises if over - now > MIN_LEFT_SECONDS]
    low, high = (float(str(plan[name])) for name in ("seconds_low", "seconds_high"))
    return Clocked(case, low, high, over - began, statistics.median(off) if off else None)


def decided(case: str, words: Sequence[str], results: Path) -> Clocked | None:
    """Train the first look, then buy seeds until the claim is decided; None where the first look decides it."""
    subprocess.run(study("run", *words, "--results", str(results), "--quiet"), check=True)
    first, *_, end = told("decide", *words, "--results", str(results), "--max-seeds", "200")
    claims = first["claims"]
    if not isinstance(claims, list) or not claims or claims[0]["seconds_low"] is None:
        return None
    return Clocked(case, claims[0]["seconds_low"], claims[0]["seconds_high"], float(str(end["seconds"])))


def summary(runs: Sequence[Clocked]) -> dict[str, object]:
    """Of the runs of one case: how far the planned number is off in the median, or how many kept their range."""
    exact = [run for run in runs if run.low == run.high]
    ranges = [run for run in runs if run.low != run.high]
    promises = [run.promises_off for run in runs if run.promises_off is not None]
    return {
        "off": statistics.median(run.off for run in exact) if exact else None,
        "exact": len(exact),
        "kept": sum(run.kept for run in ranges),
        "ranges": len(ranges),
        "promises_off": statistics.median(promises) if promises else None,
    }


def said(case: str, found: dict[str, object]) -> str:
    """A summary in a line.

    >>> said("demo", {"off": 0.123, "exact": 5, "kept": 1, "ranges": 1, "promises_off": 0.2})
    'demo: planned within 12 % in the median of 5; 1 of 1 ranges kept; promises off by 20 %'
    """
    parts = [f"planned within {100 * found['off']:.0f} % in the median of {found['exact']}"] if found["exact"] else []  # type: ignore[operator]
    parts += [f"{found['kept']} of {found['ranges']} ranges kept"] if found["ranges"] else []
    off = found["promises_off"]
    parts += [f"promises off by {100 * off:.0f} %"] if isinstance(off, float) else []
    return f"{case}: {'; '.join(parts)}"


def main() -> None:
    """Run what was asked for, print a line a case and write all of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", help=f"{', '.join(CASES)}; all if not given")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--out", type=Path, default=WRITTEN)
    asked = parser.parse_args()
    out, mine = asked.out.resolve(), machine()
    known = json.loads(out.read_text()) if out.exists() else []
    others = [one for one in known if one["machine"] != mine]  # two machines are never mixed
    written: dict[str, object] = next((one["cases"] for one in known if one["machine"] == mine), {})
    with tempfile.TemporaryDirectory() as place:
        os.environ["XDG_STATE_HOME"] = place
        os.chdir(place)  # where no earlier results are
        for case in asked.cases or CASES:
            runs = []
            for repeat in range(asked.repeats + (case not in HAVE_RANGES)):
                words, results = words_of(case, repeat, Path(place) / "data"), Path(place) / f"{case}-{repeat}"
                run = (decided if case == "decide" else ran)(case, words, results)
                runs += [run] if run is not None else []
            clocked = {"when": time.strftime("%Y-%m-%d"), "runs": [asdict(run) for run in runs]}
            written[case] = {**clocked, **summary(runs)}
            print(said(case, summary(runs)), flush=True)
    found = [*others, {"machine": mine, "cases": written}]
    out.write_text(json.dumps(found, indent=1, allow_nan=False) + "\n")


if __name__ == "__main__":
    main()
