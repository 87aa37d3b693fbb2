"""A plan to Ray Tune to records: the only place that starts Ray and builds a Tuner.

Ray's folder is scratch in a temporary place; what is kept is written by the workers into the results folder. See
`docs/decisions` for why neither Ray's checkpoints nor its restore are used.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from study.plan import Plan, PlannedTrial, cost
from study.progress import Progress
from study.store import Store
from trainables.data import DataSet
from trainables.errors import BadInput, EngineError

if TYPE_CHECKING:
    from ray.tune import Callback

QUIET = {
    "RAY_AIR_NEW_OUTPUT": "0",
    "RAY_DEDUP_LOGS": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_PRINT_ALL_TRIAL_ERRORS": "0",
    "TUNE_WARN_SLOW_EXPERIMENT_CHECKPOINT_SYNC_THRESHOLD_S": "3600",
    "TUNE_GLOBAL_CHECKPOINT_S": "3600",
}
"""Ray's settings through the environment; set before it is imported, and only where the user has not set them."""

GPU_SHARE = 0.25
"""Of one GPU, for each job; a stacked job of a small network fills no more."""


@dataclass(frozen=True)
class Engine:
    """Where to run.

    `address`: of a running Ray cluster, or None for a Ray of our own on this machine. `cpus`: how many trials at once on
    this machine; None for all its cores. `checkpoint_seconds`: how much work a lost machine may cost. `retries`: how
    often a trial may be lost before it has failed; each machine that is taken away counts.
    """

    address: str | None = None
    cpus: int | None = None
    checkpoint_seconds: float = field(default_factory=lambda: _number("STUDY_CHECKPOINT_SECONDS", 30))
    keep_checkpoints: bool = False
    retries: int = field(default_factory=lambda: int(_number("STUDY_RETRIES", 2)))


def _number(name: str, default: float) -> float:
    """A number from the environment.

    Raises:
        BadInput: what stands there is none, or below 0.
    """
    text = os.environ.get(name)
    try:
        value = float(text) if text else default
    except ValueError:
        value = -1.0
    if not value >= 0:
        raise BadInput(name, text, "expected a number from 0 upwards")
    return value


@dataclass(frozen=True)
class Outcome:
    """How a run ended."""

    trained: int
    failed: tuple[tuple[str, str], ...]
    """Label and last line of the error of each job that failed for good."""
    interrupted: bool
    seconds: float


def run(
    plan: Plan, store: Store, data: DataSet, engine: Engine, progress: Progress, provenance: dict[str, Any]
) -> Outcome:
    """Train what is missing of a plan and record it.

    Raises:
        EngineError: there is no Ray at the address, or no node can give what a job asks for.
    """
    began = time.monotonic()
    if not plan.missing:
        return Outcome(0, (), False, 0.0)
    with connected(engine, data) as ray:
        from trainables.job import Options
        from trainables.trainable import StudyTrainable

        jobs = _jobs(plan.missing)
        need = _need(plan.protocol.device)
        check_resources(_nodes(ray), need)
        trainable = ray.tune.with_parameters(
            StudyTrainable,
            data=data,
            jobs=tuple(j.job for j in jobs),
            sink=store,
            options=Options(engine.checkpoint_seconds, engine.keep_checkpoints, provenance),
        )
        follow = _follow(jobs, progress)
        with scratch() as folder, _signals():
            progress.start()
            try:
                results = ray.tune.Tuner(
                    ray.tune.with_resources(trainable, need),
                    param_space={"job": ray.tune.grid_search(list(range(len(jobs))))},
                    tune_config=ray.tune.TuneConfig(
                        reuse_actors=True, trial_name_creator=_name, trial_dirname_creator=_name
                    ),
                    run_config=ray.tune.RunConfig(
                        name="run",
                        storage_path=folder,
                        callbacks=[follow],
                        verbose=0,
                        failure_config=ray.tune.FailureConfig(max_failures=engine.retries),
                        checkpoint_config=ray.tune.CheckpointConfig(checkpoint_at_end=False),
                    ),
                ).fit()
            finally:
                progress.stop()
            failed = tuple((jobs[r.config["job"]].label, _last_line(r.error)) for r in results if r.error and r.config)
    over = progress.finished + progress.diverged
    interrupted = over + len(failed) < len(jobs)
    return Outcome(over, failed, interrupted, time.monotonic() - began)


def seek(
    searcher: Any,
    at_once: int,
    device: str,
    store: Store,
    data: DataSet,
    engine: Engine,
    progress: Progress,
    provenance: dict[str, Any],
) -> None:
    """Train what a searcher asks for, so many of its trials at once, until it asks for no more or is interrupted.

    Raises:
        EngineError: as `run`; or more trials at once than this Ray has room for.
    """
    with connected(engine, data) as ray:
        from trainables.job import Options
        from trainables.trainable import StudyTrainable

        need = _need(device)
        check_resources(_nodes(ray), need)
        trainable = ray.tune.with_parameters(
            StudyTrainable,
            data=data,
            jobs=(),
            sink=store,
            options=Options(engine.checkpoint_seconds, engine.keep_checkpoints, provenance),
        )
        with scratch() as folder, _signals():
            progress.start()
            try:
                ray.tune.Tuner(
                    ray.tune.with_resources(trainable, need),
                    tune_config=ray.tune.TuneConfig(
                        search_alg=searcher,
                        num_samples=-1,
                        max_concurrent_trials=at_once,
                        reuse_actors=True,
                        trial_name_creator=_segment_name,
                        trial_dirname_creator=_segment_name,
                    ),
                    run_config=ray.tune.RunConfig(
                        name="search",
                        storage_path=folder,
                        verbose=0,
                        failure_config=ray.tune.FailureConfig(max_failures=engine.retries),
                        checkpoint_config=ray.tune.CheckpointConfig(checkpoint_at_end=False),
                    ),
                ).fit()
            finally:
                progress.stop()


def _segment_name(trial: Any) -> str:
    return f"proposal-{trial.config['n']}-{trial.config['until']}"


@dataclass(frozen=True)
class _PlannedJob:
    job: Any
    label: str
    cost: float


def _jobs(missing: tuple[PlannedTrial, ...]) -> list[_PlannedJob]:
    """A job a trial on a CPU; on a GPU all seeds of a configuration in one, stacked."""
    from trainables.job import Job

    groups: dict[Any, list[PlannedTrial]] = {}
    for trial in missing:
        stacked = trial.config.device == "cuda"
        groups.setdefault(trial.config.replace(seed=0) if stacked else trial.id, []).append(trial)
    jobs = []
    for group in groups.values():
        seeds = tuple(t.config.seed for t in group)
        label = f"{group[0].wanted_by[0]}, seed {', '.join(map(str, seeds))}"
        price = cost(group[0].config) * len(group)
        jobs.append(_PlannedJob(Job(group[0].config, seeds, stacked=len(seeds) > 1), label, price))
    return jobs


def _need(device: str) -> dict[str, float]:
    return {"CPU": 1, "GPU": GPU_SHARE} if device == "cuda" else {"CPU": 1}


def check_resources(nodes: list[dict[str, float]], need: dict[str, float]) -> None:
    """Refuse at once what Ray would wait for without end: a trial must fit into one node.

    Raises:
        EngineError: names what no node has.
    """
    if any(all(node.get(name, 0) >= amount for name, amount in need.items()) for node in nodes):
        return
    asked = " and ".join(f"{amount:g} {name}" for name, amount in need.items())
    there = "; ".join(", ".join(f"{n.get(name, 0):g} {name}" for name in need) for n in nodes) or "none is there"
    hint = "use --device cpu, or nodes with a GPU" if need.get("GPU") else "start Ray with more"
    raise EngineError(f"a trial asks for {asked}, and no node of this Ray has so much ({there}): {hint}")


def _nodes(ray: Any) -> list[dict[str, float]]:
    """What each node holds: those that are there, and the types that an autoscaler may yet start (STUDY_NODE_TYPES)."""
    there = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    return there + list(json.loads(os.environ.get("STUDY_NODE_TYPES") or "[]"))


def cores(engine: Engine) -> int:
    """How many trials run at once on this machine."""
    return engine.cpus or len(os.sched_getaffinity(0))


@contextlib.contextmanager
def connected(engine: Engine, data: DataSet) -> Iterator[Any]:
    """Ray, with `ray.tune` imported: of our own on this machine and ended afterwards, or the cluster at the address.

    Within another `connected`, the same Ray.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    cpus = engine.cpus or len(os.sched_getaffinity(0))
    os.environ.setdefault("TUNE_MAX_PENDING_TRIALS_PG", str(cpus))
    import ray
    import ray.tune

    if ray.is_initialized():
        yield ray
        return
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR", "include_dashboard": False}
    if engine.address:
        quiet.pop("include_dashboard")
        with _clear_errors(engine.address):
            ray.init(address=engine.address, **quiet)
    else:
        size = sum(a.nbytes for a in (data.train_images, data.train_labels, data.val_images, data.val_labels))
        ray.init(address="local", num_cpus=cpus, object_store_memory=max(200_000_000, 2 * size), **quiet)
    try:
        yield ray
    finally:
        ray.shutdown()


@contextlib.contextmanager
def _clear_errors(address: str) -> Iterator[None]:
    try:
        yield
    except (ConnectionError, ValueError, RuntimeError, OSError) as error:
        raise EngineError(
            f"there is no Ray at {address} ({_last_line(error)}); check --address, or leave it out"
        ) from None


def check_address(address: str | None) -> None:
    """Refuse an address that nobody listens at, where Ray itself would try for minutes; `auto` and None are Ray's to find.

    Raises:
        EngineError: nobody answers there within 5 seconds, or it is not HOST:PORT.
    """
    if address is None or address in ("auto", "local"):
        return
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise EngineError(f"--address {address} is not HOST:PORT, nor auto")
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except OSError as error:
        raise EngineError(
            f"there is no Ray at {address} ({_last_line(error)}); check --address, or leave it out"
        ) from None


@contextlib.contextmanager
def scratch() -> Iterator[str]:
    """A folder for what Ray keeps for itself; gone afterwards."""
    folder = tempfile.mkdtemp(prefix="study-")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _signals() -> Iterator[None]:
    """SIGTERM and SIGHUP end a run as Ctrl-C does; Ray's own handling of Ctrl-C does not outlive the run."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    names = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {s: signal.getsignal(s) for s in names}
    for s in names[1:]:
        signal.signal(s, lambda *_: os.kill(os.getpid(), signal.SIGINT))
    try:
        yield
    finally:
        for s, handler in before.items():
            signal.signal(s, handler)


def _name(trial: Any) -> str:
    return f"job-{trial.config['job']}"


def _follow(jobs: list[_PlannedJob], progress: Progress) -> Callback:
    from ray.tune import Callback

    class Follow(Callback):  # type: ignore[misc, unused-ignore]
        """Tells the progress display what Ray reports."""

        def __reduce__(self) -> tuple[Any, ...]:
            return (
                Callback,
                (),
            )  # Ray pickles its callbacks to disk and never reads them back; a display cannot be pickled

        def __deepcopy__(self, memo: object) -> Follow:
            return self

        def on_trial_result(
            self, iteration: int, trials: list[Any], trial: Any, result: dict[str, Any], **info: Any
        ) -> None:
            job = jobs[trial.config["job"]]
            progress.update(trial.trial_id, job.label, int(result.get("epochs", 0)), job.job.config.epochs, job.cost)

        def on_trial_complete(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
            result = trial.last_result or {}
            if result.get("done"):
                lost = result.get("val_loss") != result.get("val_loss")
                progress.end(trial.trial_id, "diverged" if lost else "finished", jobs[trial.config["job"]].cost)

        def on_trial_error(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
            progress.end(trial.trial_id, "failed", jobs[trial.config["job"]].cost)

    return Follow()


def _last_line(error: BaseException | None) -> str:
    lines = [x for x in str(error).strip().splitlines() if x.strip()]
    return lines[-1].strip() if lines else type(error).__name__


def require_seeds(count: int) -> tuple[int, ...]:
    """Seeds 0 to count - 1."""
    if not 1 <= count <= 10_000:
        raise BadInput("seeds", count, "expected 1 to 10000")
    return tuple(range(count))
