"""The training loop of one configuration, for one seed or for several side by side. Knows nothing of Ray or of files.

    training = Training(config, (seed,), arrays)
    while not training.over:
        training.epoch()
    record = training.records(...)

What makes it fast, measured in `benchmarks/`: images stay bytes in memory and are gathered a batch at a time; all
parameters are one flat vector under one fused update; every product writes into a buffer that exists; losses are summed
where they arise and fetched once an epoch; denormal numbers, into which Adam's means decay, are flushed to zero.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from trainables import memory, optim, penalty, schedule, step
from trainables.config import TrialConfig
from trainables.errors import BadInput
from trainables.model import Network, generator
from trainables.records import BINS, LADDER, QUANTILES, EpochRecord, Kind, TensorSummary

_EVAL_ROWS = 500
"""Rows of an evaluation batch: activations of 1000 units stay in a core's cache."""


def prepare_process() -> None:
    """Settings of a process that trains: one thread, and denormal numbers count as zero (the module says why)."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)


@dataclass(frozen=True)
class Arrays:
    """Images and labels where the training runs; images as bytes [n, features], labels as integers [n]."""

    train_x: Tensor
    train_y: Tensor
    val_x: Tensor
    val_y: Tensor
    classes: int

    @classmethod
    def place(
        cls,
        images: tuple[np.ndarray, np.ndarray],
        labels: tuple[np.ndarray, np.ndarray],
        classes: int,
        *,
        rows: np.ndarray | None = None,
        device: str = "cpu",
    ) -> Arrays:
        """Put (training, validation) images and labels on a device; on the CPU without a copy, but for a subset's
        `rows`.
        """
        train_x, train_y = images[0], labels[0]
        if rows is not None:
            train_x, train_y = train_x[rows], train_y[rows]
        flat = [_tensor(x.reshape(len(x), -1)).to(device) for x in (train_x, images[1])]
        y = [_tensor(y).long().to(device) for y in (train_y, labels[1])]
        return cls(flat[0], y[0], flat[1], y[1], classes)


def _tensor(array: np.ndarray) -> Tensor:
    """A tensor over the array's own memory; it is never written to, though NumPy may have marked it read-only."""
    import warnings

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
        return torch.from_numpy(array)


class Training:
    """A run that can be advanced epoch by epoch, and set to a saved state.

    Args:
        config: the knobs; its `seed` is ignored in favour of `seeds`.
        seeds: one a replicate. More than one trains them stacked; see `stackable`.
        arrays: the data, already cut to `config.train_images`.
        recorder: what captures the updates, to replay them (`step.CudaRecorder`); None runs each eagerly. The numbers
            are the same.

    Raises:
        BadInput: the configuration does not fit the data, or cannot be stacked.
    """

    def __init__(
        self, config: TrialConfig, seeds: Sequence[int], arrays: Arrays, recorder: step.Recorder | None = None
    ) -> None:
        _check(config, seeds, arrays)
        self.config, self.seeds, self.arrays = config, tuple(seeds), arrays
        device = arrays.train_x.device
        self.network = Network(config, arrays.train_x.shape[1], arrays.classes, self.seeds, device)
        self.optimizer = optim.make(self.network)
        self.history: list[list[EpochRecord]] = [[] for _ in self.seeds]
        self.tensors: list[list[TensorSummary]] = [[] for _ in self.seeds]
        self.diverged = [False] * len(self.seeds)
        self.epochs_done = 0
        self._target = torch.nn.functional.one_hot(arrays.train_y, arrays.classes).float()
        self._penalised = penalty.active(self.network)
        self._steps: dict[int, step.Step] = {}
        self._inputs: dict[int, Tensor] = {}
        self.recorder = None if step.why_eager(config) else recorder
        self._replay: step.Replay | None = None

    def _now(self) -> float:
        """Seconds that this thread has used; of the wall on a GPU, whose work is waited for."""
        if self.arrays.train_x.device.type == "cpu":
            return time.thread_time()
        torch.cuda.synchronize()
        return time.perf_counter()

    @property
    def over(self) -> bool:
        """Whether all epochs are done, or every replicate has diverged."""
        return self.epochs_done >= self.config.epochs or all(self.diverged)

    @property
    def replayed(self) -> int:
        """Updates that came from a graph."""
        return self._replay.replayed if self._replay is not None else 0

    def epoch(self) -> list[EpochRecord]:
        """Train for one epoch and measure; the records of the replicates that have not diverged before it, in order."""
        number = self.epochs_done + 1
        rates = [schedule.rate(self.config, [e.val_loss for e in past]) for past in self.history]
        clock = self._now()
        loss, updates = self._update_for_an_epoch(number, rates)
        middle = self._now()
        found = [loss, *self._evaluate(self.arrays.train_x, self.arrays.train_y)]
        found += self._evaluate(self.arrays.val_x, self.arrays.val_y)
        found += [penalty.value(self.network)] if self._penalised else []
        train_loss, train_eval, train_accuracy, val_loss, val_accuracy, *cost = torch.stack(found).tolist()
        end = self._now()
        self.epochs_done = number
        new = []
        for r, past in enumerate(self.history):
            if self.diverged[r]:
                continue
            record = EpochRecord(
                epoch=number,
                train_loss=train_loss[r],
                train_accuracy=train_accuracy[r],
                train_loss_eval=train_eval[r],
                val_loss=val_loss[r],
                val_accuracy=val_accuracy[r],
                penalty=cost[0][r] if cost else 0.0,
                lr=rates[r],
                updates=updates,
                seconds=(middle - clock) / len(self.seeds),
                eval_seconds=(end - middle) / len(self.seeds),
            )
            past.append(record)
            new.append(record)
            self.diverged[r] = not all(map(math.isfinite, (record.train_loss, record.train_loss_eval, record.val_loss)))
        if number in LADDER or self.over:
            self._summarise(number)
        return new

    def _update_for_an_epoch(self, number: int, rates: list[float]) -> tuple[Tensor, int]:
        """All updates of an epoch: the mean of the mini-batch losses of each replicate, [R], and how many updates."""
        updates = self.config.updates_per_epoch(len(self.arrays.train_x))
        losses = torch.empty(updates, len(self.seeds), device=self.arrays.train_x.device)
        for row, update in zip(losses, self._batches(number), strict=True):
            self._run(update, rates)
            row.copy_(update.loss)
        return losses.double().mean(0), updates

    def _run(self, update: step.Step, rates: list[float]) -> None:
        if self.recorder is None or update.rows.shape[-1] != self.config.batch_size:
            update(rates)
            return
        if self._replay is None:
            self._replay = step.Replay(update, self.recorder)
        self._replay(rates)

    def _batches(self, number: int) -> Iterator[step.Step]:
        """Shuffled mini-batches of an epoch, each laid into the step that takes batches of its size."""
        images, config = len(self.arrays.train_x), self.config
        orders = [torch.randperm(images, generator=generator(s, f"order {number}")) for s in self.seeds]
        order = (torch.stack(orders) if len(orders) > 1 else orders[0]).to(self.arrays.train_x.device)
        chance = [generator(s, f"dropout {number}") for s in self.seeds]
        for rows in order.split(config.batch_size, -1):
            update = self._step(rows.shape[-1])
            update.rows.copy_(rows)
            for numbers, _ in update.chance:
                for part, source in zip(numbers if len(chance) > 1 else [numbers], chance, strict=True):
                    part.copy_(torch.rand(part.shape, generator=source))
            yield update

    def _step(self, size: int) -> step.Step:
        if size not in self._steps:
            self._steps[size] = step.Step(self.network, self.optimizer, self.arrays.train_x, self._target, size)
        return self._steps[size]

    def _scale(self, images: Tensor) -> Tensor:
        """Bytes to network inputs; the next call for as many images reuses their memory."""
        if len(images) not in self._inputs:
            self._inputs[len(images)] = torch.empty(images.shape, device=images.device)
        return step.scaled(self.config, images, self._inputs[len(images)])

    def _evaluate(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Mean loss and accuracy of each replicate over all images, in eval mode, [R] each in double precision."""
        rows = _EVAL_ROWS if images.device.type == "cpu" else memory.EVAL_ROWS
        loss = torch.zeros(len(self.seeds), dtype=torch.float64, device=images.device)
        right = torch.zeros(len(self.seeds), dtype=torch.int64, device=images.device)
        for x, y in zip(images.split(rows), labels.split(rows), strict=True):
            logits = self.network.forward(self._scale(x)).view(len(self.seeds), len(x), -1)
            chosen = logits.gather(2, y.expand(len(self.seeds), -1).unsqueeze(2)).squeeze(2)
            loss += (logits.logsumexp(2) - chosen).sum(1, dtype=torch.float64)
            right += (logits.argmax(2) == y).sum(1)
        return loss / len(images), right.double() / len(images)

    def _summarise(self, number: int) -> None:
        """Add the distributions of all tensors after this epoch, for every replicate whose record ends with it."""
        due = [
            r
            for r, kept in enumerate(self.tensors)
            if self.history[r][-1].epoch == number and all(t.epoch != number for t in kept)
        ]
        if not due:
            return
        watch: dict[str, Tensor] = {}
        self.network.forward(self._scale(self.arrays.val_x[: memory.PROBE_IMAGES]), watch)
        groups: tuple[tuple[Kind, dict[str, Tensor]], ...] = (("parameter", self.network.w), ("activation", watch))
        for r in due:
            for kind, group in groups:
                self.tensors[r] += [
                    summary(v[r] if len(self.seeds) > 1 else v, number, kind, name) for name, v in group.items()
                ]

    def final_tensors(self, replicate: int) -> tuple[TensorSummary, ...]:
        """The summaries of a record that ends here: those on the ladder of epochs, and the last epoch's."""
        last = self.history[replicate][-1].epoch if self.history[replicate] else 0
        if last == self.epochs_done and last:
            self._summarise(last)
        return tuple(t for t in self.tensors[replicate] if t.epoch in LADDER or t.epoch == last)


def stackable(config: TrialConfig) -> str:
    """Why replicates of this configuration cannot be trained as stacked tensors; empty if they can."""
    return "lbfgs takes steps whose length depends on each replicate" if config.optimizer == "lbfgs" else ""


def summary(values: Tensor, epoch: int, kind: Kind, name: str) -> TensorSummary:
    """The distribution of a tensor's values, in double precision."""
    single = np.sort(values.detach().reshape(-1).cpu().numpy())  # half the time of doubles, in the same order
    if not np.isfinite(single[[0, -1]]).all():  # what is not finite comes to lie at the ends
        nan = math.nan
        return TensorSummary(epoch, kind, name, len(single), nan, nan, (nan,) * len(QUANTILES), ())
    ordered = single.astype(np.float64)
    at = [min(round(q * (len(ordered) - 1)), len(ordered) - 1) for q in QUANTILES]
    return TensorSummary(
        epoch=epoch,
        kind=kind,
        name=name,
        count=len(ordered),
        mean=float(ordered.mean()),
        std=float(ordered.std()),
        quantiles=tuple(float(ordered[i]) for i in at),
        histogram=_histogram(ordered),
    )


def _histogram(ordered: np.ndarray) -> tuple[int, ...]:
    """`numpy.histogram` of values in order, which need not be gone through one by one."""
    edges = np.linspace(*_span(float(ordered[0]), float(ordered[-1])), BINS + 1)
    before = [0, *np.searchsorted(ordered, edges[1:-1]).tolist(), len(ordered)]
    return tuple(after - start for start, after in itertools.pairwise(before))


def _span(low: float, high: float) -> tuple[float, float]:
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _check(config: TrialConfig, seeds: Sequence[int], arrays: Arrays) -> None:
    images = len(arrays.train_x)
    if config.train_images is not None and config.train_images != images:
        raise BadInput("train_images", config.train_images, f"the data has {images} training images")
    if config.batch_norm and images % config.batch_size == 1:
        raise BadInput(
            "batch_size", config.batch_size, f"the last of {images} images would be a batch of 1 for batch_norm"
        )
    if config.batch_size > images:
        raise BadInput("batch_size", config.batch_size, f"expected at most the number of training images, {images}")
    if len(seeds) > 1 and stackable(config):
        raise BadInput("seeds", list(seeds), stackable(config))
