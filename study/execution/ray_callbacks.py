"""What watches over Ray's trials, and ends them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from study.execution.liveness import LivenessMonitor
from study.execution.ray_errors import reason_of
from study.planning.executor import StopRequest, TrialListener
from trainables.config.errors import EngineError, StoreError

if TYPE_CHECKING:
    from ray.tune import Callback


def trial_guard(
    watch: LivenessMonitor[Any], stop: StopRequest, ray: Any, key: Callable[[Any], Any], told: TrialListener
) -> Callback:
    """Watches Ray's trials, each known by `key`: ends those that hang, the run when it is to stop; tells `told`."""
    from ray.tune import Callback

    class Guard(Callback):  # type: ignore[misc, unused-ignore]
        """Ends workers that give no sign of life, and the run when its folder takes nothing more."""

        def __reduce__(self) -> tuple[Any, ...]:
            return Callback, ()  # Ray pickles its callbacks to disk and never reads them back; ours cannot be pickled

        def __deepcopy__(self, memo: object) -> Guard:
            return self

        def on_trial_start(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
            watch.begin(key(trial))

        def on_trial_result(
            self, iteration: int, trials: list[Any], trial: Any, result: dict[str, Any], **info: Any
        ) -> None:
            if refusal := result.get("refused"):
                stop.because(refusal, EngineError if result.get("foreign") else StoreError)
            seconds = (result.get("seconds") or 0.0) + (result.get("eval_seconds") or 0.0)
            watch.sign(key(trial), seconds if seconds == seconds else 0.0)
            told.reported(key(trial), trial.trial_id, result)

        def on_trial_complete(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
            watch.over(key(trial))
            told.completed(key(trial), trial.trial_id, trial.last_result or {})

        def on_trial_recover(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
            watch.over(key(trial))

        def on_trial_error(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
            watch.over(key(trial))
            told.lost(key(trial), trial.trial_id, watch.hung.get(key(trial)) or reason_of(trial))

        def on_step_end(self, iteration: int, trials: list[Any], **info: Any) -> None:
            late = set(watch.late())
            for trial in trials if late else ():
                if key(trial) in late and trial.temporary_state.ray_actor is not None:
                    ray.kill(trial.temporary_state.ray_actor)

    return Guard()


def _stopper(stop: StopRequest) -> Any:
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
