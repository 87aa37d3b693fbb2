"""A pass in eval mode: its numbers are those of torch, whatever the batches, for each replicate by itself."""

from __future__ import annotations

import pytest
import torch

from trainables.config.trial_config import TrialConfig
from trainables.models.fully_connected import FullyConnected
from trainables.training.evaluation import evaluate

IMAGES = torch.randint(0, 256, (53, 12), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
LABELS = torch.randint(0, 3, (53,), generator=torch.Generator().manual_seed(1))


def scaled(images: torch.Tensor) -> torch.Tensor:
    return images.float() / 255


@pytest.mark.parametrize("seeds", [(0,), (0, 1, 2)])
@pytest.mark.parametrize("rows", [1, 7, 53, 1000])
def test_loss_accuracy_and_marks_are_torchs(seeds: tuple[int, ...], rows: int) -> None:
    network = FullyConnected(TrialConfig(hidden=(8,)), 12, 3, seeds)
    network.theta.copy_(torch.randn(network.theta.shape, generator=torch.Generator().manual_seed(2)))
    logits = network.forward(scaled(IMAGES)).view(len(seeds), 53, 3).clone()
    marks = torch.zeros(len(seeds), 53, dtype=torch.bool)
    loss, accuracy = evaluate(network, scaled, IMAGES, LABELS, rows, marks)
    assert loss.dtype == accuracy.dtype == torch.float64 and loss.shape == accuracy.shape == (len(seeds),)
    for r in range(len(seeds)):
        expected = torch.nn.functional.cross_entropy(logits[r].double(), LABELS)
        assert loss[r].item() == pytest.approx(expected.item(), rel=1e-5)
        right = logits[r].argmax(1) == LABELS
        assert accuracy[r].item() == right.double().mean().item()
        assert torch.equal(marks[r], right)
