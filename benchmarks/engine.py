"""The engine: overhead a trial, time to the first result, memory of the driver, a finished study run again."""

from __future__ import annotations

import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, median

from benchmarks import sides, work
from benchmarks.figures import Figure, compared, limited
from study.storage.results_folder import ResultsFolder
from trainables.records.trial_record import TrialRecord


def engine(repeats: int, part: int) -> list[Figure]:
    """Empty trials through `study run`: what each costs, when the first is done, and the same command once more."""
    count = 1000 // part
    found: dict[str, list[float]] = defaultdict(list)
    for number in range(repeats):
        few, _, _ = _run(max(2, count // 10))
        many, again, ended = _run(count)
        per_trial = (many.processor - few.processor) / (count - max(2, count // 10))
        values = {
            "overhead": (max(ended) - min(ended)) / (len(ended) - 1) * 1000,
            "processor": per_trial * 1000,
            "start-up": few.processor - max(2, count // 10) * per_trial,
            "first-result": min(ended),
            "import-torch": sides.run("-c", "import torch").wall,
            "driver-memory": many.memory,
            "again": again.wall,
            "again-processor": again.processor,
        }
        for name, value in values.items():
            found[name].append(value)
        print(
            f"    engine {number + 1}/{repeats}: " + json.dumps({k: round(v, 2) for k, v in values.items()}), flush=True
        )
    note = f"{count} trials of five epochs of next to nothing, each recorded"
    meanings: dict[str, tuple[float | None, str, str]] = {
        "overhead": (30.0, "ms", "milliseconds a trial, first to last record, on all cores"),
        "processor": (None, "ms", "processor milliseconds a trial, all processes, from two numbers of trials"),
        "start-up": (None, "s", "processor seconds, all processes, of a run without its trials"),
        "first-result": (7.0, "s", "seconds from the command to the first record"),
        "import-torch": (None, "s", "seconds of `import torch` alone, in the same round: how quick the hour is"),
        "driver-memory": (2000.0, "MB", "largest resident memory of the driver"),
        "again": (3.0, "s", "seconds of the same command when all of it is on record"),
        "again-processor": (3.0, "s", "the same, processor seconds"),
    }
    return [limited(f"engine/{name}", found[name], *meaning, note) for name, meaning in meanings.items()]


def many(repeats: int, part: int) -> list[Figure]:
    """10,000 empty trials in one study: the driver's memory, and the second half's pace against the first's."""
    count = 10_000 // part
    tenth = count // 10
    memory: list[float] = []
    paces: list[list[float]] = []
    for number in range(repeats):
        taken, _, ended = _run(count)
        ended = sorted(ended)
        memory.append(taken.memory)
        paces.append([(ended[k + tenth - 1] - ended[k]) / (tenth - 1) * 1000 for k in range(0, count, tenth)])
        print(f"    many {number + 1}/{repeats}: {memory[-1]:.0f} MB, ms a trial {[round(p, 1) for p in paces[-1]]}")
    note = f"{count} trials of five epochs of next to nothing, each recorded"
    by_tenths = ", ".join(f"{median(p[k] for p in paces):.1f}" for k in range(10))
    return [
        limited("engine/many-driver-memory", memory, 2000.0, "MB", "largest resident memory of the driver", note),
        compared(
            "engine/many-pace",
            [mean(p[5:]) for p in paces],
            [mean(p[:5]) for p in paces],
            unit="ms",
            aim=0.9,
            meaning="milliseconds a trial, first half / second half of the trials (1: no slower as the study grows)",
            note=f"{note}; ms a trial by tenths: {by_tenths}",
        ),
    ]


def _run(trials: int) -> tuple[sides.Taken, sides.Taken, list[float]]:
    """A run, the same command again, and when each record was there after the first command's beginning."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        study = work.empty_study(folder)
        command = ["-m", "study.cli", "run", str(study), "--seeds", str(trials), "--data-dir", name]
        command += ["--results", str(folder / "results"), "--executor", "ray"]
        began = time.time()
        taken = sides.run(*command)
        again = sides.run(*command)
        ended = [float(r.provenance["ended"]) - began for r in ResultsFolder(folder / "results").trials.records()]
    return taken, again, ended


def busy(records: Sequence[TrialRecord], cores: int) -> float:
    """Share of the cores' time between the first trial's start and the last trial's end in which a trial was under way.

    Trials' own times come from their records; of one run only.
    """
    spans = [(float(r.provenance["started"]), float(r.provenance["ended"])) for r in records]
    whole = max(e for _, e in spans) - min(s for s, _ in spans)
    return sum(e - s for s, e in spans) / (whole * cores)


def main() -> None:
    """`python -m benchmarks.engine DIR CORES`: how busy the cores were in each run of a results folder."""
    import sys

    runs: dict[str, list[TrialRecord]] = {}
    for record in ResultsFolder(sys.argv[1]).trials.records():
        runs.setdefault(str(record.provenance.get("run")), []).append(record)
    for name, records in sorted(runs.items()):
        print(f"{name}: {len(records)} trials, cores busy {busy(records, int(sys.argv[2])):.1%}")


if __name__ == "__main__":
    main()
