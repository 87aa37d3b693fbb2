"""A searcher's segments through Ray Tune; what `study.execution.ray_executor` is for a plan.

Ray itself comes from there.
"""

from __future__ import annotations

from typing import Any

from study.execution.liveness import LivenessMonitor
from study.execution.progress import Progress
from study.execution.ray_environment import out_of_memory, ray_failure, scratch
from study.execution.ray_executor import ray_session, run_settings, trainable_for, trial_guard
from study.execution.ray_patches.startup import light_trials
from study.planning.executor import ExecutionSettings, TrialListener
from study.storage.results_folder import ResultsFolder
from trainables.data.dataset import DataSet


def run_segments(
    searcher: Any,
    at_once: int,
    device: str,
    store: ResultsFolder,
    data: DataSet,
    engine: ExecutionSettings,
    progress: Progress,
    provenance: dict[str, Any],
    epoch_seconds: float,
) -> None:
    """Train what a searcher asks for, so many of its trials at once, until it asks for no more or is interrupted.

    `epoch_seconds`: what an epoch of its largest trials should take; the limit after which one counts as hanging.

    Raises:
        EngineError: as `run`; or more trials at once than this Ray has room for.
    """
    with ray_session(engine, data) as ray:
        trainable = trainable_for(ray, device, (), store, data, engine, provenance)
        watch: LivenessMonitor[str] = LivenessMonitor(lambda _: None, lambda _: epoch_seconds, engine.stall_seconds)
        watcher = trial_guard(watch, engine.stop, ray, lambda trial: trial.trial_id, _Reasons(searcher))
        progress.start()
        try:
            with engine.stop.watched():
                while not _fitted(ray, trainable, searcher, at_once, watcher, engine) and not engine.stop.asked:
                    progress.running.clear()
                    watch.running.clear()
        finally:
            progress.stop()


def _fitted(ray: Any, trainable: Any, searcher: Any, at_once: int, watcher: Any, engine: ExecutionSettings) -> bool:
    """Ray Tune asks the searcher until it asks for no more; False where memory ran out, and it is to be asked again."""
    how = ray.tune.TuneConfig(
        search_alg=searcher,
        num_samples=-1,
        max_concurrent_trials=at_once,
        reuse_actors=True,
        trial_name_creator=_segment_name,
        trial_dirname_creator=_segment_name,
    )
    with scratch() as folder:
        settings = run_settings(ray, "search", folder, watcher, engine)
        try:
            with light_trials(ray):
                ray.tune.Tuner(trainable, tune_config=how, run_config=settings).fit()
        except Exception as error:  # whatever goes wrong inside Ray
            if not (out_of_memory(error) and searcher.sent):
                raise ray_failure(error) from None
            searcher.out_of_memory()
            return False
    return True


class _Reasons(TrialListener):
    """Tells the searcher why a trial failed."""

    def __init__(self, searcher: Any) -> None:
        self._searcher = searcher

    def lost(self, job: Any, trial: str, reason: str) -> None:  # noqa: ARG002
        """See `TrialListener`."""
        self._searcher.failed(trial, reason)


def _segment_name(trial: Any) -> str:
    return f"proposal-{trial.config['n']}-{trial.config['until']}"
