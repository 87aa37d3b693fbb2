"""Policies of early stopping against cases worked out by hand, and replays of them."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from study.search import replay as replays
from study.search import schedulers
from study.search.replay import CurveTable, replay, score
from study.spec.search import Scheduler

FLAT = np.repeat(np.arange(8.0)[:, None], 9, axis=1)
"""Eight configurations whose value never changes, 0 to 7."""


def finished(scheduler: Scheduler, order: list[int], curves: np.ndarray = FLAT, workers: int = 1) -> dict[int, int]:
    return replay(curves, scheduler, order, workers).reached


def test_without_a_scheduler_everybody_is_trained_to_the_end() -> None:
    run = replay(FLAT, Scheduler(name="none"), list(range(8)), 3)
    assert run.spent == 72 and set(run.reached.values()) == {9} and len(run.whole) == 8


def test_halving_after_one_epoch_continues_the_best_k() -> None:
    reached = finished(Scheduler(name="halving", keep=2), [3, 7, 1, 0, 6, 2, 5, 4])
    assert {c for c, e in reached.items() if e == 9} == {6, 7}
    assert all(e == 1 for c, e in reached.items() if c < 6)


def test_halving_by_a_third_in_rounds() -> None:
    reached = finished(Scheduler(name="halving", reduction=2, grace=1), list(range(8)))
    assert sorted(reached.values()) == [1, 1, 1, 1, 2, 2, 9, 9]  # 8 at 1, 4 at 2, 2 at 4 and 8, and the last two to 9


@pytest.mark.parametrize("order", [list(range(8)), list(range(7, -1, -1))])
def test_ray_like_asha_depends_on_the_order_and_promoting_asha_much_less(order: list[int]) -> None:
    curves = FLAT[:, :2]
    stopping = finished(Scheduler(name="asha-stop", reduction=2), order, curves)
    ascending = order[0] == 0
    kept = sum(e == 2 for e in stopping.values())
    assert kept == (8 if ascending else schedulers.MIN_WHOLE_PROPOSALS)  # descending, the rule alone keeps 1
    promoting = finished(Scheduler(name="asha", reduction=2), order, curves)
    whole = {c for c, e in promoting.items() if e == 2}
    assert {4, 5, 6, 7} <= whole and len(whole) == (7 if ascending else 4)


def test_asha_promotes_a_paused_one_when_later_results_make_it_the_best() -> None:
    policy = schedulers.make_scheduler(Scheduler(name="asha", reduction=2), 4)
    for n, value in enumerate([0.5, 0.9]):
        policy.sent(n, policy.start(n))
        policy.report(n, [value])
    assert policy.ready(False) == (1, 2)
    policy.sent(1, 2)
    assert policy.ready(False) is None
    for n in (2, 3):
        policy.sent(n, 1)
        policy.report(n, [0.1])
    assert policy.ready(False) == (0, 2)  # the second of four now, so in the upper half


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


def test_hyperband_takes_its_brackets_in_turn() -> None:
    policy = schedulers.make_scheduler(Scheduler(name="hyperband", reduction=3), 9)
    assert [policy.start(n) for n in range(18)] == [1] * 9 + [3] * 5 + [9] * 3 + [1]


def test_median_stops_what_is_below_the_median_of_means() -> None:
    reached = finished(Scheduler(name="median", grace=3), [7, 6, 5, 4, 3, 2, 1, 0])
    assert [reached[c] for c in (7, 6, 5)] == [9, 9, 9]  # the first three have nobody to be compared with
    assert all(reached[c] == 3 for c in (3, 2, 1, 0))


@pytest.mark.parametrize("name", ["none", "asha", "asha-stop", "halving", "hyperband", "median"])
@pytest.mark.parametrize("workers", [1, 3, 50])
def test_every_policy_ends_with_at_least_two_whole_and_the_best_among_them(name: str, workers: int) -> None:
    for order in itertools.islice(itertools.permutations(range(8)), 0, None, 4999):
        run = replay(FLAT, Scheduler(name=name, reduction=2), list(order), workers)  # type: ignore[arg-type]
        whole = {c for _, c in run.whole}
        assert len(whole) >= 2 and 7 in whole, (name, order)
        assert run.spent == sum(run.reached.values())


def test_brackets_of_asha_begin_at_later_rungs_in_turn() -> None:
    policy = schedulers.make_scheduler(Scheduler(name="asha", brackets=2), 9)
    assert [policy.start(n) for n in range(4)] == [1, 3, 1, 3]


def test_score_of_a_table_whose_truth_is_known() -> None:
    rng = np.random.default_rng(0)
    crossing = np.vstack([np.linspace(0.5, 0.8, 9), np.linspace(0.2, 0.9, 9), rng.uniform(0, 0.1, (6, 9))])
    table = CurveTable(crossing[:, None, :])
    late = score(table, Scheduler(name="none"), orders=20, share=1.0)
    assert late.survived == 1.0 and late.regret.mean == 0 and late.spent.mean == 1.0
    early = score(table, Scheduler(name="halving", keep=2), orders=20, share=1.0)
    assert early.survived == 1.0 and early.spent.mean == pytest.approx((8 + 2 * 8) / 72)
    assert early.budget.mean <= early.spent.mean


def test_a_table_reads_and_a_wrong_file_is_bad_input(tmp_path: Path) -> None:
    from trainables.config.errors import BadInput

    (tmp_path / "x.parquet").write_bytes(b"nonsense")
    with pytest.raises(BadInput, match="cannot be read"):
        replays.read(tmp_path / "x.parquet")


GOOD: dict[str, list[Any]] = {
    "configuration": [0, 1],
    "seed": [0, 0],
    "config": ["{}", "{}"],
    "val_accuracy": [[0.1, 0.2], [0.2, 0.3]],
}


@pytest.mark.parametrize(
    "wrong",
    [
        {"val_accuracy": [None, [0.1]]},
        {"val_accuracy": ["a", "b"]},
        {"val_accuracy": [[], []]},
    ],
)
def test_a_table_with_foreign_values_is_bad_input(tmp_path: Path, wrong: dict[str, list[Any]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from trainables.config.errors import BadInput

    pq.write_table(pa.table(GOOD), tmp_path / "x.parquet")
    assert replays.read(tmp_path / "x.parquet").values.shape == (2, 1, 2)
    pq.write_table(pa.table({**GOOD, **wrong}), tmp_path / "x.parquet")
    with pytest.raises(BadInput):
        replays.read(tmp_path / "x.parquet")
