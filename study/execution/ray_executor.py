"""A plan to Ray Tune to records: the only place that starts Ray and builds a Tuner.

Ray's folder is scratch in a temporary place; what is kept is written by the workers into the results folder. See
`docs/decisions` for why neither Ray's checkpoints nor its restore are used.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from study.execution import orphans as reaper
from study.execution.liveness import LivenessMonitor
from study.execution.pending_jobs import PendingJobs, record_failure
from study.execution.progress import Progress
from study.execution.ray_environment import (
    PLACE,
    check_address,
    check_resources,
    clear_errors,
    last_line,
    out_of_memory,
    own_network,
    own_place,
    ray_failure,
    reason_of,
    scratch,
)
from study.execution.ray_patches import startup as lean
from study.planning import gpu_share as gpu
from study.planning import imports
from study.planning.executor import ExecutionSettings, Outcome, StopRequest, TrialListener, cores
from study.planning.plan import Plan
from study.planning.planned_jobs import plan_jobs
from study.planning.protocol import require_seeds
from study.storage.results_folder import ResultsFolder
from trainables.config.errors import EngineError, StoreError
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

QUIET = {
    "RAY_AIR_NEW_OUTPUT": "0",
    "RAY_DEDUP_LOGS": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_PRINT_ALL_TRIAL_ERRORS": "0",
    "TUNE_WARN_SLOW_EXPERIMENT_CHECKPOINT_SYNC_THRESHOLD_S": "3600",
    "TUNE_GLOBAL_CHECKPOINT_S": "3600",
    "TUNE_DISABLE_SIGINT_HANDLER": "1",
    "RAY_gcs_rpc_server_reconnect_timeout_s": "20",
    "RAY_enable_metrics_collection": "0",
    "AUTOSCALER_METRIC_PORT": "-1",
    "DASHBOARD_METRIC_PORT": "-1",
    "RAY_ROTATION_MAX_BYTES": "16000000",
    "RAY_ROTATION_BACKUP_COUNT": "1",
    "PL_DISABLE_FORK": "1",
}
"""Ray's settings through the environment; set before it is imported, and only where the user has not set them.

The metrics go nowhere: their servers would listen on all interfaces and ask nobody for a token. Logs are kept short: by
default each may grow to 3 GB. The last one Ray Tune gives to its workers by itself, unless `lean.ready_workers` holds.
"""


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


def _nodes(ray: Any) -> list[dict[str, float]]:
    """What each node holds: those that are there, and the types that an autoscaler may yet start (STUDY_NODE_TYPES)."""
    there = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    return there + list(json.loads(os.environ.get("STUDY_NODE_TYPES") or "[]"))


@contextlib.contextmanager
def ray_session(engine: ExecutionSettings, data: DataSet) -> Iterator[Any]:
    """Ray, with `ray.tune` imported: of our own on this machine and ended afterwards, or the cluster at the address.

    Within another `ray_session`, the same Ray.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    cpus = cores(engine)
    os.environ.setdefault("TUNE_MAX_PENDING_TRIALS_PG", str(cpus))
    with contextlib.ExitStack() as after:
        quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
        ours = engine.address is None and not _already_there()
        if ours:
            quiet |= after.enter_context(own_place()) | after.enter_context(own_network())
        import ray

        if not ray.is_initialized():
            after.callback(ray.shutdown)
            _start(ray, engine, data, cpus, quiet)
            engine.stop.arm()
            lean.hush(ray)
        import ray.tune  # a second's work, while Ray starts its workers

        if ours:
            after.enter_context(lean.ready_workers(ray))
        yield ray


def _already_there() -> bool:
    return "ray" in sys.modules and bool(sys.modules["ray"].is_initialized())


def _start(ray: Any, engine: ExecutionSettings, data: DataSet, cpus: int, settings: dict[str, Any]) -> None:
    lean.read_token_anew(ray)
    if engine.address:
        if not engine.address.startswith("ray://"):  # Ray's client adds no folder, and takes no class of ours
            settings["job_config"] = lean.closed_job(ray)
        with clear_errors(engine.address), lean.own_interpreter(ray):
            ray.init(address=engine.address, **settings)
        return
    size = sum(a.nbytes for a in (data.train_images, data.train_labels, data.val_images, data.val_labels))
    settings |= {"num_cpus": cpus, "object_store_memory": max(200_000_000, 2 * size), "include_dashboard": False}
    try:
        with lean.few_servers(ray):
            ray.init(address="local", job_config=lean.closed_job(ray), **settings)
    except Exception:  # bare ones, where its processes take over 30 seconds; the second time they are quicker
        ray.shutdown()
        reaper.end(os.environ[reaper.VARIABLE], os.environ.get(PLACE, ""), os.getpid())
        with _clear_start(), lean.own_interpreter(ray):
            ray.init(address="local", job_config=lean.closed_job(ray), **settings)


@contextlib.contextmanager
def _clear_start() -> Iterator[None]:
    try:
        yield
    except Exception as error:  # Ray raises bare ones here
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise EngineError(f"Ray did not start on this machine ({reason}); is it very busy? Try again") from None


def _in_order(ray: Any) -> Any:
    class InOrder(ray.tune.schedulers.FIFOScheduler):  # type: ignore[misc, name-defined, unused-ignore]
        """Trials in the order of their making. Ray's own goes through all of them each time, the ended ones too."""

        def choose_trial_to_run(self, tune_controller: Any) -> Any:
            waiting = [t for t in tune_controller.get_live_trials() if t.status == "PENDING"]
            return min(waiting, key=lambda t: (len(t.trial_id), t.trial_id), default=None)

    return InOrder()


def _name(trial: Any) -> str:
    return f"job-{trial.config['job']}"


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
