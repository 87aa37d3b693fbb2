"""Penalties steer the gradient and stay out of the training loss."""

from __future__ import annotations

import pytest
import torch

from tests.trainables.small import IMAGES, SMALL, arrays, train
from tests.trainables.training.test_loop import at
from trainables.training.device_arrays import prepare_process
from trainables.training.loop import Training


@pytest.fixture(autouse=True)
def _a_process_that_trains() -> None:
    prepare_process()


def test_training_loss_is_the_mean_of_the_batches_without_the_penalty() -> None:
    one = train(SMALL.replace(batch_size=IMAGES, epochs=1, l1=1.0, lr=1e-9))
    start = Training(SMALL.replace(batch_size=IMAGES), (0,), arrays())
    logits = start.network.forward(start.arrays.train_x.float() / 255)
    expected = torch.nn.functional.cross_entropy(logits, start.arrays.train_y).item()
    record = at(one.history[0], 0)
    assert record.train_loss == pytest.approx(expected, rel=1e-5)
    weights = sum(w.abs().sum().item() for w in one.network.w.values())
    assert record.penalty == pytest.approx(weights, rel=1e-5)
