"""Work through Ray Tune to records: the only place that builds a Tuner.

Ray's folder is scratch in a temporary place; what is kept is written by the workers into the results folder. See
`docs/decisions` for why neither Ray's checkpoints nor its restore are used.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from study.execution.liveness import LivenessMonitor
from study.execution.ray_callbacks import silent_reporter, stopper, trial_guard, when_tune_begins
from study.execution.ray_environment import scratch_folder
from study.execution.ray_errors import out_of_memory, ray_failure
from study.execution.ray_patches.tune import light_trials
from study.execution.ray_session import check_resources, nodes_of, ray_session
from study.execution.ray_tune import each_once, in_order_scheduler, name_of, work_searcher
from study.execution.scheduler_watch import while_it_takes_data
from study.planning import gpu_share, imports
from study.planning.executor import ExecutionSettings, RunContext, WorkQueue
from trainables.data.dataset import DataSet
from trainables.jobs.job import JobOptions

if TYPE_CHECKING:
    from ray.tune import Callback


class RayExecutor:
    """Trains in Ray's workers, on one machine or many; see `study.planning.executor.Executor`."""

    name = "ray"

    @contextlib.contextmanager
    def session(self, run: RunContext) -> Iterator[None]:
        """Within, Ray is started once."""
        with ray_session(run.settings, run.data):
            yield

    def work_through(self, work: WorkQueue, run: RunContext) -> None:
        """See `Executor`."""
        with ray_session(run.settings, run.data) as ray, contextlib.ExitStack() as until_tune_begins:
            until_tune_begins.enter_context(while_it_takes_data())
            trainable = _trainable_for(ray, work.jobs, run)
            watch: LivenessMonitor[int] = LivenessMonitor(work.group, work.epoch_seconds, run.settings.stall_seconds)
            while not work.over and not run.settings.stop.asked:
                batch = work.batch()
                if not _fitted(ray, trainable, work, batch, watch, run.settings, until_tune_begins.close):
                    watch.running.clear()
                elif not run.settings.stop.asked:
                    for number in set(batch or ()) & set(work.batch() or ()):
                        work.lost(number, "its worker said nothing of how it ended")


def _fitted(
    ray: Any,
    trainable: Any,
    work: WorkQueue,
    batch: tuple[int, ...] | None,
    watch: LivenessMonitor[int],
    settings: ExecutionSettings,
    begun: Callable[[], object],
) -> bool:
    """Ray Tune trains all of a batch, or what the queue gives; False where memory ran out, and it is to be tried again.

    Raises:
        EngineError: Ray broke down.
    """
    shared: dict[str, Any] = {
        "reuse_actors": True,
        "max_concurrent_trials": work.at_once,
        "trial_name_creator": name_of,
        "trial_dirname_creator": name_of,
    }
    if batch is None:
        tuning, space = {"search_alg": work_searcher(work), "num_samples": -1}, None
    else:
        tuning, space = (
            {"scheduler": in_order_scheduler(ray), "num_samples": len(batch)},
            {"number": each_once(ray, batch)},
        )
    callbacks = [when_tune_begins(begun), trial_guard(work, watch, settings.stop, ray)]
    with scratch_folder() as folder:
        try:
            tuner = ray.tune.Tuner(
                trainable,
                param_space=space,
                tune_config=ray.tune.TuneConfig(**shared, **tuning),
                run_config=_run_config(ray, folder, callbacks, settings),
            )
            with light_trials(ray), _without_tune_log():
                tuner.fit()
        except Exception as error:  # whatever goes wrong inside Ray
            if out_of_memory(error) and work.out_of_memory():
                return False
            raise ray_failure(error) from None
    return True


@contextlib.contextmanager
def _without_tune_log() -> Iterator[None]:
    """Within, Ray Tune logs nothing: its lines name trials as nobody knows them, and we say what ended, and of what."""
    log = logging.getLogger("ray.tune.tune")
    before = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(before)


def _trainable_for(ray: Any, jobs: tuple[Any, ...], run: RunContext) -> Any:
    """What Ray trains, with all that its workers share.

    Raises:
        EngineError: no node has what a job asks for.
    """
    from trainables.jobs.ray_trainable import StudyTrainable

    settings = run.settings
    gpu_share.check_graphs(settings.cuda_graphs, run.device)
    nodes = nodes_of(ray)
    need = _need(run.device, jobs, run.data, nodes, settings)
    check_resources(nodes, need)
    options = JobOptions(settings.checkpoint_seconds, settings.keep_checkpoints, run.run_name, settings.cuda_graphs)
    shared = ray.tune.with_parameters(
        imports.with_source_check(StudyTrainable, imports.source_digest()),
        data=run.data,
        jobs=jobs,
        sink=run.store,
        options=options,
        report_seconds=report_seconds(int(os.environ["TUNE_MAX_PENDING_TRIALS_PG"])),
    )
    return ray.tune.with_resources(shared, need)


def _run_config(ray: Any, folder: str, callbacks: list[Callback], settings: ExecutionSettings) -> Any:
    """How every run of Ray Tune here is set: quiet, nothing kept, lost trials tried again."""
    return ray.tune.RunConfig(
        name="run",
        storage_path=folder,
        callbacks=callbacks,
        stop=stopper(settings.stop),
        verbose=0,
        progress_reporter=silent_reporter(),
        failure_config=ray.tune.FailureConfig(max_failures=settings.retries),
        checkpoint_config=ray.tune.CheckpointConfig(checkpoint_at_end=False),
    )


def report_seconds(slots: int) -> float:
    """Seconds between two reports of each of so many trials at a time: Ray's driver takes about 500 a second, and has
    more to do than that.

    >>> report_seconds(8), report_seconds(2048)
    (1.0, 10.24)
    """
    return max(1.0, slots / 200)


def _need(
    device: str, jobs: tuple[Any, ...], data: DataSet, nodes: list[dict[str, float]], engine: ExecutionSettings
) -> dict[str, float]:
    """What Ray sets aside for a job; of a GPU the share that `study.planning.gpu_share` finds."""
    if device != "cuda":
        return {"CPU": 1}
    memory = None if engine.address else gpu_share.gpu_bytes_here()
    return {
        "CPU": 1,
        "GPU": gpu_share.gpu_share(
            jobs, gpu_share.data_size_of(data), memory or gpu_share.smallest_gpu_bytes(nodes), engine.gpu_share
        ),
    }
