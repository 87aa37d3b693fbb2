"""Rungs and brackets, by hand, and how values are ranked."""

from __future__ import annotations

import math

import numpy as np
import pytest

from study.search.rungs import halving_rungs, hyperband_brackets, quantile, rungs, sort_key
from study.spec.search import Scheduler


@pytest.mark.parametrize(
    ("grace", "reduction", "epochs", "expected"),
    [(1, 2, 8, (1, 2, 4, 8)), (3, 3, 10, (3, 9, 10)), (5, 2, 5, (5,)), (9, 2, 4, (4,)), (1, 3, 1, (1,))],
)
def test_the_last_epoch_is_always_one_and_none_lies_beyond(
    grace: int, reduction: int, epochs: int, expected: tuple[int, ...]
) -> None:
    assert rungs(Scheduler(name="asha", grace=grace, reduction=reduction), epochs) == expected
    assert halving_rungs(Scheduler(name="halving", grace=grace, reduction=reduction), epochs) == expected


def test_halving_that_keeps_so_many_decides_once() -> None:
    assert halving_rungs(Scheduler(name="halving", keep=4, grace=3), 25) == (3, 25)
    assert halving_rungs(Scheduler(name="halving", keep=4, grace=25), 25) == (25,)


def test_each_bracket_begins_a_rung_later_with_fewer() -> None:
    for epochs in (1, 4, 9, 25, 81):
        brackets = hyperband_brackets(Scheduler(name="hyperband", reduction=3), epochs)
        assert [places for _, places in brackets] == [brackets[0][1][i:] for i in range(len(brackets))]
        assert [n for n, _ in brackets] == sorted((n for n, _ in brackets), reverse=True)


def test_what_is_no_number_ranks_last() -> None:
    assert sorted([0.5, math.nan, 0.9, -math.inf], key=sort_key)[:2] == [0.9, 0.5]
    assert math.isnan(sorted([math.nan, -1e308], key=sort_key)[-1])


@pytest.mark.parametrize("q", [0.0, 0.1, 0.5, 0.77, 1.0])
def test_quantiles_are_numpys(q: float) -> None:
    values = [3.0, 1.0, 2.5, 2.5, -4.0]
    assert quantile(values, q) == pytest.approx(np.quantile(values, q))
    assert quantile([7.0], q) == 7.0
