"""Trains the table of full curves that `study show --replay` and `replay.py` read: 200 configurations, 3 seeds.

    python benchmarks/curves.py SCRATCH.jsonl results/curves/curves.parquet

Fashion-MNIST cut to 4,000 training images and measured on all 10,000 validation images; hidden layers of at most 256
units, so that the whole costs half an hour of one core. Every line of the scratch file is one trial; run it again after
anything and it goes on, from the table itself where the scratch file is gone. Configurations are drawn at random from
`SPACE` with a fixed seed.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from study.spec import domains as space
from study.spec import points
from study.spec.point import Point, SharedKnobs
from trainables.config.errors import BadInput
from trainables.config.trial_config import TrialConfig

CONFIGURATIONS, SEEDS, EPOCHS, IMAGES = 200, 3, 25, 4000
FIELDS = ("val_accuracy", "val_loss", "train_accuracy", "train_loss_eval")
HIDDEN = {"hidden.count": [1, 2]}

SPACE = space.read_space(
    {
        "hidden.count": {"kind": "int", "low": 0, "high": 2},
        "hidden.1": {"kind": "int", "low": 16, "high": 256, "log": True},
        "hidden.2": {"kind": "int", "low": 16, "high": 256, "log": True},
        "activation": {"kind": "choice", "values": ["relu", "tanh", "sigmoid"], "when": HIDDEN},
        "batch_norm": {"kind": "choice", "values": [False, True], "when": HIDDEN},
        "dropout_input": {"kind": "choice", "values": [0.0, 0.1, 0.25], "ordered": True},
        "dropout_hidden": {"kind": "choice", "values": [0.0, 0.25, 0.5], "ordered": True, "when": HIDDEN},
        "optimizer": {"kind": "choice", "values": ["sgd", "adam", "adamw", "adagrad", "adadelta", "rmsprop"]},
        "lr": {"kind": "float", "low": 1e-4, "high": 1.0, "log": True},
        "momentum": {"kind": "float", "low": 0.0, "high": 0.99, "when": {"optimizer": ["sgd"]}},
        "weight_decay": {"kind": "choice", "values": [0.0, 1e-5, 1e-4, 1e-3], "ordered": True},
        "schedule": {"kind": "choice", "values": ["constant", "step", "plateau"]},
        "step_size": {"kind": "int", "low": 3, "high": 15, "when": {"schedule": ["step"]}},
        "step_gamma": {"kind": "float", "low": 0.1, "high": 0.7, "log": True, "when": {"schedule": ["step"]}},
        "plateau_factor": {"kind": "float", "low": 0.1, "high": 0.7, "log": True, "when": {"schedule": ["plateau"]}},
        "plateau_patience": {"kind": "int", "low": 0, "high": 3, "when": {"schedule": ["plateau"]}},
        "l1": {"kind": "choice", "values": [0.0, 1e-6, 1e-5, 1e-4], "ordered": True},
        "l2_squared": {"kind": "choice", "values": [0.0, 1e-5, 1e-4, 1e-3], "ordered": True},
        "batch_size": {"kind": "int", "low": 16, "high": 512, "log": True},
    }
)


def configurations() -> list[TrialConfig]:
    """The configurations, with seed 0; points that make no configuration are drawn again."""
    chance = np.random.default_rng(20)
    found: list[TrialConfig] = []
    while len(found) < CONFIGURATIONS:
        point = points.point(SPACE, chance.random(len(SPACE)).tolist())
        try:
            found.append(SharedKnobs.of(EPOCHS, Point((("train_images", IMAGES),))).config(point))
        except BadInput:
            continue
    return found


def train(scratch: Path, out: Path) -> None:
    """Train what is neither in the scratch file nor in the table, one trial after the other."""
    from trainables.data.dataset import subset
    from trainables.data.sources import load_data_set
    from trainables.training.device_arrays import Arrays, prepare_process
    from trainables.training.loop import Training

    done = {(r["configuration"], r["seed"]) for r in (*read(scratch), *held(out))}
    data = load_data_set("fashion-mnist")
    prepare_process()
    images, labels = (data.train_images, data.val_images), (data.train_labels, data.val_labels)
    arrays = Arrays.place(images, labels, len(data.classes), rows=subset(data, IMAGES))
    for number, config in enumerate(configurations()):
        for seed in range(SEEDS):
            if (number, seed) in done:
                continue
            training = Training(config, (seed,), arrays)
            while not training.over:
                training.epoch()
            history = training.history[0]
            row: dict[str, Any] = {"configuration": number, "seed": seed, "config": config.replace(seed=seed).to_dict()}
            row |= {name: [_plain(v) for v in history[name]] for name in FIELDS}
            row["seconds"] = [a + b for a, b in zip(history["seconds"], history["eval_seconds"], strict=True)]
            with scratch.open("a") as lines:
                lines.write(json.dumps(row) + "\n")
        print(f"{number + 1}/{CONFIGURATIONS}", file=sys.stderr, flush=True)


def read(scratch: Path) -> list[dict[str, Any]]:
    """The whole lines of the scratch file."""
    found = []
    for line in scratch.read_text().splitlines() if scratch.exists() else ():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue  # cut off when the run was ended; trained again
    return found


def held(out: Path) -> list[dict[str, Any]]:
    """The rows of the table, as the scratch file has them."""
    rows = pq.read_table(out).to_pylist() if out.exists() else []
    return [{**r, "config": json.loads(r["config"])} for r in rows]


def write(rows: list[dict[str, Any]], out: Path) -> None:
    """The table: a row a configuration and seed, the first of several; after a divergence a curve goes on as NaN."""
    first = {(r["configuration"], r["seed"]): r for r in reversed(rows)}
    rows = [first[key] for key in sorted(first)]
    columns: dict[str, Any] = {
        "configuration": pa.array([r["configuration"] for r in rows], pa.int32()),
        "seed": pa.array([r["seed"] for r in rows], pa.int32()),
        "config": [json.dumps(r["config"], sort_keys=True) for r in rows],
    }
    for name in (*FIELDS, "seconds"):
        curves = [[math.nan if v is None else v for v in r[name]] for r in rows]
        columns[name] = pa.array([c + [math.nan] * (EPOCHS - len(c)) for c in curves], pa.list_(pa.float32()))
    out.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), out, compression="zstd")


def _plain(value: float) -> float | None:
    return value if math.isfinite(value) else None


if __name__ == "__main__":
    scratch, table = Path(sys.argv[1]), Path(sys.argv[2])
    train(scratch, table)
    write([*held(table), *read(scratch)], table)
