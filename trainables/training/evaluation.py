"""A pass over examples in eval mode: loss, accuracy, and which examples are right."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from trainables.models.fully_connected import FullyConnected


def evaluate(
    network: FullyConnected,
    scale: Callable[[Tensor], Tensor],
    images: Tensor,
    labels: Tensor,
    rows: int,
    marks: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Mean loss and accuracy of each replicate over all images, in eval mode, [R] each in double precision.

    Args:
        network: what is evaluated.
        scale: bytes to network inputs.
        images: bytes [n, features].
        labels: whole numbers [n].
        rows: images a batch.
        marks: flags [R, n] that are set to whether each image is right.
    """
    replicates, start = network.replicates, 0
    loss = torch.zeros(replicates, dtype=torch.float64, device=images.device)
    right = torch.zeros(replicates, dtype=torch.int64, device=images.device)
    for x, y in zip(images.split(rows), labels.split(rows), strict=True):
        logits = network.forward(scale(x)).view(replicates, len(x), -1)
        chosen = logits.gather(2, y.expand(replicates, -1).unsqueeze(2)).squeeze(2)
        loss += (logits.logsumexp(2) - chosen).sum(1, dtype=torch.float64)
        found = logits.argmax(2) == y
        right += found.sum(1)
        if marks is not None:
            marks[:, start : start + len(x)] = found
        start += len(x)
    return loss / len(images), right.double() / len(images)
