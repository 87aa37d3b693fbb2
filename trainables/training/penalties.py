"""L1 and L2 terms: their value, and their gradient added to that of the data loss. They never enter a reported loss.

Sums run over all parameter tensors, biases and batch norm's gamma and beta included, as a loop over
`model.parameters()` does.
"""

from __future__ import annotations

import torch
from torch import Tensor

from trainables.models.fully_connected import FullyConnected


def active(network: FullyConnected) -> bool:
    """Whether the configuration has any penalty."""
    c = network.config
    return c.l1 > 0 or c.l2_norm > 0 or c.l2_squared > 0


def add_gradient(network: FullyConnected) -> None:
    """Add the penalty's gradient in place. At a zero tensor the 2-norm's gradient is taken as 0, as PyTorch does."""
    c = network.config
    if c.l1:
        network.grad.add_(network.theta.sign(), alpha=c.l1)
    if c.l2_squared:
        network.grad.add_(network.theta, alpha=2 * c.l2_squared)
    if c.l2_norm:
        for name, w in network.w.items():
            norm = torch.linalg.vector_norm(w, dim=(-2, -1), keepdim=True).clamp_min_(torch.finfo(w.dtype).tiny)
            network.g[name].addcdiv_(w, norm, value=c.l2_norm)


def penalty_value(network: FullyConnected) -> Tensor:
    """The penalty of each replicate, [R], in double precision."""
    c = network.config
    total = torch.zeros(network.replicates, dtype=torch.float64, device=network.device)
    for w in network.w.values():
        flat = w.reshape(network.replicates, -1).double()
        total += c.l1 * flat.abs().sum(1) + c.l2_norm * flat.norm(dim=1) + c.l2_squared * flat.square().sum(1)
    return total
