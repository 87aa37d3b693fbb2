"""Which examples are right: measured in the pass that is made anyway, kept through stops."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch

from tests.trainables.small import SMALL, arrays, train
from trainables.records.correct_examples import CorrectExamples, unpacked
from trainables.training import checkpoint
from trainables.training.loop import Training


def share(found: CorrectExamples | None, which: str) -> float:
    assert found is not None
    return float(unpacked(getattr(found, which), found.count).mean())


@pytest.mark.parametrize("seeds", [(0,), (0, 1, 2)])
def test_the_bits_are_those_of_the_accuracies(seeds: tuple[int, ...]) -> None:
    training = train(SMALL.replace(epochs=6, lr=0.05), seeds)
    for r in range(len(seeds)):
        curve, found = training.history[r]["val_accuracy"], training.right.examples(r)
        assert share(found, "last") == curve[-1] and share(found, "best") == max(curve)


def test_a_stop_changes_no_bit() -> None:
    config = SMALL.replace(epochs=5, lr=0.05)
    straight = train(config)
    for stop in (1, 3, 5):
        first = Training(config, (0,), arrays())
        for _ in range(stop):
            first.epoch()
        second = Training(config, (0,), arrays())
        checkpoint.load(second, 0, "t", checkpoint.save(first, 0, "t"))
        while not second.over:
            second.epoch()
        assert second.right.examples(0) == straight.right.examples(0)


def test_a_checkpoint_of_format_1_goes_on_without_bits_until_there_is_a_better_epoch() -> None:
    config = SMALL.replace(epochs=4)
    training = Training(config, (0,), arrays())
    training.epoch()
    content = torch.load(io.BytesIO(checkpoint.save(training, 0, "t")), weights_only=True)
    names = content["history"].keys()
    rows = [{"epoch": 1, **{name: content["history"][name][0] for name in names}}]
    stream = io.BytesIO()
    torch.save({**{k: v for k, v in content.items() if k != "correct"}, "format": 1, "history": rows}, stream)
    again = Training(config, (0,), arrays())
    checkpoint.load(again, 0, "t", stream.getvalue())
    assert again.right.examples(0) is None
    while not again.over:
        again.epoch()
    straight = train(config)
    assert list(again.history[0]["val_loss"]) == list(straight.history[0]["val_loss"])
    best = int(np.argmax(straight.history[0]["val_accuracy"]))
    assert again.right.examples(0) == (straight.right.examples(0) if best else None)
