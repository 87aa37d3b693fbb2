"""One update on memory that stays: gather a batch, its loss and gradient, the optimiser. Eager or replayed.

A `Update` reads what lies in its own buffers and writes in place, so that the very function that runs eagerly is what a
CUDA graph captures: a graph repeats the same kernels on the same memory. Which batches there are is the loop's
business.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import torch
from torch import Tensor

from trainables.config.trial_config import TrialConfig
from trainables.models.fully_connected import FullyConnected
from trainables.training import penalties as penalty
from trainables.training.optimizers import Optimizer


def scaled(config: TrialConfig, images: Tensor, out: Tensor) -> Tensor:
    """Bytes to network inputs, into `out`."""
    out.copy_(images)
    if config.invert:
        out.neg_().add_(255.0)
    return out.div_(config.input_divisor) if config.input_divisor != 1.0 else out


class Update:
    """The update for batches of one size.

    Args:
        network, optimizer: what it changes.
        images, target: the training images as bytes [n, features], and one-hot labels [n, classes].
        size: images a batch.
    """

    def __init__(
        self, network: FullyConnected, optimizer: Optimizer, images: Tensor, target: Tensor, size: int
    ) -> None:
        self.network, self.optimizer, self._images, self._target = network, optimizer, images, target
        config, device = network.config, images.device
        lead = (network.replicates,) if network.replicates > 1 else ()
        rows, features = network.replicates * size, images.shape[1]

        def new(width: int) -> Tensor:
            return torch.empty(*lead, size, width, device=device)

        self.rows = torch.zeros(*lead, size, dtype=torch.int64, device=device)
        """Which images; the caller fills it."""
        self.chance = [(new(features), config.dropout_input)] if config.dropout_input else []
        if config.dropout_hidden:
            self.chance += [(new(width), config.dropout_hidden) for width in config.hidden]
        """Uniform numbers for each dropout mask with the share that it drops; the caller fills them each time."""
        self.loss = torch.zeros(lead, device=device)
        """Mean loss of the batch, [R], or a scalar for a single replicate; before the update, without the penalty."""
        self._bytes = torch.empty(rows, features, dtype=torch.uint8, device=device)
        self._x, self._y = new(features), new(target.shape[1])
        self._flat_x, self._flat_y = self._x.view(rows, features), self._y.view(rows, -1)
        self._penalised = penalty.active(network)

    def __call__(self, rates: Sequence[float]) -> None:
        """The update; reads and writes nothing but tensors that stay where they are."""
        self._gather()
        self.optimizer.step(rates, self._closure() if self.network.config.optimizer == "lbfgs" else self._gradient)

    def _gather(self) -> None:
        rows = self.rows.view(-1)
        torch.index_select(self._images, 0, rows, out=self._bytes)
        scaled(self.network.config, self._bytes, self._flat_x)
        torch.index_select(self._target, 0, rows, out=self._flat_y)
        for mask, drop in self.chance:
            mask.ge_(drop).div_(1 - drop)
        if self.network.config.dropout_input:
            self._x.mul_(self.chance[0][0])

    def _gradient(self) -> Tensor:
        config = self.network.config
        masks: list[Tensor | None] | None = None
        if config.dropout_hidden:
            masks = [mask for mask, _ in self.chance[-len(config.hidden) :]]
        self.network.loss_and_gradient(self._x, self._y, masks, self.loss)
        if self._penalised:
            penalty.add_gradient(self.network)
        return self.loss

    def _closure(self) -> Callable[[], Tensor]:
        """For L-BFGS, which asks several times: keep the first loss, minimise with the penalty."""
        first: list[Tensor] = []

        def closure() -> Tensor:
            loss = self._gradient().clone()
            if not first:
                first.append(loss)
            self.loss.copy_(first[0])
            return loss + penalty.penalty_value(self.network)[0].float() if self._penalised else loss

        return closure


class GraphRecorder(Protocol):
    """What can capture a step; `CudaGraphRecorder` does, and tests have one of their own."""

    def warm(self, step: Callable[[], None]) -> None:
        """Run it for real where it will be captured, so that whatever loads at first use is there."""

    def capture(self, step: Callable[[], None]) -> Callable[[], object]:
        """Note its kernels without running them; the answer runs them."""


class CudaGraphRecorder:
    """Captures with `torch.cuda.graph`, on a stream of its own."""

    def __init__(self) -> None:
        self._stream = torch.cuda.Stream()

    def warm(self, step: Callable[[], None]) -> None:
        """See `GraphRecorder`."""
        self._stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self._stream):
            step()
        torch.cuda.current_stream().wait_stream(self._stream)

    def capture(self, step: Callable[[], None]) -> Callable[[], object]:
        """See `GraphRecorder`."""
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, stream=self._stream):
            step()
        return graph.replay


class GraphReplay:
    """Runs a step from a graph: the first update at each learning rate eagerly, the second captured, then replayed.

    A graph holds the rates as numbers, so it is captured anew when they change.
    """

    def __init__(self, step: Update, recorder: GraphRecorder) -> None:
        self._step, self._recorder = step, recorder
        self._rates: tuple[float, ...] = ()
        self._graph: Callable[[], object] | None = None
        self.replayed = 0
        """Updates that came from a graph."""

    def __call__(self, rates: Sequence[float]) -> None:
        """The update."""
        if tuple(rates) != self._rates:
            self._rates, self._graph = tuple(rates), None
            self._recorder.warm(self._run)
            return
        if self._graph is None:
            self._graph = self._recorder.capture(self._run)
        self._graph()
        self.replayed += 1

    def _run(self) -> None:
        self._step(self._rates)


def why_not_captured(config: TrialConfig) -> str:
    """Why the updates of this configuration cannot be captured; empty if they can."""
    return "lbfgs decides by the loss how it goes on" if config.optimizer == "lbfgs" else ""
