"""A plan to Ray Tune to records: the only place that starts Ray and builds a Tuner.

Ray's folder is scratch in a temporary place; what is kept is written by the workers into the results folder. See
`docs/decisions` for why neither Ray's checkpoints nor its restore are used.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from study.execution.pending_jobs import PendingJobs, record_failure
from study.execution.progress import Progress
from study.execution.ray_callbacks import _stopper, trial_guard
from study.execution.ray_environment import scratch
from study.execution.ray_errors import last_line, out_of_memory, ray_failure
from study.execution.ray_patches import startup as lean
from study.execution.ray_session import _nodes, check_address, check_resources, ray_session
from study.planning import gpu_share as gpu
from study.planning import imports
from study.planning.executor import ExecutionSettings, Outcome, cores
from study.planning.plan import Plan
from study.planning.planned_jobs import plan_jobs
from study.planning.protocol import require_seeds
from study.storage.results_folder import ResultsFolder
from trainables.data.dataset import DataSet

if TYPE_CHECKING:
    from ray.tune import Callback

__all__ = [
    "ExecutionSettings",
    "Outcome",
    "check_address",
    "check_resources",
    "ray_session",
    "cores",
    "trial_guard",
    "require_seeds",
    "run_plan",
    "run_settings",
    "trainable_for",
]


def run_plan(
    plan: Plan,
    store: ResultsFolder,
    data: DataSet,
    engine: ExecutionSettings,
    progress: Progress,
    provenance: dict[str, Any],
) -> Outcome:
    """Train what is missing of a plan and record it; ends early when `engine.stop` asks for it.

    Raises:
        EngineError: there is no Ray at the address, no node can give what a job asks for, or Ray broke down.
    """
    began = time.monotonic()
    if not plan.missing:
        return Outcome(0, (), False, 0.0)
    stop = engine.stop
    work = PendingJobs(plan_jobs(plan.missing), progress, stop, engine.stall_seconds)
    progress.start()
    try:
        with stop.watched():
            while work.left and not stop.asked:
                _round(work, plan, store, data, engine, provenance)
    finally:
        progress.stop()
    for number, reason in work.failed.items():
        record_failure(store, work.jobs[number].job, data.checksum, reason, provenance)
    failed = tuple((work.jobs[n].label, reason) for n, reason in sorted(work.failed.items()))
    return Outcome(progress.finished + progress.diverged, failed, stop.asked, time.monotonic() - began)


def _round(
    work: PendingJobs, plan: Plan, store: ResultsFolder, data: DataSet, engine: ExecutionSettings, facts: dict[str, Any]
) -> None:
    with ray_session(engine, data) as ray:
        jobs = tuple(j.job for j in work.jobs)
        trainable = trainable_for(ray, plan.device, jobs, store, data, engine, facts)
        batch = list(work.alone or work.left)
        with scratch() as folder:
            watcher = trial_guard(work.watch, work.stop, ray, lambda trial: trial.config["job"], work)
            tuner = ray.tune.Tuner(
                trainable,
                param_space={"job": _one_each(ray, batch)},
                tune_config=ray.tune.TuneConfig(
                    scheduler=_in_order(ray),
                    num_samples=len(batch),
                    reuse_actors=True,
                    max_concurrent_trials=1 if work.alone else None,
                    trial_name_creator=_name,
                    trial_dirname_creator=_name,
                ),
                run_config=run_settings(ray, "run", folder, watcher, engine),
            )
            try:
                with lean.light_trials(ray):
                    results = tuner.fit()
            except Exception as error:  # whatever goes wrong inside Ray
                if not out_of_memory(error):
                    raise ray_failure(error) from None
                work.out_of_memory()
                return
            for given, result in zip(batch, results, strict=False):
                job = (result.config or {}).get("job", given)  # none, where it failed before it began
                if result.error:
                    work.end(job, work.watch.hung.get(job) or last_line(result.error))
    if not work.stop.asked:
        for job in batch:
            work.end(job)


def trainable_for(
    ray: Any,
    device: str,
    jobs: tuple[Any, ...],
    store: ResultsFolder,
    data: DataSet,
    engine: ExecutionSettings,
    provenance: dict[str, Any],
) -> Any:
    """What Ray trains, with all that its workers share.

    Raises:
        EngineError: no node has what a job asks for.
    """
    from trainables.jobs.job import JobOptions
    from trainables.jobs.ray_trainable import StudyTrainable

    gpu.check_graphs(engine.cuda_graphs, device)
    nodes = _nodes(ray)
    need = _need(device, jobs, data, nodes, engine)
    check_resources(nodes, need)
    shared = ray.tune.with_parameters(
        imports.guarded(StudyTrainable, imports.source_digest()),
        data=data,
        jobs=jobs,
        sink=store,
        options=JobOptions(engine.checkpoint_seconds, engine.keep_checkpoints, provenance, engine.cuda_graphs),
        report_seconds=report_seconds(int(os.environ["TUNE_MAX_PENDING_TRIALS_PG"])),
    )
    return ray.tune.with_resources(shared, need)


def run_settings(ray: Any, name: str, folder: str, callback: Callback, engine: ExecutionSettings) -> Any:
    """How every run of Ray Tune here is set: quiet, nothing kept, lost trials tried again."""
    return ray.tune.RunConfig(
        name=name,
        storage_path=folder,
        callbacks=[callback],
        stop=_stopper(engine.stop),
        verbose=0,
        failure_config=ray.tune.FailureConfig(max_failures=engine.retries),
        checkpoint_config=ray.tune.CheckpointConfig(checkpoint_at_end=False),
    )


def _one_each(ray: Any, jobs: list[int]) -> Any:
    """A parameter that takes each value once, in order.

    Not a grid: Ray copies a grid whole for each of its trials, which at 10,000 of them takes 85 ms a trial (this: 0.3).
    """
    left = jobs[::-1]
    return ray.tune.sample_from(lambda _: left.pop())


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
    memory = None if engine.address else gpu.of_this_machine()
    return {"CPU": 1, "GPU": gpu.share(jobs, gpu.size_of(data), memory or gpu.smallest(nodes), engine.gpu_share)}


def _in_order(ray: Any) -> Any:
    class InOrder(ray.tune.schedulers.FIFOScheduler):  # type: ignore[misc, name-defined, unused-ignore]
        """Trials in the order of their making. Ray's own goes through all of them each time, the ended ones too."""

        def choose_trial_to_run(self, tune_controller: Any) -> Any:
            waiting = [t for t in tune_controller.get_live_trials() if t.status == "PENDING"]
            return min(waiting, key=lambda t: (len(t.trial_id), t.trial_id), default=None)

    return InOrder()


def _name(trial: Any) -> str:
    return f"job-{trial.config['job']}"
