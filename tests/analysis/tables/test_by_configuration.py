from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from analysis.data.frames import from_records
from analysis.data.load import load
from analysis.statistics import estimates as stats
from analysis.tables.by_configuration import by_configuration
from study.spec import registry
from tests import synthetic
from tests.analysis.stores import store_of

SCALING = registry.load_study("scaling")


def test_is_the_mean_with_its_interval(tmp_path: Path) -> None:
    frames = load(store_of(tmp_path, [SCALING], seeds=(0, 1, 2))).frames
    table = by_configuration(frames).set_index("group")
    for arm in SCALING.arms:
        config = SCALING.config(arm.name)
        last = [synthetic.record(config.replace(seed=s)).epochs["val_accuracy"][-1] for s in (0, 1, 2)]
        expected, row = stats.mean_interval(last), table.loc[config.group(synthetic.CHECKSUM)]
        assert row["n"] == 3 and row["epochs_done"] == 5
        assert (row["val_accuracy"], row["val_accuracy_low"], row["val_accuracy_high"]) == pytest.approx(
            (expected.value, expected.low, expected.high)
        )


def test_takes_finished_trials_only() -> None:
    endings = {("scaled", 0): ("stopped", 2), ("scaled", 1): ("diverged", 2)}
    table = by_configuration(from_records(synthetic.records(SCALING, (0, 1, 2), endings=endings)))  # type: ignore[arg-type]
    assert sorted(table["n"]) == [1, 3]
    assert np.isnan(table.loc[table["n"] == 1, "val_loss_low"]).all()


def test_nothing_gives_nothing() -> None:
    assert by_configuration(from_records([])).empty
