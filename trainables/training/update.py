"""One update on memory that stays: gather a batch, its loss and gradient, the optimiser. Eager or replayed.

A `Update` reads what lies in its own buffers and writes in place, so that the very function that runs eagerly is what a
CUDA graph captures: a graph repeats the same kernels on the same memory. Which batches there are is the loop's
business.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from trainables.config.trial_config import TrialConfig
from trainables.models.fully_connected import FullyConnected
from trainables.training import penalties
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
        self._penalised = penalties.active(network)

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
            penalties.add_gradient(self.network)
        return self.loss

    def _closure(self) -> Callable[[], Tensor]:
        """For L-BFGS, which asks several times: keep the first loss, minimise with the penalty."""
        first: list[Tensor] = []

        def closure() -> Tensor:
            loss = self._gradient().clone()
            if not first:
                first.append(loss)
            self.loss.copy_(first[0])
            return loss + penalties.penalty_value(self.network)[0].float() if self._penalised else loss

        return closure
