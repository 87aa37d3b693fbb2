"""Dropout on one layer: the mean stays, and predictions differ in train mode alone."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.chapter.concepts import dropout


def test_dropout_predictions_differ_in_train_mode_and_agree_in_eval_mode():
    frame = dropout.prepare(seed=3)
    counts = frame.groupby(["mode", "output"])["probability"].nunique()
    assert counts["train"].min() > 5
    assert counts["eval"].max() == 1
    sums = frame.groupby(["mode", "repetition"])["probability"].sum()
    np.testing.assert_allclose(sums, 1.0)


def test_dropout_keeps_the_mean():
    rng = np.random.default_rng(0)
    kept = dropout.drop(np.ones(200_000), 0.25, rng)
    assert set(np.unique(kept)) == {0.0, 4 / 3}
    assert kept.mean() == pytest.approx(1.0, abs=0.01)
