"""The one table of metrics."""

from __future__ import annotations

import ast
import math

import numpy as np
import pytest

from tests.parsed import nodes_of
from tests.test_house import trees
from trainables.records.metrics import METRICS, OBJECTIVES, OF_TEST, RECORDED, TEST_METRICS, TIMES, add_derived


def test_the_recorded_ones_come_first_and_the_derived_ones_follow_from_them() -> None:
    assert list(METRICS)[: len(RECORDED)] == list(RECORDED)
    for metric in METRICS.values():
        assert (metric.derived_from is None and not metric.is_test) == (metric.name in RECORDED)
        assert (metric.derived_from is None and metric.is_test) == (metric.name in TEST_METRICS)
        assert metric.is_test == (metric.name in OF_TEST)
        assert all(part in (*RECORDED, *(TEST_METRICS if metric.is_test else ())) for part in metric.derived_from or ())
        assert metric.low < metric.high and metric.label and not (metric.is_core and metric.derived_from)
    assert set(RECORDED) > TIMES and set(OBJECTIVES) < set(METRICS)
    assert {m.name for m in METRICS.values() if m.is_core} == {"train_loss", "val_loss", "lr", "updates"}


def test_what_is_sought_has_a_direction() -> None:
    assert all(METRICS[name].direction != "none" for name in OBJECTIVES)


@pytest.mark.parametrize(
    ("name", "worst"), [("val_accuracy", -math.inf), ("val_loss", math.inf), ("accuracy_gap", math.inf)]
)
def test_the_worst_lies_at_the_other_end(name: str, worst: float) -> None:
    assert METRICS[name].worst == worst
    assert math.isnan(METRICS["lr"].worst)


def test_what_is_derived_is_derived_where_its_parts_are() -> None:
    found = add_derived(
        {"val_loss": np.array([2.0]), "train_loss_eval": np.array([0.5]), "val_accuracy": np.array([1])}
    )
    assert found["loss_gap"].tolist() == [1.5] and "accuracy_gap" not in found
    found = add_derived({"train_accuracy": np.array([0.75, 0.875]), "test_accuracy": np.array([math.nan, 0.5])})
    assert math.isnan(found["test_accuracy_gap"][0]) and found["test_accuracy_gap"][1] == 0.375


def test_units_as_they_are_shown() -> None:
    shown = {m.name: (m.scale, m.unit, m.difference_unit) for m in METRICS.values()}
    assert shown["val_accuracy"] == (100.0, "%", "points") and shown["accuracy_gap"] == (100.0, "points", "points")
    assert shown["val_loss"] == (1.0, "nats", "nats") and shown["updates"] == (1.0, "", "")
    assert METRICS["seconds"].axis == "training time [s]"


def test_no_code_but_the_table_derives_a_metric() -> None:
    """`rows["train_accuracy"] - rows["val_accuracy"]` stood in three places."""

    def metric(node: ast.expr) -> bool:
        return isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and node.slice.value in METRICS

    found = [
        f"{path}: line {node.lineno}"
        for path, tree in trees()
        for node in nodes_of(tree)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) and metric(node.left) and metric(node.right)
    ]
    assert found == []
