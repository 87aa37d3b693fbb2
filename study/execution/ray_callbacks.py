"""What watches over Ray's trials, and ends them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from study.execution.liveness import LivenessMonitor
from study.execution.ray_errors import not_importable, reason_of
from study.execution.ray_patches.tune import actor_of
from study.planning.executor import StopRequest, WorkQueue
from trainables.config.errors import EngineError, StoreError

if TYPE_CHECKING:
    from ray.tune import Callback, ProgressReporter

    from trainables.jobs.job import StepReport


def _report_of(result: dict[str, Any] | None) -> StepReport:
    from trainables.jobs.ray_trainable import report_of  # brings Ray, whose environment is set by now

    return report_of(result)


def _hear(report: StepReport, number: int, work: WorkQueue, watch: LivenessMonitor[int], stop: StopRequest) -> None:
    """Tell who has to know what a worker reported."""
    if report.refused:
        stop.because(report.refused, EngineError if report.foreign else StoreError)
    if report.imported:  # no sign of life of the trial: reading what was saved of it may take long
        work.imported()
    else:
        watch.report(number, report.epoch_seconds)
        work.reported(number, report)


def when_tune_begins(begun: Callable[[], object]) -> Callback:
    """Calls `begun` when Tune has made what it needs, before its first trial."""
    from ray.tune import Callback

    class Begin(Callback):  # type: ignore[misc, unused-ignore]
        """Says so once."""

        def __reduce__(self) -> tuple[Any, ...]:
            return Callback, ()  # as the guard's

        def __deepcopy__(self, memo: object) -> Begin:
            return self

        def setup(self, *args: Any, **info: Any) -> None:
            begun()

    return Begin()


def trial_guard(work: WorkQueue, watch: LivenessMonitor[int], stop: StopRequest, ray: Any) -> Callback:
    """Tells `work` of Ray's trials; ends those that hang, and the run when it is to stop."""
    from ray.tune import Callback

    def number(trial: Any) -> int:
        return int(trial.config["number"])

    class Guard(Callback):  # type: ignore[misc, unused-ignore]
        """Ends workers that give no sign of life, and the run when its folder takes nothing more."""

        def __reduce__(self) -> tuple[Any, ...]:
            return Callback, ()  # Ray pickles its callbacks to disk and never reads them back; ours cannot be pickled

        def __deepcopy__(self, memo: object) -> Guard:
            return self

        def on_trial_start(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
            watch.begin(number(trial))
            work.began(number(trial))

        def on_trial_result(
            self, iteration: int, trials: list[Any], trial: Any, result: dict[str, Any], **info: Any
        ) -> None:
            _hear(_report_of(result), number(trial), work, watch, stop)

        def on_trial_complete(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
            watch.over(number(trial))
            work.completed(number(trial), _report_of(trial.last_result))

        def on_trial_recover(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
            watch.over(number(trial))
            if why := not_importable(reason_of(trial)):
                stop.because(why, EngineError)  # trying again changes nothing
            work.returned(number(trial))

        def on_trial_error(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
            watch.over(number(trial))
            work.lost(number(trial), watch.hung.get(number(trial)) or reason_of(trial))

        def on_step_end(self, iteration: int, trials: list[Any], **info: Any) -> None:
            late = set(watch.overdue())
            for trial in trials if late else ():
                if number(trial) in late and (actor := actor_of(trial)) is not None:
                    ray.kill(actor)

    return Guard()


def stopper(stop: StopRequest) -> Any:
    """What ends a run of Ray Tune when it is asked to."""
    from ray.tune import Stopper
    from ray.tune.stopper import NoopStopper

    class Asked(Stopper):  # type: ignore[misc, unused-ignore]
        """Ends a run when it is asked to."""

        def __reduce__(self) -> tuple[Any, ...]:
            return NoopStopper, ()

        def __deepcopy__(self, memo: object) -> Asked:
            return self

        def __call__(self, trial_id: str, result: dict[str, Any]) -> bool:
            return False

        def stop_all(self) -> bool:
            return stop.asked

    return Asked()


def silent_reporter() -> ProgressReporter | None:
    """In a notebook what keeps Ray Tune's table out of the cell: to show it Ray clears the cell, and the view with it.

    Elsewhere nothing: Ray warns of a reporter there, and shows no table.
    """
    from ray.tune import ProgressReporter
    from ray.widgets.util import in_notebook

    class Silent(ProgressReporter):  # type: ignore[misc, unused-ignore]
        """Never reports."""

        def __reduce__(self) -> tuple[Any, ...]:
            return ProgressReporter, ()  # pickled to disk with the run's settings, and never read back

        def should_report(self, trials: list[Any], done: bool = False) -> bool:
            return False

    return Silent() if in_notebook() else None
