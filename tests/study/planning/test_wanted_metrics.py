"""A trial whose record lacks a metric that is asked for is trained again."""

from __future__ import annotations

import pytest

from study.planning.wanted_metrics import check_metrics, wanted_metrics
from study.spec.registry import load_study
from trainables.config.errors import BadInput


def test_claims_ask_for_the_metrics_that_they_speak_of() -> None:
    wanted = wanted_metrics([load_study("dropout")])
    assert {"train_accuracy", "val_accuracy"} <= wanted and "accuracy_gap" not in wanted
    assert wanted_metrics([]) == frozenset() and wanted_metrics([], ["penalty"]) == {"penalty"}


def test_a_metric_that_is_none_is_refused_with_the_nearest() -> None:
    with pytest.raises(BadInput, match="did you mean val_loss"):
        check_metrics(["val_loss", "val_los"])
    assert wanted_metrics([], ["val_los"]) == frozenset()
