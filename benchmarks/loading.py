"""Loading and summarising finished trials: a results folder of ours against a `ResultGrid` of Ray's.

Both hold the same configurations, seeds and numbers of epochs, and made-up values. Ray's folder is that of one real
trial, copied under other names, for to run thousands of trials takes Ray hours.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import sides
from benchmarks.figures import Figure, compared
from study.storage import parquet as segments
from study.storage.integrity import StoredRecord
from study.storage.results_folder import ResultsFolder
from trainables.config.trial_config import TrialConfig
from trainables.records.epoch_columns import EpochColumns
from trainables.records.tensor_summary import BINS, QUANTILES, TensorSummary
from trainables.records.trial_record import TrialRecord

EPOCHS, SEEDS = 10, 5


def loading(repeats: int, part: int) -> list[Figure]:
    """Loading and summarising 200 and 10,000 finished trials, each in a process that has its imports behind it."""
    return [_of(trials, repeats) for trials in (200, 10_000 // part)]


def _of(trials: int, repeats: int) -> Figure:
    found: dict[str, list[float]] = {"ours": [], "peer": []}
    means: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        ours, peer = Path(name) / "ours", Path(name) / "peer"
        fill_ours(ours, trials)
        fill_peer(peer, trials)
        for _ in range(repeats):
            for side, folder in (("ours", ours), ("peer", peer)):
                answer = sides.run("-m", "benchmarks.loading", side, str(folder)).answer
                found[side].append(answer["seconds"])
                means[side] = answer["mean"]
    return compared(
        f"loading/{trials}-trials",
        found["ours"],
        found["peer"],
        unit="s",
        aim=20.0,
        meaning="load finished trials and give each configuration's mean curve of accuracy over its seeds; "
        "processor seconds: Ray's ResultGrid / ours",
        note=f"{EPOCHS} epochs a trial; both found {means['ours']:.4f} and {means['peer']:.4f} as overall mean",
    )


def _value(trial: int, epoch: int) -> float:
    return 0.5 + 0.04 * epoch + 0.0001 * (trial % 97)


def record(trial: int) -> TrialRecord:
    """A made-up record: a configuration by its rate, with a seed."""
    config = TrialConfig(lr=0.0001 * (1 + trial // SEEDS), seed=trial % SEEDS, epochs=EPOCHS)
    numbers = range(1, EPOCHS + 1)
    accuracies = tuple(_value(trial, n) for n in numbers)
    columns = {"train_loss": tuple(1 / n for n in numbers), "train_loss_eval": tuple(1 / n for n in numbers)}
    columns |= {"val_loss": tuple(1.1 / n for n in numbers), "val_accuracy": accuracies, "train_accuracy": accuracies}
    same = {"penalty": 0.0, "lr": config.lr, "updates": 1875, "seconds": 3.0, "eval_seconds": 1.0}
    epochs = EpochColumns({**columns, **{name: (value,) * EPOCHS for name, value in same.items()}})
    chance = np.random.default_rng(trial)
    tensors = tuple(
        TensorSummary(
            epoch=n,
            kind="parameter",
            name=name,
            count=1000,
            mean=0.0,
            std=1.0,
            quantiles=tuple(float(q) for q in np.sort(chance.normal(size=len(QUANTILES)))),
            histogram=tuple(int(c) for c in chance.integers(0, 99, BINS)),
        )
        for n in (1, 2, 4, 8, 10)
        for name in ("W1", "b1", "W2", "b2")
    )
    provenance = {"run": "made-up", "host": "none", "torch": "none", "started": 0.0, "ended": 1.0}
    return TrialRecord(config, "0" * 32, "finished", epochs, tensors, provenance=provenance)


def fill_ours(folder: Path, trials: int, make: Callable[[int], TrialRecord] = record) -> None:
    """A results folder with so many records, made by their numbers and gathered 2,000 at a time."""
    import hashlib

    ResultsFolder(folder, create=True)
    for start in range(0, trials, 2000):
        data = segments.pack([StoredRecord.of(make(n)) for n in range(start, min(start + 2000, trials))])
        path = folder / "trials" / f"gathered-{hashlib.sha256(data).hexdigest()}.parquet"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)


def fill_peer(folder: Path, trials: int) -> None:
    """An experiment of Ray's with so many trials, copied from one."""
    template = folder / "template"
    sides.run("-m", "benchmarks.loading", "template", str(template))
    source = template / "peer"
    state_path = next(source.glob("experiment_state-*.json"))
    state = json.loads(state_path.read_text(encoding="utf-8"))
    pair = state["trial_data"][0]
    directory = next(p for p in source.iterdir() if p.is_dir())
    own = json.loads(pair[0])
    trial_id, lines = own["trial_id"], (directory / "result.json").read_text(encoding="utf-8").splitlines()
    copies = []
    for n in range(trials):
        new_id = f"{n:05d}_00000"
        copies.append([_renamed(_with_knobs(pair[0], n), trial_id, new_id), _renamed(pair[1], trial_id, new_id)])
        target = source / directory.name.replace(trial_id, new_id)
        target.mkdir()
        rows = [
            {**json.loads(x.replace(trial_id, new_id)), "val_accuracy": _value(n, i)} for i, x in enumerate(lines, 1)
        ]
        (target / "result.json").write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
        shutil.copy(directory / "params.json", target)
    shutil.rmtree(directory)
    state_path.write_text(json.dumps({**state, "trial_data": copies}), encoding="utf-8")


def _renamed(text: str, old: str, new: str) -> str:
    """Another trial's name of the same length, also within what Ray keeps as hexadecimal digits."""
    assert len(old) == len(new)
    return text.replace(old, new).replace(old.encode().hex(), new.encode().hex())


def _with_knobs(text: str, trial: int) -> str:
    values = json.loads(text)
    values["config"] = {"lr": 0.0001 * (1 + trial // SEEDS), "seed": trial % SEEDS}
    return json.dumps(values)


def _template(folder: Path) -> None:
    import ray
    from ray import tune

    def train(config: dict[str, Any]) -> None:
        for n in range(1, EPOCHS + 1):
            columns = record(0).epochs.columns
            tune.report({"epoch": n, **{name: values[n - 1] for name, values in columns.items()}})

    ray.init(address="local", num_cpus=1, log_to_driver=False, include_dashboard=False)
    space = {"lr": tune.grid_search([0.1]), "seed": 0}
    tune.Tuner(
        train, param_space=space, run_config=tune.RunConfig(name="peer", storage_path=str(folder), verbose=0)
    ).fit()


def _ours(folder: Path) -> Callable[[], float]:
    from analysis.data.load import load

    def summarise() -> float:
        frames = load(ResultsFolder(folder)).frames
        groups = frames.trials["group"].to_numpy()[frames.epochs["trial"].cat.codes]
        curves = frames.epochs.groupby([groups, "epoch"])["val_accuracy"].agg(["mean", "std"])
        last: float = curves["mean"].xs(EPOCHS, level="epoch").mean()
        return last

    return summarise


def _peer(folder: Path) -> Callable[[], float]:
    import pandas as pd
    from ray.tune import ExperimentAnalysis, ResultGrid

    def summarise() -> float:
        grid = ResultGrid(ExperimentAnalysis(str(folder / "template" / "peer")))
        parts = []
        for n in range(len(grid)):
            result = grid[n]
            assert result.config is not None and result.metrics_dataframe is not None
            parts.append(result.metrics_dataframe.assign(lr=result.config["lr"]))
        curves = pd.concat(parts).groupby(["lr", "epoch"])["val_accuracy"].agg(["mean", "std"])
        last: float = curves["mean"].xs(EPOCHS, level="epoch").mean()
        return last

    return summarise


def main() -> None:
    import sys

    side, folder = sys.argv[1], Path(sys.argv[2])
    if side == "template":
        _template(folder)
        return
    summarise = _ours(folder) if side == "ours" else _peer(folder)
    began = time.process_time()
    mean = summarise()
    print(json.dumps({"seconds": time.process_time() - began, "mean": mean}), flush=True)


if __name__ == "__main__":
    main()
