"""Ray for as long as it is needed: ours on this machine, or the one at an address."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
from collections.abc import Iterator
from functools import partial
from typing import Any

from study.execution import orphans
from study.execution.ray_environment import PLACE, check_reads_certificates, own_folder, own_network
from study.execution.ray_errors import last_line, start_failure
from study.execution.ray_patches import startup
from study.execution.ray_patches.patching import is_tested, left_out
from study.execution.ray_patches.tune import ready_workers
from study.execution.scheduler_watch import OutsideWatch, SchedulerWatch, watched_from_outside
from study.execution.start_watch import STARTING
from study.planning import imports
from study.planning.environment import environment
from study.planning.executor import ExecutionSettings, cores
from trainables.config.errors import EngineError
from trainables.data.dataset import DataSet


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
    raise EngineError(f"a trial needs {asked}, and no node of this Ray has that much ({there}): {hint}")


@contextlib.contextmanager
def connection_errors_in_words(address: str) -> Iterator[None]:
    """What Ray raises within means that it is not there."""
    try:
        yield
    except (ConnectionError, ValueError, RuntimeError, OSError) as error:
        raise EngineError(
            f"there is no Ray at {address} ({last_line(error)}); check --address, or leave it out"
        ) from None


def check_address(address: str | None) -> None:
    """Refuse an address that nobody listens at, where Ray would try for minutes; `auto` and None are Ray's to find.

    Raises:
        EngineError: nobody answers there within 5 seconds, or it is not HOST:PORT.
    """
    if address is None or address in ("auto", "local"):
        return
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise EngineError(f"--address {address} is not HOST:PORT, nor auto")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=5).close()
    except (OSError, UnicodeError) as error:  # a name that cannot be one is a UnicodeError
        raise EngineError(
            f"there is no Ray at {address} ({last_line(error)}); check --address, or leave it out"
        ) from None


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
    "TUNE_DISABLE_STRICT_METRIC_CHECKING": "1",  # a worker that refuses has no metric to report
    "RAY_gcs_rpc_server_reconnect_timeout_s": "20",
    "RAY_enable_metrics_collection": "0",
    "AUTOSCALER_METRIC_PORT": "-1",
    "DASHBOARD_METRIC_PORT": "-1",
    "RAY_ROTATION_MAX_BYTES": "16000000",
    "RAY_ROTATION_BACKUP_COUNT": "1",
    "PL_DISABLE_FORK": "1",
    "RAY_enable_worker_prestart": "1",
}
"""Ray's settings through the environment; set before it is imported, and only where the user has not set them.

The metrics go nowhere: their servers would listen on all interfaces and ask nobody for a token. Logs are kept short: by
default each may grow to 3 GB. `PL_DISABLE_FORK` Ray Tune gives to its workers by itself, unless `ready_workers` holds.
The last one has a scheduler start its workers when it starts itself, and not when a driver comes and waits for them.
"""


def nodes_of(ray: Any) -> list[dict[str, float]]:
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
    with contextlib.ExitStack() as after:
        if "TUNE_MAX_PENDING_TRIALS_PG" not in os.environ:  # else a later run of this process would have this one's
            after.enter_context(environment({"TUNE_MAX_PENDING_TRIALS_PG": str(cpus)}))
        ours = engine.address is None and not _already_there()
        if ours:
            startup.check_on_loopback(sys.modules.get("ray"))
            check_reads_certificates(sys.modules.get("ray"))
            try:
                after.enter_context(own_folder())
                after.enter_context(own_network())
            except OSError as error:
                raise start_failure(error) from None
        imports.load_hidden_libraries(("ray",))
        import ray

        if not ray.is_initialized():
            watch = SchedulerWatch(engine.stop)
            after.callback(watch.end)
            after.callback(ray.shutdown)
            after.callback(watch.close)
            if engine.address:
                _connect(ray, engine)
            else:
                _start(ray, engine, data, cpus, after, after.enter_context(watched_from_outside()))
            after.enter_context(startup.without_worker_obituaries(ray))
            engine.stop.arm()
            if ours:
                watch.begin()
        _import_tune()
        if ours:
            watch.check()
            after.enter_context(ready_workers(ray))
        yield ray


def _import_tune() -> None:
    """A second's work, which is done while Ray's scheduler starts: to connect to it would only be to wait for it."""
    import ray.tune  # noqa: F401


def _already_there() -> bool:
    return "ray" in sys.modules and bool(sys.modules["ray"].is_initialized())


_QUIETLY: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}


def _connect(ray: Any, engine: ExecutionSettings) -> None:
    """Speak to the Ray at the address.

    Raises:
        EngineError: it is not there, or its workers would import from the working folder.
    """
    settings = dict(_QUIETLY)
    if not str(engine.address).startswith("ray://"):  # Ray's client adds no folder, and takes no class of ours
        _refuse_from_here(ray)
        settings["job_config"] = startup.job_without_code_folders(ray)
    startup.read_token_anew(ray)
    with (
        connection_errors_in_words(str(engine.address)),
        startup.own_interpreter(ray),
        startup.own_signals(ray, engine.stop.arm),
    ):
        ray.init(address=engine.address, **settings)


def _refuse_from_here(ray: Any) -> None:
    if why := startup.why_not_from_here(ray):
        raise EngineError(why)


def _start(
    ray: Any,
    engine: ExecutionSettings,
    data: DataSet,
    cpus: int,
    after: contextlib.ExitStack,
    outside: OutsideWatch,
) -> None:
    """Start a Ray of our own; where it does not start, once more with nothing of it replaced until `after` ends.

    But for the address that it listens at, in a Ray that was imported before its environment said so: left as it is, it
    would listen on the network. See `docs/decisions/local-ray-for-nobody-else.md`.
    """
    _refuse_from_here(ray)
    settings: dict[str, Any] = {"address": "local", "num_cpus": cpus, "include_dashboard": False, **_QUIETLY}
    settings["object_store_memory"] = max(200_000_000, 2 * data.nbytes)
    with startup.on_loopback(ray):
        try:
            startup.read_token_anew(ray)
            job = startup.job_without_code_folders(ray)
            own_signals = startup.own_signals(ray, engine.stop.arm, partial(outside.tied, STARTING), _import_tune)
            with outside.while_it_starts(), startup.own_sessions(), startup.few_servers(ray), own_signals:
                ray.init(job_config=job, **settings)
        except Exception as first:  # bare ones, where its processes take over 30 s; the next time they are quicker
            if engine.stop.signalled:
                raise KeyboardInterrupt from None
            ray.shutdown()
            orphans.end_processes(os.environ[orphans.VARIABLE], os.environ.get(PLACE, ""), os.getpid())
            apart = startup.own_sessions() if is_tested(ray) else contextlib.nullcontext()  # another may refuse them
            after.enter_context(left_out())
            if startup.why_not_from_here(ray):
                raise start_failure(first) from None
            try:
                with outside.while_it_starts(), apart:
                    ray.init(**settings)
            except Exception as error:  # Ray raises bare ones here
                raise start_failure(error) from None
