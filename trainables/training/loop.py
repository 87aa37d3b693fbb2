"""The training loop of one configuration, for one seed or for several side by side. Knows nothing of Ray or of files.

    training = Training(config, (seed,), arrays)
    while not training.over:
        training.epoch()
    training.history[0].columns(), training.final_tensors(0), training.right.examples(0)

What makes it fast, measured in `benchmarks/`: images stay bytes in memory and are gathered a batch at a time; all
parameters are one flat vector under one fused update; every product writes into a buffer that exists; losses are summed
where they arise and fetched once an epoch; denormal numbers, into which Adam's means decay, are flushed to zero.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from trainables.config.errors import BadInput
from trainables.config.optimizer_table import OPTIMIZER_TABLE
from trainables.config.trial_config import TrialConfig
from trainables.models.fully_connected import FullyConnected, random_stream
from trainables.records.epoch_columns import EpochLog
from trainables.records.tensor_summary import SUMMARY_EPOCHS, Kind, TensorSummary
from trainables.training import gpu_memory, lr_schedules, optimizers, penalties
from trainables.training import update as step
from trainables.training.cuda_graph import GraphRecorder, GraphReplay, why_not_captured
from trainables.training.device_arrays import Arrays
from trainables.training.distributions import summary
from trainables.training.evaluation import evaluate
from trainables.training.right_examples import RightExamples

_EVAL_ROWS = 500
"""Rows of an evaluation batch: activations of 1000 units stay in a core's cache."""


class Training:
    """A run that can be advanced epoch by epoch, and set to a saved state.

    Args:
        config: the knobs; its `seed` is ignored in favour of `seeds`.
        seeds: one a replicate. More than one trains them stacked; see `why_not_stackable`.
        arrays: the data, already cut to `config.train_images`.
        recorder: what captures the updates, to replay them (`cuda_graph.CudaGraphRecorder`); None runs each eagerly.
            The numbers are the same.

    Raises:
        BadInput: the configuration does not fit the data, or cannot be stacked.
    """

    def __init__(
        self, config: TrialConfig, seeds: Sequence[int], arrays: Arrays, recorder: GraphRecorder | None = None
    ) -> None:
        _check(config, seeds, arrays)
        self.config, self.seeds, self.arrays = config, tuple(seeds), arrays
        device = arrays.train_x.device
        self.network = FullyConnected(config, arrays.train_x.shape[1], arrays.classes, self.seeds, device)
        self.optimizer = optimizers.make_optimizer(self.network)
        self.history: list[EpochLog] = [EpochLog() for _ in self.seeds]
        self.tensors: list[list[TensorSummary]] = [[] for _ in self.seeds]
        self.diverged = [False] * len(self.seeds)
        self.epochs_done = 0
        self.on_test: list[dict[int, tuple[float, float]]] = [{} for _ in self.seeds]
        """Of each replicate loss and accuracy on the test part, after the epochs at which they were asked for."""
        self.right = RightExamples(len(self.seeds), len(arrays.val_x), device)
        self._target = torch.nn.functional.one_hot(arrays.train_y, arrays.classes).float()
        self._penalised = penalties.active(self.network)
        self._steps: dict[int, step.Update] = {}
        self._inputs: dict[int, Tensor] = {}
        self.recorder = None if why_not_captured(config) else recorder
        self._replay: GraphReplay | None = None

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

    def epoch(self) -> None:
        """Train for one epoch and measure; replicates that have diverged before it are let be."""
        number = self.epochs_done + 1
        rates = [lr_schedules.learning_rate(self.config, past["val_loss"]) for past in self.history]
        clock = self._now()
        loss, updates = self._update_for_an_epoch(number, rates)
        middle = self._now()
        found = [loss, *self._evaluate(self.arrays.train_x, self.arrays.train_y)]
        found += self._evaluate(self.arrays.val_x, self.arrays.val_y, self.right.marks)
        found += [penalties.penalty_value(self.network)] if self._penalised else []
        train_loss, train_eval, train_accuracy, val_loss, val_accuracy, *cost = torch.stack(found).tolist()
        end = self._now()
        self.epochs_done = number
        for r, past in enumerate(self.history):
            if self.diverged[r]:
                continue
            past.add(
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
            self.right.take(r, val_accuracy[r])
            self.diverged[r] = not all(map(math.isfinite, (train_loss[r], train_eval[r], val_loss[r])))
        if number in SUMMARY_EPOCHS or self.over:
            self._summarise(number)

    def _update_for_an_epoch(self, number: int, rates: list[float]) -> tuple[Tensor, int]:
        """All updates of an epoch: the mean of the mini-batch losses of each replicate, [R], and how many updates."""
        updates = self.config.updates_per_epoch(len(self.arrays.train_x))
        losses = torch.empty(updates, len(self.seeds), device=self.arrays.train_x.device)
        for row, update in zip(losses, self._batches(number), strict=True):
            self._run(update, rates)
            row.copy_(update.loss)
        return losses.double().mean(0), updates

    def _run(self, update: step.Update, rates: list[float]) -> None:
        if self.recorder is None or update.rows.shape[-1] != self.config.batch_size:
            update(rates)
            return
        if self._replay is None:
            self._replay = GraphReplay(update, self.recorder)
        self._replay(rates)

    def _batches(self, number: int) -> Iterator[step.Update]:
        """Shuffled mini-batches of an epoch, each laid into the step that takes batches of its size."""
        images, config = len(self.arrays.train_x), self.config
        orders = [torch.randperm(images, generator=random_stream(s, f"order {number}")) for s in self.seeds]
        order = (torch.stack(orders) if len(orders) > 1 else orders[0]).to(self.arrays.train_x.device)
        chance = [random_stream(s, f"dropout {number}") for s in self.seeds]
        for rows in order.split(config.batch_size, -1):
            update = self._step(rows.shape[-1])
            update.rows.copy_(rows)
            for numbers, _ in update.chance:
                for part, source in zip(numbers if len(chance) > 1 else [numbers], chance, strict=True):
                    part.copy_(torch.rand(part.shape, generator=source))
            yield update

    def _step(self, size: int) -> step.Update:
        if size not in self._steps:
            self._steps[size] = step.Update(self.network, self.optimizer, self.arrays.train_x, self._target, size)
        return self._steps[size]

    def _scale(self, images: Tensor) -> Tensor:
        """Bytes to network inputs; the next call for as many images reuses their memory."""
        if len(images) not in self._inputs:
            self._inputs[len(images)] = torch.empty(images.shape, device=images.device)
        return step.scaled(self.config, images, self._inputs[len(images)])

    def _evaluate(self, images: Tensor, labels: Tensor, marks: Tensor | None = None) -> tuple[Tensor, Tensor]:
        rows = _EVAL_ROWS if images.device.type == "cpu" else gpu_memory.EVAL_ROWS
        return evaluate(self.network, self._scale, images, labels, rows, marks)

    def measured(self, images: Tensor, labels: Tensor) -> tuple[list[float], list[float]]:
        """Loss and accuracy of each replicate over other examples, as it stands."""
        loss, accuracy = self._evaluate(images, labels)
        return loss.tolist(), accuracy.tolist()

    def test(self, images: Tensor, labels: Tensor, replicates: Sequence[int]) -> None:
        """Measure the test part for some replicates, after the epoch that is just over."""
        loss, accuracy = self.measured(images, labels)
        for r in replicates:
            self.on_test[r][self.epochs_done] = loss[r], accuracy[r]

    def _summarise(self, number: int) -> None:
        """Add the distributions of all tensors after this epoch, for every replicate whose record ends with it."""
        due = [
            r
            for r, kept in enumerate(self.tensors)
            if len(self.history[r]) == number and all(t.epoch != number for t in kept)
        ]
        if not due:
            return
        watch: dict[str, Tensor] = {}
        self.network.forward(self._scale(self.arrays.val_x[: gpu_memory.PROBE_IMAGES]), watch)
        groups: tuple[tuple[Kind, dict[str, Tensor]], ...] = (("parameter", self.network.w), ("activation", watch))
        for r in due:
            for kind, group in groups:
                self.tensors[r] += [
                    summary(v[r] if len(self.seeds) > 1 else v, number, kind, name) for name, v in group.items()
                ]

    def final_tensors(self, replicate: int) -> tuple[TensorSummary, ...]:
        """The summaries of a record that ends here: those on the ladder of epochs, and the last epoch's."""
        last = len(self.history[replicate])
        if last == self.epochs_done and last:
            self._summarise(last)
        return tuple(t for t in self.tensors[replicate] if t.epoch in SUMMARY_EPOCHS or t.epoch == last)


def why_not_stackable(config: TrialConfig) -> str:
    """Why replicates of this configuration cannot be trained as stacked tensors; empty if they can."""
    return (
        f"{config.optimizer} takes steps whose length depends on each replicate"
        if OPTIMIZER_TABLE[config.optimizer].inner
        else ""
    )


def _check(config: TrialConfig, seeds: Sequence[int], arrays: Arrays) -> None:
    images = len(arrays.train_x)
    if config.train_images is not None and config.train_images != images:
        raise BadInput("train_images", config.train_images, f"the data has {images} training images")
    config.check_images(images)
    if len(seeds) > 1 and why_not_stackable(config):
        raise BadInput("seeds", list(seeds), why_not_stackable(config))
