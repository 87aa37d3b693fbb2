"""What Ray Tune is given besides a trainable: a searcher that asks for work, an order of trials, names. Made within
functions, for Ray is imported only once it is needed.
"""

from __future__ import annotations

from typing import Any

from study.planning.executor import WorkQueue


def work_searcher(work: WorkQueue) -> Any:
    """What Ray Tune asks for trials: each is an assignment. How they do, `ray_callbacks.trial_guard` tells."""
    from ray.tune.search import Searcher

    class Asking(Searcher):  # type: ignore[misc, unused-ignore]
        """Passes on what there is to do."""

        def __reduce__(self) -> tuple[Any, ...]:
            return Searcher, ("done", "max")  # Ray pickles its searcher to disk and never reads it back

        def __deepcopy__(self, memo: object) -> Asking:
            return self

        def set_search_properties(self, *args: object, **kwargs: object) -> bool:
            return True

        def suggest(self, trial_id: str) -> Any:
            given = work.next()
            if given is None:
                return Searcher.FINISHED if work.over else None
            return {"number": given.number, "job": given.job, "until": given.until}

        def on_trial_complete(self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False) -> None:
            """Nothing: the guard tells."""

        def save(self, checkpoint_path: str) -> None:
            """Nothing to save: the events are."""

        def restore(self, checkpoint_path: str) -> None:
            """Never called."""

        def get_state(self) -> dict[str, Any]:
            return {}

        def set_state(self, state: dict[str, Any]) -> None:
            """Never called."""

        def save_to_dir(self, checkpoint_dir: str, session_str: str = "default") -> None:
            """Nothing to save: the events are."""

    return Asking(metric="done", mode="max")


def each_once(ray: Any, numbers: tuple[int, ...]) -> Any:
    """A parameter that takes each value once, in order.

    Not a grid: Ray copies a grid whole for each of its trials, which at 10,000 of them takes 85 ms a trial (this: 0.3).
    """
    left = list(numbers[::-1])
    return ray.tune.sample_from(lambda _: left.pop())


def in_order_scheduler(ray: Any) -> Any:
    """Trials in the order of their making."""

    class InOrder(ray.tune.schedulers.FIFOScheduler):  # type: ignore[misc, name-defined, unused-ignore]
        """Ray's own goes through all of them each time, the ended ones too; this knows which are not over."""

        def __init__(self) -> None:
            super().__init__()
            self._live: dict[str, Any] = {}

        def on_trial_add(self, tune_controller: Any, trial: Any) -> None:
            self._live[trial.trial_id] = trial

        def on_trial_complete(self, tune_controller: Any, trial: Any, result: Any) -> None:
            self._live.pop(trial.trial_id, None)

        def on_trial_remove(self, tune_controller: Any, trial: Any) -> None:
            self._live.pop(trial.trial_id, None)

        def on_trial_error(self, tune_controller: Any, trial: Any) -> None:
            self._live.pop(trial.trial_id, None)

        def choose_trial_to_run(self, tune_controller: Any) -> Any:
            return next((t for t in self._live.values() if t.status == "PENDING"), None)

    return InOrder()


def name_of(trial: Any) -> str:
    """What Ray calls a trial, and the folder of what it keeps of it."""
    number, until = trial.config["number"], trial.config.get("until")
    return f"job-{number}" if until is None else f"proposal-{number}-{until}"
