"""What watches over Ray's trials: each thing that Ray says is told to the queue. Ray is imported, and not started."""

from __future__ import annotations

import copy
import pickle
from types import SimpleNamespace
from typing import Any

import pytest

from study.execution.liveness import LivenessMonitor
from study.execution.ray_callbacks import stopper, trial_guard, when_tune_begins
from study.planning.executor import StopRequest
from trainables.config.errors import EngineError, StoreError
from trainables.jobs.job import StepReport
from trainables.jobs.ray_trainable import REPORT


class Told:
    """Stands for a queue: keeps what it is told."""

    def __init__(self) -> None:
        self.said: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Any:
        return lambda *what: self.said.append((name, *what))


class Desk:
    """A guard with what it speaks to; the clock stands still until it is moved."""

    def __init__(self) -> None:
        self.work, self.stop, self.killed, self.now = Told(), StopRequest(), list[str](), 0.0
        self.watch: LivenessMonitor[int] = LivenessMonitor(lambda n: n, lambda n: 1.0, 100.0, lambda: self.now)
        ray = SimpleNamespace(kill=self.killed.append)
        self.guard: Any = trial_guard(self.work, self.watch, self.stop, ray)  # type: ignore[arg-type]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def trial(number: int, why: str = "", last: StepReport | None = None) -> Any:
    return SimpleNamespace(
        config={"number": number},
        error_file=None,
        get_error=lambda: why,
        last_result={REPORT: last} if last else None,
        temporary_state=SimpleNamespace(ray_actor=f"actor {number}"),
    )


def test_the_queue_is_told_what_becomes_of_a_trial(desk: Desk) -> None:
    half, end = StepReport(done=False, epochs=1, epoch_seconds=2.0), StepReport(done=True, epochs=2)
    desk.guard.on_trial_start(0, [], trial(5))
    desk.guard.on_trial_result(0, [], trial(5), {REPORT: half})
    desk.guard.on_trial_complete(0, [], trial(5, last=end))
    assert desk.work.said == [("began", 5), ("reported", 5, half), ("completed", 5, end)]
    assert not desk.stop.asked and not desk.watch.running


def test_the_import_is_no_sign_of_life_of_the_trial(desk: Desk) -> None:
    """Reading what was saved of it comes after, and may take as long as the first sign may."""
    desk.guard.on_trial_start(0, [], trial(5))
    first = desk.watch.limit(5)
    desk.now = 3.0
    desk.guard.on_trial_result(0, [], trial(5), {REPORT: StepReport(done=False, imported=True)})
    assert desk.work.said == [("began", 5), ("imported",)]
    assert desk.watch.limit(5) == first and desk.watch.running == {5: 0.0}


def test_a_trial_that_is_tried_again_and_one_that_is_lost(desk: Desk) -> None:
    desk.guard.on_trial_start(0, [], trial(1))
    desk.guard.on_trial_recover(0, [], trial(1, "RuntimeError: one"))
    desk.guard.on_trial_error(0, [], trial(1, "a line\nRuntimeError: two"))
    assert desk.work.said[1:] == [("returned", 1), ("lost", 1, "RuntimeError: two")] and not desk.stop.asked


@pytest.mark.parametrize(("foreign", "kind"), [(False, StoreError), (True, EngineError)])
def test_what_the_folder_refuses_or_other_code_ends_the_run(desk: Desk, kind: type, *, foreign: bool) -> None:
    desk.guard.on_trial_result(0, [], trial(1), {REPORT: StepReport(done=True, refused="no space", foreign=foreign)})
    assert desk.stop.reason == "no space" and desk.stop.kind is kind


def test_what_no_worker_can_import_ends_the_run_for_trying_again_changes_nothing(desk: Desk) -> None:
    desk.guard.on_trial_recover(0, [], trial(1, "ModuleNotFoundError: No module named 'mine'"))
    assert "cannot import what it needs" in desk.stop.reason and desk.stop.kind is EngineError


def test_a_trial_that_hangs_loses_its_worker_and_the_reason_is_that(desk: Desk) -> None:
    for number in (1, 2):
        desk.guard.on_trial_start(0, [], trial(number))
        desk.guard.on_trial_result(0, [], trial(number), {REPORT: StepReport(done=False, epochs=1, epoch_seconds=1.0)})
    desk.now = 90.0
    desk.guard.on_trial_result(0, [], trial(2), {REPORT: StepReport(done=False, epochs=2, epoch_seconds=1.0)})
    desk.guard.on_step_end(0, [trial(1), trial(2)])
    assert desk.killed == []
    desk.now = 101.0
    desk.guard.on_step_end(0, [trial(1), trial(2)])
    assert desk.killed == ["actor 1"]
    desk.guard.on_trial_error(0, [], trial(1, "ActorDiedError: it is gone"))
    assert desk.work.said[-1] == ("lost", 1, "it hung: no epoch ended within 100 s")


def test_ray_stops_when_it_is_asked_to(desk: Desk) -> None:
    made = stopper(desk.stop)
    assert not made.stop_all() and not made("x", {})
    desk.stop.because("enough")
    assert made.stop_all() and not made("x", {}), "the run ends, and no trial by itself"


def test_ray_may_copy_and_pickle_them(desk: Desk) -> None:
    for made in (desk.guard, stopper(desk.stop)):
        assert copy.deepcopy(made) is made
        assert pickle.loads(pickle.dumps(made)) is not None  # our own bytes


def test_when_tune_begins_is_said_and_nothing_of_it_is_kept() -> None:
    said: list[str] = []
    callback: Any = when_tune_begins(lambda: said.append("begun"))
    callback.setup(stop=None, num_samples=-1, total_num_samples=0)
    assert said == ["begun"] and copy.deepcopy(callback) is callback
    assert type(pickle.loads(pickle.dumps(callback))).__name__ == "Callback"
