"""What a search finds on record."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from study.execution import search_driver
from study.execution.recorded_curves import RecordedCurves
from study.planning.executor import Assignment, RunContext, WorkQueue
from study.search.controller import SearchController, Segment, drain
from study.search.optuna_samplers import make_sampler
from study.spec.domains import Choice
from study.spec.point import SharedKnobs
from study.spec.search import Scheduler
from study.storage.results_folder import ResultsFolder
from study.storage.search_log import search_parts
from tests import synthetic
from tests.study.execution.test_search_driver import setting, study
from tests.study.execution.test_search_driver_whole import trained
from tests.study.made_up import MadeUp
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


def test_a_configuration_that_a_search_tries_again_is_trained_once(tmp_path: Path) -> None:
    """Under a scheduler too, where one goes on from where the other is; in one go, and stopped on the way."""
    space = {"optimizer": Choice(values=("sgd", "adam")), "batch_size": Choice(values=(16, 32))}
    wanted = study(space=space, trials=10, scheduler=Scheduler(name="asha", grace=1, reduction=2))

    class Counts(MadeUp):
        def __init__(self) -> None:
            super().__init__(trained)
            self.seen: list[tuple[TrialConfig, int | None]] = []

        def do(self, given: Assignment, work: WorkQueue, run: RunContext) -> None:
            self.seen.append((given.job.config, given.until))
            if len(self.seen) == self.stop:
                run.settings.stop.signalled = True
            super().do(given, work, run)

        stop = 0

    def run(folder: Path, stop: int = 0) -> Counts:
        counts = Counts()
        counts.stop = stop
        made = dataclasses.replace(setting(folder, wanted), executor=counts)
        made.store.studies.freeze(wanted)
        search_driver.run_search(made, 1)
        return counts

    seen = run(tmp_path / "a").seen
    assert len(seen) == len(set(seen)), "no segment is trained twice"
    first = run(tmp_path / "b", stop=3).seen
    assert len(first) == 3 and [*first, *run(tmp_path / "b").seen] == seen
    parts = [search_parts(ResultsFolder(tmp_path / place / "r"))[0] for place in "ab"]
    assert len(parts[0].proposals) == 10 and parts[0].events == parts[1].events
