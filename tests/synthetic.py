"""Plausible trial records without any training, for tests and benchmarks of what reads them. No claim to truth.

`records(study)` makes one record an arm and seed; `curve` decides what an epoch reports from the knobs alone, so that a
longer run begins as a shorter one and studies that share a configuration share its numbers. The numbers are seeded by
the trial's identity; call it twice and it gives the same.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np

from study.spec.study import Study
from trainables.config.trial_config import TrialConfig
from trainables.records.epoch_columns import EpochColumns
from trainables.records.tensor_summary import BINS, QUANTILES, TensorSummary
from trainables.records.trial_record import Status, TrialRecord
from trainables.training.gpu_memory import DataSize

CHECKSUM = "5" * 64
FASHION = DataSize(train=60_000, val=10_000, features=784, classes=10)
"""The size of Fashion-MNIST."""
NORMAL = (-5.0, -3.09, -2.33, -1.64, -0.67, 0.0, 0.67, 1.64, 2.33, 3.09, 5.0)
"""Quantiles of a standard normal at `QUANTILES`, the ends as a million values have them."""

Ending = tuple[Status, int]
"""How a trial ended and after how many epochs."""


def records(
    study: Study,
    seeds: Sequence[int] = range(5),
    *,
    endings: Mapping[tuple[str, int], Ending] | None = None,
    skip: Iterable[tuple[str, int]] = (),
    noise: float = 0.003,
    base: Mapping[str, object] | None = None,
    shift: Mapping[str, float] | None = None,
    host: str = "node-1",
    summaries: Collection[int] = (),
) -> Iterator[TrialRecord]:
    """One record for each arm and seed of a study.

    endings: (arm, seed) -> status and epochs done, where it is not (finished, all). skip: (arm, seed) that have no
    record. noise: between seeds, of accuracies. base: knobs changed in every arm, such as train_images.
    shift: arm -> what is added to its validation accuracy. summaries: epochs beside the first and the last after which
    there are tensors.
    """
    left_out = set(skip)
    for arm in study.arms:
        for seed in seeds:
            if (arm.name, seed) in left_out:
                continue
            config = study.config(arm.name, seed=seed).replace(**(base or {}))
            status, done = (endings or {}).get((arm.name, seed), ("finished", config.epochs))
            added = (shift or {}).get(arm.name, 0.0)
            yield record(config, status, done, noise=noise, shift=added, host=host, summaries=summaries)


def record(
    config: TrialConfig,
    status: Status = "finished",
    done: int | None = None,
    *,
    noise: float = 0.003,
    shift: float = 0.0,
    host: str = "node-1",
    summaries: Collection[int] = (),
) -> TrialRecord:
    """One record; a diverged one ends in an epoch whose losses are NaN."""
    last = config.epochs if done is None else done
    epochs = curve(config, last, noise, shift)
    if status == "diverged" and last:
        losses = ("train_loss", "train_loss_eval", "val_loss")
        epochs = epochs.replace(**{name: (*epochs[name][:-1], math.nan) for name in losses})
    at = sorted({1, last} | {e for e in summaries if e < last}) if last else []
    return TrialRecord(
        config=config,
        data_checksum=CHECKSUM,
        status=status,
        epochs=epochs,
        tensors=tuple(t for e in at for t in tensors(config, e)),
        message="" if status == "finished" else f"{status} after {last} epochs",
        provenance={"host": host, "hardware": f"processor of {host}", "torch": "2.14.1"},
    )


def changed(one: TrialRecord, at: int, **values: float) -> TrialRecord:
    """The same record with other values of some metrics in one epoch, counted from 0 or from the end."""
    columns = {name: list(one.epochs[name]) for name in values}
    for name, value in values.items():
        columns[name][at] = value
    return dataclasses.replace(one, epochs=one.epochs.replace(**columns))


def curve(config: TrialConfig, last: int, noise: float = 0.003, shift: float = 0.0) -> EpochColumns:
    """Epochs 1 to `last` of a configuration: training improves for good, validation turns after a while."""
    rng = np.random.default_rng([config.seed, 7])
    top, pace, overfit = _shape(config)
    offset = rng.normal(0.0, noise)
    e = np.arange(1, last + 1)
    wobble = rng.normal(0.0, noise / 2, size=last)
    train = np.clip(top - 0.35 * np.exp(-e / pace) + overfit * (1 - np.exp(-e / 30)) + offset, 0.0, 1.0)
    val = np.clip(top - 0.36 * np.exp(-e / pace) - 0.005 + offset + wobble + shift, 0.0, 1.0)
    train_loss = np.maximum(2.4 * (1 - train), 1e-4)
    val_loss = 2.4 * (1 - val) + overfit * e / 30
    lrs = _rates(config, val_loss)
    updates = config.updates_per_epoch(60_000)
    if not last:
        return EpochColumns()
    return EpochColumns(
        {
            "train_loss": tuple((train_loss * 1.05 + 0.01).tolist()),
            "train_accuracy": tuple(train.tolist()),
            "train_loss_eval": tuple(train_loss.tolist()),
            "val_loss": tuple(val_loss.tolist()),
            "val_accuracy": tuple(val.tolist()),
            "penalty": (0.1 * (config.l1 + config.l2_norm + config.l2_squared),) * last,
            "lr": tuple(lrs),
            "updates": (updates,) * last,
            "seconds": (0.001 * updates + 0.5,) * last,
            "eval_seconds": (0.4,) * last,
        }
    )


def tensors(config: TrialConfig, epoch: int) -> Iterator[TensorSummary]:
    """Every parameter tensor and the activations of the hidden layers, as scaled normal distributions."""
    sizes = (784, *config.hidden, 10)
    rng = np.random.default_rng([config.seed, epoch])
    for i, (fan, out) in enumerate(pairwise(sizes), start=1):
        spread = (0.03 + 4 * config.lr * math.log1p(epoch)) * (0.5 if config.l1 or config.l2_squared else 1.0)
        yield _tensor(epoch, "parameter", f"W{i}", fan * out, spread, rng)
        yield _tensor(epoch, "parameter", f"b{i}", out, spread / 2, rng)
        if i < len(sizes) - 1:
            if config.batch_norm:
                yield _tensor(epoch, "parameter", f"gamma{i}", out, 0.2, rng)
                yield _tensor(epoch, "parameter", f"beta{i}", out, 0.1, rng)
            reach = 1.0 if config.batch_norm else 255.0 / config.input_divisor
            yield _tensor(epoch, "activation", f"Z{i}", 1000 * out, reach, rng)
            yield _tensor(epoch, "activation", f"A{i}", 1000 * out, reach, rng)


def _tensor(epoch: int, kind: str, name: str, count: int, std: float, rng: np.random.Generator) -> TensorSummary:
    std *= 1 + 0.02 * float(rng.standard_normal())
    assert len(NORMAL) == len(QUANTILES)
    return TensorSummary(
        epoch=epoch,
        kind="parameter" if kind == "parameter" else "activation",
        name=name,
        count=count,
        mean=0.0,
        std=std,
        quantiles=tuple(q * std for q in NORMAL),
        histogram=_bell(count),
    )


@functools.cache
def _bell(count: int) -> tuple[int, ...]:
    """So many values in a normal distribution's bins."""
    x = np.linspace(-3, 3, BINS)
    return tuple(np.floor(count * np.exp(-(x**2) / 2) / np.exp(-(x**2) / 2).sum()).astype(int).tolist())


def _shape(config: TrialConfig) -> tuple[float, float, float]:
    """Accuracy that training tends to before it overfits, its pace in epochs, and how far it overfits."""
    top, pace, overfit = 0.89, 2.0, 0.10
    if config.optimizer == "sgd":
        top, pace, overfit = 0.85, 2.5, 0.0
        if config.input_divisor == 1.0:
            top, pace = 0.11, 0.01
    if config.lr >= 0.1:
        top, pace, overfit = 0.25, 1.0, 0.0
    elif config.lr == 0.01 and config.optimizer != "sgd":
        top, overfit = 0.853, 0.0
    elif config.lr <= 1e-5:
        pace, overfit = 25.0, 0.01
    if config.input_divisor > 255 and not config.batch_norm:
        top, pace, overfit = 0.85, 20.0, 0.0
    if config.dropout_input or config.l1 or config.l2_squared >= 1e-3:
        overfit = 0.02
    if not config.hidden:
        top, overfit = 0.84, 0.01
    if config.batch_size > 1000:
        top, pace = 0.80, 4.0
    return top, pace, overfit


def _rates(config: TrialConfig, val_loss: np.ndarray) -> list[float]:
    """The rate of every epoch; under `plateau` as PyTorch's scheduler would set it (patience 0, absolute threshold)."""
    if config.schedule != "plateau":
        return [config.lr] * len(val_loss)
    rates, best, lr = [], math.inf, config.lr
    for loss in val_loss.tolist():
        rates.append(lr)
        if loss < best - config.plateau_threshold:
            best = loss
        else:
            lr = max(lr * config.plateau_factor, config.plateau_min_lr)
    return rates
