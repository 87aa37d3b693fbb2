"""The digests of what measures: whoever rewrites a measuring function has to say whether its numbers are the same."""

from __future__ import annotations

import ast

import pytest

from trainables.records.metric_sources import is_held, source_digest, sources, spelled
from trainables.records.metrics import FORMAT_1_DIGEST, FORMAT_1_METRICS, METRICS, RECORDED

PINNED = {
    "train_loss": "b2f15ab425cea8b8",
    "train_accuracy": "8980732fca446b3d",
    "train_loss_eval": "8980732fca446b3d",
    "val_loss": "8980732fca446b3d",
    "val_accuracy": "8980732fca446b3d",
    "penalty": "4e591d1c89ca7a60",
    "lr": "3b3172253390001c",
    "updates": "8c6c53747cdcc745",
    "seconds": "d37f9f5e10350f5c",
    "eval_seconds": "d37f9f5e10350f5c",
}


def test_every_metric_has_the_source_that_is_pinned_here() -> None:
    """A digest that is no longer this one makes every record on disk lack the metric. Where the numbers are the same,
    add the digest that was here to the metric's `same_as`; where they are not, leave it, and it is measured again.
    """
    assert sources() == PINNED


def test_records_of_format_1_hold_what_they_held() -> None:
    assert all(is_held(METRICS[name], FORMAT_1_DIGEST) for name in FORMAT_1_METRICS) and set(FORMAT_1_METRICS) <= set(
        RECORDED
    )
    assert not is_held(METRICS["val_loss"], None) and not is_held(METRICS["val_loss"], "0" * 16)


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("def f(x):\n    return x + 1", 'def f(x):\n    """Doc."""\n    return (x +  1)  # why', True),
        ("def f(x):\n    return x + 1", "def f(x):\n    return x + 2", False),
        ("def f(x):\n    return f'{x!r}'", 'def f(x):\n    return f"{x!r}"', True),
    ],
)
def test_layout_and_words_are_no_part_of_it(a: str, b: str, same: bool) -> None:
    assert (spelled(ast.parse(a)) == spelled(ast.parse(b))) == same


def test_a_name_within_a_class_is_found() -> None:
    assert len(source_digest("training/loop.py:Training._now")) == 16
