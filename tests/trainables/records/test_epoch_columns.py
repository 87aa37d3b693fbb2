"""Epochs as columns."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from benchmarks.gpu import checks
from benchmarks.gpu.checks import Broken
from trainables.config.trial_config import TrialConfig
from trainables.records.epoch_columns import EpochLog
from trainables.training.loop import Training


def test_a_loss_that_is_no_number_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = checks.train

    def train(device: str, config: TrialConfig, seeds: Sequence[int]) -> Training:
        training = real(device, config, seeds)
        if len(seeds) > 1:
            columns = training.history[-1].columns()
            lost = columns.replace(val_loss=(*columns["val_loss"][:-1], math.nan))
            training.history[-1] = EpochLog(lost.columns)
        return training

    monkeypatch.setattr(checks, "train", train)
    with pytest.raises(Broken, match="differ by inf"):
        checks.stacked_is_one_by_one("cpu", "lr")
