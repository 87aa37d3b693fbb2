"""Policies of early stopping, held to the same by replays."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from study.search.replay import replay
from study.spec.search import Scheduler

FLAT = np.repeat(np.arange(8.0)[:, None], 9, axis=1)
"""Eight configurations whose value never changes, 0 to 7."""


def finished(scheduler: Scheduler, order: list[int], curves: np.ndarray = FLAT, workers: int = 1) -> dict[int, int]:
    return replay(curves, scheduler, order, workers).reached


def test_without_a_scheduler_everybody_is_trained_to_the_end() -> None:
    run = replay(FLAT, Scheduler(name="none"), list(range(8)), 3)
    assert run.spent == 72 and set(run.reached.values()) == {9} and len(run.whole) == 8


def test_nan_is_never_promoted_and_costs_only_what_it_ran() -> None:
    curves = FLAT.copy()
    curves[7, 1:] = math.nan
    for name in ("none", "asha", "asha-stop", "halving", "hyperband", "median"):
        run = replay(curves, Scheduler(name=name, reduction=2), list(range(7, -1, -1)), 1)
        assert run.reached[7] <= 2 and 7 not in {c for _, c in run.whole}
        assert 6 in {c for _, c in run.whole}, name


def test_all_diverged_ends() -> None:
    for name in ("none", "asha", "asha-stop", "halving", "hyperband", "median"):
        run = replay(np.full((5, 9), math.nan), Scheduler(name=name), list(range(5)), 2)
        assert run.whole == () and run.spent == 5


@pytest.mark.parametrize("name", ["none", "asha", "asha-stop", "halving", "hyperband", "median"])
@pytest.mark.parametrize("workers", [1, 3, 50])
def test_every_policy_ends_with_at_least_two_whole_and_the_best_among_them(name: str, workers: int) -> None:
    for order in itertools.islice(itertools.permutations(range(8)), 0, None, 4999):
        run = replay(FLAT, Scheduler(name=name, reduction=2), list(order), workers)  # type: ignore[arg-type]
        whole = {c for _, c in run.whole}
        assert len(whole) >= 2 and 7 in whole, (name, order)
        assert run.spent == sum(run.reached.values())
