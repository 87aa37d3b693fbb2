"""What a search finds on record."""

from __future__ import annotations

from pathlib import Path

from study.execution.recorded_curves import RecordedCurves
from study.search.controller import SearchController, Segment, drain
from study.search.optuna_samplers import make_sampler
from study.spec.point import SharedKnobs
from tests import synthetic
from tests.study.execution.test_search_driver import setting, study
from tests.synthetic import FASHION
from trainables.config.trial_config import TrialConfig


def test_what_is_on_record_is_not_trained_again(tmp_path: Path) -> None:
    made = setting(tmp_path, study(first=({"optimizer": "adam", "lr": 0.01},), trials=1))
    search = made.study.search
    assert search is not None
    for seed in (0, 1):
        made.store.write(synthetic.record(TrialConfig(lr=0.01, epochs=3, seed=seed), "finished", 3))
    controller = SearchController(search, SharedKnobs.of(3), FASHION, make_sampler(search))
    assert drain(controller, RecordedCurves(made.store, synthetic.CHECKSUM, (0, 1)))
    assert controller.proposals[0].state == "whole" and len(controller.proposals[0].curves["val_accuracy"]) == 3


def test_seeds_that_stopped_where_another_diverged_are_on_record(tmp_path: Path) -> None:
    made = setting(tmp_path, study())
    config = TrialConfig(lr=0.01, epochs=3)
    for seed, status, done in ((0, "stopped", 2), (1, "diverged", 2)):
        made.store.write(synthetic.record(config.replace(seed=seed), status, done))  # type: ignore[arg-type]
    found = RecordedCurves(made.store, synthetic.CHECKSUM, (0, 1))(Segment(0, config, 3))
    assert found is not None and found[1] and len(found[0]["val_accuracy"]) == 2
    found = RecordedCurves(made.store, synthetic.CHECKSUM, (0, 1))(Segment(0, config, 1))
    assert found is not None and not found[1] and len(found[0]["val_accuracy"]) == 1
    assert RecordedCurves(made.store, synthetic.CHECKSUM, (0, 1, 2))(Segment(0, config, 1)) is None, (
        "a seed has no record at all"
    )
    made.store.write(synthetic.record(config.replace(seed=2), "stopped", 1))
    assert RecordedCurves(made.store, synthetic.CHECKSUM, (0, 1, 2))(Segment(0, config, 3)) is None, (
        "a seed stopped before another diverged"
    )
