"""A plan through any executor to an outcome: what was trained, what failed for good, and what is left."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from study.execution.plan_driver import run_plan
from study.execution.progress import Progress
from study.planning.executor import Assignment, ExecutionSettings, Outcome, RunContext, StopRequest, WorkQueue
from study.planning.plan import Plan, plan_trials
from study.planning.protocol import Protocol
from study.spec.study import Arm, Study
from study.storage.results_folder import ResultsFolder
from tests import synthetic
from tests.study.made_up import MadeUp
from tests.trainables.training.test_checkpoint import data
from trainables.config.errors import EngineError

STUDY = Study(
    name="s", title="t", question="q", knobs=("lr",), epochs=2, arms=(Arm(name="a"), Arm(name="b", change={"lr": 0.01}))
)


class Seen(MadeUp):
    """Loses the jobs of some seeds, and ends the run before some others."""

    def __init__(self, lost: tuple[int, ...] = (), stops_at: int | None = None) -> None:
        super().__init__(lambda config, until: synthetic.record(config, "finished", until))
        self.lost, self.stops_at = lost, stops_at

    def do(self, given: Assignment, work: WorkQueue, run: RunContext) -> None:
        if given.job.seeds == (self.stops_at,):
            run.settings.stop.signalled = True
            return work.returned(given.number)
        if given.job.seeds[0] in self.lost:
            return work.lost(given.number, f"seed {given.job.seeds[0]} was lost")
        return super().do(given, work, run)


@pytest.fixture
def run(tmp_path: Path) -> RunContext:
    return RunContext(ResultsFolder(tmp_path / "r", create=True), data(), ExecutionSettings(stop=StopRequest()), "run")


def plan(run: RunContext, seeds: int) -> Plan:
    done = run.store.trials.on_record()
    return plan_trials([STUDY], Protocol(tuple(range(seeds))), run.data.checksum, done, synthetic.FASHION)


def outcome(run: RunContext, seeds: int, executor: MadeUp) -> Outcome:
    made = plan(run, seeds)
    return run_plan(made, run, executor, Progress(len(made.missing), made.seconds_to_train, io.StringIO()))


def test_what_is_missing_is_trained_and_nothing_else(run: RunContext) -> None:
    first = outcome(run, 2, Seen())
    assert (first.trained, first.failed, first.interrupted) == (4, (), False)
    more = outcome(run, 3, Seen())
    assert more.trained == 2 and not plan(run, 3).missing
    assert outcome(run, 3, Seen(stops_at=0)) == Outcome(0, (), False, 0.0), (
        "no executor is asked where nothing is missing"
    )


def test_what_is_lost_is_on_record_as_failed_and_the_others_are_trained(run: RunContext) -> None:
    found = outcome(run, 3, Seen(lost=(1,)))
    assert found.trained == 4 and not found.interrupted
    assert set(found.failed) == {("s/a, seed 1", "seed 1 was lost"), ("s/b, seed 1", "seed 1 was lost")}
    assert len(run.store.folder.names("failures")) == 2
    assert len(plan(run, 3).missing) == 2, "a later run tries them again"


def test_a_run_that_is_asked_to_end_says_so_and_goes_on_later(run: RunContext) -> None:
    found = outcome(run, 3, Seen(stops_at=1))
    assert found.interrupted and found.failed == () and 0 < len(plan(run, 3).missing) < 6
    run.settings.stop.signalled = False
    assert outcome(run, 3, Seen()).trained == len(plan(run, 3).trials) - found.trained
    assert not run.settings.stop.gently, "after a run a signal is no longer its own"


def test_an_executor_that_breaks_down_ends_the_run_and_leaves_no_line_behind(run: RunContext) -> None:
    class Broken(MadeUp):
        def work_through(self, work: WorkQueue, run: RunContext) -> None:
            raise EngineError("it broke down")

    with pytest.raises(EngineError, match="it broke down"):
        outcome(run, 1, Broken(lambda config, until: synthetic.record(config)))
    assert not run.settings.stop.gently
