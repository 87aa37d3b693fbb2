"""What a searcher sees of a configuration's replicates."""

from __future__ import annotations

import math

import pytest

from tests import synthetic
from trainables.config.trial_config import TrialConfig
from trainables.records.mean_curves import mean_curves
from trainables.records.metrics import METRICS, OBJECTIVES

ONE, TWO = (synthetic.record(TrialConfig(epochs=4, seed=s)).epochs for s in (0, 1))


def test_each_objective_is_the_mean_of_the_replicates_and_times_add_up() -> None:
    found = mean_curves([ONE, TWO], 4)
    assert tuple(found) == OBJECTIVES and {len(values) for values in found.values()} == {4}
    assert found["val_accuracy"] == pytest.approx(
        [(a + b) / 2 for a, b in zip(ONE["val_accuracy"], TWO["val_accuracy"], strict=True)]
    )
    gaps = [t - v for t, v in zip(found["train_accuracy"], found["val_accuracy"], strict=True)]
    assert found["accuracy_gap"] == pytest.approx(gaps)
    for name in (n for n in OBJECTIVES if METRICS[n].is_time):
        steps = [(a + b) / 2 for a, b in zip(ONE[name], TWO[name], strict=True)]
        assert found[name] == pytest.approx([sum(steps[: i + 1]) for i in range(4)])


def test_they_end_where_the_shortest_replicate_does_and_where_they_are_asked_to() -> None:
    assert len(mean_curves([ONE, TWO.first(2)], 4)["val_loss"]) == 2
    assert len(mean_curves([ONE, TWO], 3)["val_loss"]) == 3


def test_where_one_replicate_has_no_number_there_is_no_mean() -> None:
    broken = TWO.replace(val_loss=(*TWO["val_loss"][:-1], math.nan))
    found = mean_curves([ONE, broken], 4)["val_loss"]
    assert math.isnan(found[-1]) and all(map(math.isfinite, found[:-1]))
