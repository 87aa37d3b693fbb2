"""Replays of recorded curves under a scheduler, and the tables that they read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from study.search import replay as replays
from study.search.replay import CurveTable, score
from study.spec.search import Scheduler
from study.storage.results_folder import ResultsFolder
from tests import synthetic
from trainables.config.trial_config import TrialConfig


def test_score_of_a_table_whose_truth_is_known() -> None:
    rng = np.random.default_rng(0)
    crossing = np.vstack([np.linspace(0.5, 0.8, 9), np.linspace(0.2, 0.9, 9), rng.uniform(0, 0.1, (6, 9))])
    table = CurveTable(crossing[:, None, :])
    late = score(table, Scheduler(name="none"), orders=20, share=1.0)
    assert late.survived == 1.0 and late.regret.mean == 0 and late.spent.mean == 1.0
    early = score(table, Scheduler(name="halving", keep=2), orders=20, share=1.0)
    assert early.survived == 1.0 and early.spent.mean == pytest.approx((8 + 2 * 8) / 72)
    assert early.budget.mean <= early.spent.mean


def test_a_trial_that_diverged_is_lost_in_that_epoch(tmp_path: Path) -> None:
    """Its accuracy there is a number, and a scheduler that decides there would rank it by that."""
    store = ResultsFolder(tmp_path / "r", create=True)
    for lr, done in ((0.1, 9), (0.2, 9), (0.3, 3), (0.4, 1)):
        ending: Any = "finished" if done == 9 else "diverged"
        store.write(synthetic.record(TrialConfig(lr=lr, epochs=9), ending, done, shift=lr))
    curves = replays.read(tmp_path / "r").mean
    assert sorted(np.isfinite(curves).sum(axis=1).tolist()) == [0, 2, 9, 9] and curves.shape == (4, 9)
    lost = int(np.isfinite(curves).sum(axis=1).tolist().index(2))
    order = [lost, *(c for c in range(4) if c != lost)]
    for scheduler in (Scheduler(name="none"), Scheduler(name="asha", grace=3)):
        assert replays.replay(curves, scheduler, order).reached[lost] == 3


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


def test_the_table_fits_eighty_columns() -> None:
    """Its lines had 108, and broke anywhere."""
    table = CurveTable(np.random.default_rng(0).uniform(size=(6, 2, 9)))
    scores = [score(table, s, orders=5) for s in replays.candidates()]
    said = replays.replay_text(scores, table, 1, 5).splitlines()
    assert max(map(len, said)) <= 80 and sum(line.startswith(("asha", "halving")) for line in said) >= 5
