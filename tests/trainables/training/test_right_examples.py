"""Which examples are right: measured in the pass that is made anyway, kept through stops."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch

from tests.trainables.small import SMALL, arrays, train
from trainables.records.correct_examples import CorrectExamples, kept_examples, unpacked
from trainables.training import checkpoint
from trainables.training.loop import Training
from trainables.training.right_examples import RightExamples


def share(found: CorrectExamples | None, which: str) -> float:
    assert found is not None
    return float(unpacked(getattr(found, which), found.count).mean())


@pytest.mark.parametrize("seeds", [(0,), (0, 1, 2)])
def test_the_bits_are_those_of_the_accuracies(seeds: tuple[int, ...]) -> None:
    training = train(SMALL.replace(epochs=6, lr=0.05), seeds)
    for r in range(len(seeds)):
        curve, found = training.history[r]["val_accuracy"], training.right.examples(r)
        assert share(found, "last") == curve[-1] and share(found, "best") == max(curve)


def test_the_best_is_the_first_of_the_best() -> None:
    kept = RightExamples(1, 3, torch.device("cpu"))
    for marks, accuracy in (([1, 0, 1], 2 / 3), ([1, 1, 0], 2 / 3), ([0, 0, 1], 1 / 3)):
        kept.marks[0] = torch.tensor(marks, dtype=torch.bool)
        kept.take(0, accuracy)
    found = kept.examples(0)
    assert found == CorrectExamples(3, bytes([0b00100000]), bytes([0b10100000]))


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


def test_of_very_many_examples_a_fixed_sample_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = kept_examples(300_000)
    assert len(rows) == 100_000 and (np.diff(rows) == 3).all()
    kept = RightExamples(1, 300_000, torch.device("cpu"))
    kept.marks[0, ::3] = True
    kept.take(0, 1 / 3)
    found = kept.examples(0)
    assert found is not None and found.count == 100_000 and share(found, "best") == 1.0
