"""Summaries of tensors are those of NumPy."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from tests.trainables.small import SMALL, train
from trainables.records.tensor_summary import BINS, QUANTILES
from trainables.training.device_arrays import prepare_process
from trainables.training.distributions import summary


@pytest.fixture(autouse=True)
def _a_process_that_trains() -> None:
    prepare_process()


def test_summary_is_numpys() -> None:
    values = torch.randn(1000, generator=torch.Generator().manual_seed(0))
    got = summary(values, 3, "parameter", "W1")
    assert got.count == 1000 and sum(got.histogram) == 1000 and len(got.histogram) == BINS
    assert got.quantiles[0] == values.min().item() and got.quantiles[-1] == values.max().item()
    assert got.mean == pytest.approx(values.mean().item(), abs=1e-6)
    assert got.std == pytest.approx(values.std(correction=0).item(), rel=1e-6)


@pytest.mark.parametrize("scale", [1e-20, 1.0, 1e20])
@pytest.mark.parametrize("steps", [0, 3, 50])
def test_the_histogram_is_numpys(scale: float, steps: int) -> None:
    values = torch.randn(5000, generator=torch.Generator().manual_seed(1))
    if steps:  # many values that lie on the bins' edges
        values = (values * steps).round() / steps
    values *= scale
    counts, _ = np.histogram(values.double().numpy(), BINS)
    assert summary(values, 1, "parameter", "W1").histogram == tuple(counts.tolist())


def test_summary_of_what_has_no_width() -> None:
    one = summary(torch.full((7,), 1e20), 1, "parameter", "b1")
    assert sum(one.histogram) == 7 and one.std == 0.0  # numpy's histogram refuses so large a value


@pytest.mark.parametrize("values", [[math.nan], [0.0, math.nan, 1.0], [0.0, math.inf, 1.0], [0.0, -math.inf, 1.0]])
def test_summary_of_what_is_not_finite(values: list[float]) -> None:
    lost = summary(torch.tensor(values), 1, "parameter", "b1")
    assert math.isnan(lost.mean) and lost.histogram == () and len(lost.quantiles) == len(QUANTILES)


def test_names_of_the_tensors_are_the_true_ones() -> None:
    training = train(SMALL.replace(batch_norm=True, epochs=1))
    names = [(t.kind, t.name) for t in training.final_tensors(0)]
    parameters = [n for kind, n in names if kind == "parameter"]
    assert parameters == ["W1", "b1", "gamma1", "beta1", "W2", "b2"]
    assert [n for kind, n in names if kind == "activation"] == ["Z1", "A1"]
