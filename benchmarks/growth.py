"""How cost grows: with the width of the network, the number of epochs, and the number of trials; fitted exponents.

Each figure's ratio is the exponent b of cost = a x size^b, by least squares in logarithms, with two standard errors
either side; `ours` is the cost at the largest size, `peer` that at the smallest.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.figures import Figure

WIDTHS = (64, 128, 256, 512, 1024, 2048)
EPOCHS = (10, 30, 100, 300, 1000)
TRIALS = (100, 300, 1000, 3000, 10_000)


def growth(repeats: int, part: int) -> list[Figure]:
    """Processor seconds against width, epochs and trials, as fitted exponents."""
    trials = [n for n in TRIALS if n <= 10_000 // part]
    return [
        *(
            _fitted(f"width-{o}-batch-{b}", WIDTHS, _width(o, b, repeats), "s an epoch, 1,024 images")
            for o, b in _NETWORKS
        ),
        _fitted("epochs-bookkeeping", EPOCHS, _epochs(repeats), "s a trial whose epochs have next to nothing to do"),
        *(_fitted(f"trials-{k}", trials, v, "s") for k, v in _trials(trials).items()),
    ]


_NETWORKS = (("sgd", 32), ("adam", 32), ("adam", 1024))


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> tuple[float, float]:
    """The exponent and its standard error.

    >>> b, error = exponent([1, 2, 4], [3, 6, 12])
    >>> round(b, 6), round(error, 6)
    (1.0, 0.0)
    """
    x, y = np.log(np.asarray(sizes, float)), np.log(np.asarray(costs, float))
    x = x - x.mean()
    slope = float((x * y).sum() / (x * x).sum())
    rest = y - y.mean() - slope * x
    return slope, float(np.sqrt((rest**2).sum() / max(len(x) - 2, 1) / (x * x).sum()))


def _fitted(name: str, sizes: Sequence[int], costs: Sequence[float], unit: str) -> Figure:
    b, error = exponent(sizes, costs)
    points = ", ".join(f"{n}: {c:.3g}" for n, c in zip(sizes, costs, strict=True))
    return Figure(
        name=f"growth/{name}",
        ours=costs[-1],
        peer=costs[0],
        ratio=b,
        low=b - 2 * error,
        high=b + 2 * error,
        repeats=len(sizes),
        aim=None,
        unit="s",
        meaning="exponent of cost against size; `ours` at the largest, `peer` at the smallest size",
        note=f"processor {unit}; {points}",
    )


def _took(run: Callable[[], object]) -> float:
    began = time.process_time()
    run()
    return time.process_time() - began


def _width(optimizer: str, batch: int, repeats: int) -> list[float]:
    from trainables.config.trial_config import TrialConfig
    from trainables.data.dataset import subset
    from trainables.data.sources import load_data_set
    from trainables.training.device_arrays import Arrays, prepare_process
    from trainables.training.loop import Training

    prepare_process()
    data = load_data_set("fashion-mnist")
    both = (data.train_images, data.val_images[:1000]), (data.train_labels, data.val_labels[:1000])
    arrays = Arrays.place(*both, 10, rows=subset(data, 1024))
    found = []
    for width in WIDTHS:
        config = TrialConfig(
            hidden=(width,), optimizer=optimizer, lr=0.001, batch_size=batch, train_images=1024, epochs=1_000_000
        )
        training = Training(config, (0,), arrays)
        training.epoch()
        found.append(median(_took(training.epoch) for _ in range(repeats)))
    return found


def _epochs(repeats: int) -> list[float]:
    from benchmarks import work
    from study.storage.results_folder import ResultsFolder
    from trainables.config.trial_config import TrialConfig
    from trainables.data.sources import load_data_set
    from trainables.jobs.job import Job, JobOptions
    from trainables.jobs.job_runner import JobRunner

    found = []
    with tempfile.TemporaryDirectory() as name:
        work.empty_study(Path(name))
        data = load_data_set("empty", Path(name))
        store = ResultsFolder(Path(name) / "results", create=True)

        def run(epochs: int, seed: int) -> None:
            config = TrialConfig(data="empty", hidden=(), batch_size=64, epochs=epochs, seed=seed, schedule="plateau")
            job = JobRunner(Job(config, (seed,)), data, store, JobOptions())
            while not job.over:
                job.epoch()

        run(3, 0)
        for n in EPOCHS:
            times = max(1, min(repeats, 600 // n))
            costs = [_took(partial(run, n, 1000 * n + s)) for s in range(times)]
            found += [median(costs)]
    return found


def _trials(sizes: Sequence[int]) -> dict[str, list[float]]:
    """What a driver does by itself, without Ray: plan, list what is on record, gather, load."""
    from analysis.data.load import load
    from benchmarks.loading import record
    from study.planning import plan as plans
    from study.planning.protocol import Protocol
    from study.spec.study import Study
    from study.storage.results_folder import ResultsFolder
    from trainables.config.identity import canonical_json

    arms = [{"name": f"a{n}", "change": {"lr": 0.0001 * (n + 1)}} for n in range(100)]
    study = Study.from_dict(
        {"name": "many", "title": "Many", "question": "?", "knobs": ["lr"], "base": {}, "epochs": 10, "arms": arms}
    )
    found: dict[str, list[float]] = {"plan": [], "gather": [], "held": [], "load": []}
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            store = ResultsFolder(folder, create=True)
            (Path(folder) / "trials").mkdir()
            for n in range(size):
                one = record(n)
                values = one.to_dict()
                checksum = hashlib.sha256(canonical_json(values).encode()).hexdigest()
                path = Path(folder) / "trials" / f"{one.id}-{one.epochs_done:06d}-{one.status}.json"
                path.write_text(json.dumps({"checksum": checksum, "record": values}), encoding="utf-8")
            protocol = Protocol(tuple(range(size // 100)))
            found["plan"].append(_took(partial(plans.plan_trials, [study], protocol, "0" * 32, {})))
            found["gather"].append(_took(store.trials.gather))
            found["held"].append(_took(store.trials.on_record))
            found["load"].append(_took(partial(load, store)))
    return found
