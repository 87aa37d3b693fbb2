"""How long a large results folder takes to load: 100,000 trials of 50 epochs, in seconds, gigabytes.

Makes the folder first, by columns, where it is not there yet. `make bench ARGS='--only large'`, or
`python -m benchmarks.load [FOLDER]` to look at one that stays.
"""

from __future__ import annotations

import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.data.load import load
from benchmarks.figures import Figure
from study.storage.parquet import SCHEMA
from study.storage.results_folder import ResultsFolder
from trainables.config.trial_config import TrialConfig
from trainables.records.metrics import FORMAT_1_METRICS

TRIALS, EPOCHS, SEEDS, FILES = 100_000, 50, 5, 10
CHECKSUM = "0" * 32


def make(folder: Path, trials: int = TRIALS, epochs: int = EPOCHS) -> None:
    """A results folder of trials that never ran: `trials` / `SEEDS` learning rates, each under `SEEDS` seeds."""
    store = ResultsFolder(folder, create=True)
    rng = np.random.default_rng(0)
    rates = np.exp(rng.uniform(np.log(1e-5), np.log(1.0), trials // SEEDS))
    per_file = trials // FILES
    for part in range(FILES):
        table = _table(rates, np.arange(part * per_file, (part + 1) * per_file), epochs, rng)
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression="zstd", row_group_size=2000, write_page_checksum=True)
        data = sink.getvalue().to_pybytes()
        store.folder.write(f"trials/gathered-{hashlib.sha256(data).hexdigest()}.parquet", data)


def _table(rates: np.ndarray, numbers: np.ndarray, epochs: int, rng: np.random.Generator) -> pa.Table:
    n = len(numbers)
    plain = TrialConfig(epochs=epochs).to_dict()
    configs = [json.dumps({**plain, "lr": float(rates[i // SEEDS]), "seed": int(i % SEEDS)}) for i in numbers]
    ids = [hashlib.sha256(str(i).encode()).hexdigest()[:20] for i in numbers]
    provenance = [json.dumps({"host": f"node-{i % 8}", "hardware": "a cpu", "started": float(i)}) for i in numbers]
    columns: dict[str, pa.Array] = {
        "id": pa.array(ids),
        "checksum": pa.array(ids),
        "status": pa.array(["finished"] * n),
        "epochs_done": pa.array(np.full(n, epochs)),
        "data_checksum": pa.array([CHECKSUM] * n),
        "code_version": pa.array(np.ones(n, dtype=np.int64)),
        "message": pa.array([""] * n),
        "config": pa.array(configs),
        "provenance": pa.array(provenance),
        "tensors": pa.array([[]] * n, SCHEMA.field("tensors").type),
    }
    offsets = pa.array(np.arange(n + 1, dtype=np.int32) * epochs)
    for name in ("epoch", *FORMAT_1_METRICS):
        values: np.ndarray
        if name == "epoch":
            values = np.tile(np.arange(1, epochs + 1), n)
        elif name == "updates":
            values = np.full(n * epochs, 1875)
        elif name == "lr":
            values = np.repeat(rates[numbers // SEEDS], epochs)
        else:
            values = rng.random(n * epochs)
        columns[name] = pa.ListArray.from_arrays(offsets, pa.array(values))
    return pa.table(columns).select(SCHEMA.names).cast(SCHEMA)


def measure(folder: Path) -> dict[str, float]:
    """Seconds to load the folder, and the memory at its highest, in gigabytes."""
    began = time.perf_counter()
    frames = load(ResultsFolder(folder)).frames
    done = time.perf_counter()
    return {
        "trials": float(len(frames.trials)),
        "epochs": float(len(frames.epochs)),
        "total_seconds": done - began,
        "cpu_seconds": time.process_time(),
        "peak_gigabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    }


def large(repeats: int, part: int) -> list[Figure]:
    """Loading 100,000 trials of 50 epochs: seconds, processor seconds and memory."""
    trials = TRIALS // part // (SEEDS * FILES) * SEEDS * FILES
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "results"
        make(folder, trials)
        found = [_apart(folder) for _ in range(repeats)]
    note = f"{trials:,} trials, {trials // SEEDS:,} configurations, {EPOCHS} epochs each; in a process of its own"
    kinds = {
        "total_seconds": ("seconds", "s", "loading all into frames"),
        "cpu_seconds": ("processor", "s", "the same in processor seconds, imports included"),
        "peak_gigabytes": ("memory", "GB", "largest resident memory meanwhile"),
    }
    return [
        _alone(f"large/{short}", [f[kind] for f in found], unit, meaning, note)
        for kind, (short, unit, meaning) in kinds.items()
    ]


def _alone(name: str, values: list[float], unit: str, meaning: str, note: str) -> Figure:
    spread = f"{min(values):.3g} to {max(values):.3g} {unit}"
    return Figure(name, median(values), None, None, None, None, len(values), None, unit, meaning, f"{note}; {spread}")


def _apart(folder: Path) -> dict[str, float]:
    """Measured in a process of its own, so that its memory is its own."""
    code = f"import json, pathlib, benchmarks.load as b; print(json.dumps(b.measure(pathlib.Path({str(folder)!r}))))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    answer: dict[str, float] = json.loads(shown)
    return answer


def main(arguments: list[str]) -> None:
    """Make the folder where it is missing, measure, print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(arguments[0]) if arguments else Path(name) / "results"
        if not folder.exists():
            make(folder)
        print(pd.Series(_apart(folder)).to_string())


if __name__ == "__main__":
    main(sys.argv[1:])
