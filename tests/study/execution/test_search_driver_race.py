"""Racing those too close to call, where it is interrupted and where a trial of it fails."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from study.execution import search_driver
from study.planning.executor import Assignment, RunContext, WorkQueue
from study.storage.results_folder import ResultsFolder
from study.storage.search_events import ranked_proposals
from study.storage.search_log import answer_of, search_parts
from tests import synthetic
from tests.study.execution.test_search_driver import setting
from tests.study.execution.test_search_driver_whole import study, trained
from tests.study.made_up import MadeUp
from trainables.jobs.job import StepReport
from trainables.records.mean_curves import mean_curves

SEARCH = study(racing=2)
FIRST_OF_RACE = 2
"""The search trains seeds 0 and 1 of each."""


class Racing(MadeUp):
    """Stops the run, or loses a trial, when the race has had so many trials of its first seed."""

    def __init__(self, stop_after: int | None = None, lose: int | None = None) -> None:
        super().__init__(trained)
        self.stop_after, self.lose = stop_after, lose
        self.raced: list[float] = []

    def do(self, given: Assignment, work: WorkQueue, run: RunContext) -> None:
        config = given.job.config
        if given.job.seeds == (FIRST_OF_RACE,):
            if len(self.raced) == self.stop_after:
                run.settings.stop.signalled = True
                return work.returned(given.number)
            self.raced.append(config.lr)
            if len(self.raced) - 1 == self.lose:
                return work.lost(given.number, "it fails")
        return super().do(given, work, run)


def searched(folder: Path, executor: MadeUp) -> tuple[search_driver.SearchOutcome, ResultsFolder]:
    made = dataclasses.replace(setting(folder, SEARCH), executor=executor)
    search_driver.check_setup(made)
    made.store.studies.freeze(SEARCH)
    return search_driver.run_search(made, 3), made.store


def test_a_race_that_is_interrupted_freezes_no_answer_and_goes_on(tmp_path: Path) -> None:
    whole, store = searched(tmp_path / "whole", Racing())
    ended = answer_of(store, "s")
    assert not whole.interrupted and ended is not None and ended.raced
    for after in (0, 1):
        found, store = searched(tmp_path / f"{after}", Racing(stop_after=after))
        assert found.interrupted and found.answer is None
        assert answer_of(store, "s") is None and not store.studies.versions("s.answer")
        found, store = searched(tmp_path / f"{after}", rest := Racing())
        assert not found.interrupted and answer_of(store, "s") == ended
        assert len(rest.raced) + after == len(ended_first_round(tmp_path))


def ended_first_round(folder: Path) -> set[str]:
    """Trials of the first seed of the race, where nothing interrupted it."""
    store = ResultsFolder(folder / "whole" / "r")
    return {r.id for r in store.trials.records() if r.config.seed == FIRST_OF_RACE}


def test_a_racer_whose_trial_failed_is_out_and_the_failure_is_told(tmp_path: Path) -> None:
    found, store = searched(tmp_path, racing := Racing(lose=0))
    assert [reason for _, reason in found.failed] == ["it fails"] and not found.interrupted
    answer = answer_of(store, "s")
    assert answer is not None and found.answer is not None and len(racing.raced) > 1
    lost = racing.raced[0]
    seeds = {r.proposal: r.seeds for r in answer.raced}
    assert all(n > FIRST_OF_RACE for n in seeds.values())
    assert len(seeds) == len(racing.raced) - 1, "it has no seed more"
    assert all(arm.change["lr"] != lost for arm in found.answer.arms if arm.name == "winner")


def test_a_seed_that_diverged_is_worst_in_a_race_whatever_its_last_epoch_reported(tmp_path: Path) -> None:
    """The search's best diverges under each of the race's seeds, in an epoch that still has an accuracy."""
    best = read_best(tmp_path)

    class Diverging(Racing):
        def do(self, given: Assignment, work: WorkQueue, run: RunContext) -> None:
            config = given.job.config
            if config.lr != best or given.job.seeds[0] not in (FIRST_OF_RACE, FIRST_OF_RACE + 1):
                return super().do(given, work, run)
            made = synthetic.record(config.replace(seed=given.job.seeds[0]), "diverged", 2, shift=0.3)
            run.store.write(dataclasses.replace(made, data_checksum=run.data.checksum))
            curves = mean_curves([made.epochs], 3)
            work.completed(given.number, StepReport(done=True, epochs=2, curves=curves, diverged=True))
            return None

    found, _ = searched(tmp_path / "diverging", Diverging())
    assert found.answer is not None
    winner = next(arm for arm in found.answer.arms if arm.name == "winner")
    assert winner.change["lr"] != best and found.answer.arms[0] == winner


def read_best(folder: Path) -> float:
    """The rate that the search itself finds best."""
    _, store = searched(folder / "plain", Racing())
    (part,) = search_parts(store)
    return float(ranked_proposals(part.proposals, "val_accuracy")[0].point["lr"])
