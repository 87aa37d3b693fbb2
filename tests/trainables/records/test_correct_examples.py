"""Which examples a model gets right, as bits."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.trainables.training.test_right_examples import share
from trainables.records.correct_examples import CorrectExamples, kept_examples
from trainables.training.right_examples import RightExamples


def test_the_best_is_the_first_of_the_best() -> None:
    kept = RightExamples(1, 3, torch.device("cpu"))
    for marks, accuracy in (([1, 0, 1], 2 / 3), ([1, 1, 0], 2 / 3), ([0, 0, 1], 1 / 3)):
        kept.marks[0] = torch.tensor(marks, dtype=torch.bool)
        kept.take(0, accuracy)
    found = kept.examples(0)
    assert found == CorrectExamples(3, bytes([0b00100000]), bytes([0b10100000]))


def test_of_very_many_examples_a_fixed_sample_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = kept_examples(300_000)
    assert len(rows) == 100_000 and (np.diff(rows) == 3).all()
    kept = RightExamples(1, 300_000, torch.device("cpu"))
    kept.marks[0, ::3] = True
    kept.take(0, 1 / 3)
    found = kept.examples(0)
    assert found is not None and found.count == 100_000 and share(found, "best") == 1.0
