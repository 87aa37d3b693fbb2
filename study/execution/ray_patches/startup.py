"""What Ray does for others than us, left out while it works for us; see `docs/decisions/lean-ray.md`.

All of it goes through names that Ray calls private, replaced and put back here alone. Where another version of Ray has
them not, that part is done as Ray does it, and only takes longer.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from operator import attrgetter
from pathlib import Path
from typing import Any

from study.planning import imports

UNASKED = ("start_monitor", "start_log_monitor", "start_api_server")
"""What starts the autoscaler, the forwarder of workers' prints and the dashboard's server, in Ray's class of a node."""


AGENTS = {
    "dashboard_agent": "metrics_agent_port,metrics_export_port,dashboard_agent_listen_port",
    "runtime_env_agent": "runtime_env_agent_port",
}
"""Ray's agents of a node, and the ports that its scheduler waits to be told by each."""

KNOWN = "2.60."
"""The Ray whose agents are stood in for; to be looked at anew with another, which starts its own until then."""

UV = "RAY_ENABLE_UV_RUN_RUNTIME_ENV"
ENVIRONMENTS = ("RAY_RUNTIME_ENV_HOOK", "RAY_JOB_CONFIG_JSON_ENV_VAR", UV)
"""Where one of these is set, workers may run in environments that an agent has to make."""

COMMAND = "_build_python_executable_command_memory_profileable"
"""What gives the beginning of the command of each of Ray's Python processes, in its module of services."""


@contextlib.contextmanager
def few_servers(ray: Any) -> Iterator[None]:
    """While this holds, a Ray that starts on this machine does so without servers and agents that nothing here asks."""
    with contextlib.ExitStack() as until:
        until.enter_context(own_interpreter(ray))
        for owner, others in _fewer(ray):
            until.enter_context(_replaced(owner, others))
        yield


def _fewer(ray: Any) -> Iterator[tuple[Any, dict[str, Any]]]:
    """What starts Ray's servers and agents, and what is there instead of it."""
    yield _named(ray, "_private.node.Node"), {name: lambda *_, **__: None for name in UNASKED}
    if not getattr(ray, "__version__", "").startswith(KNOWN) or any(name in os.environ for name in ENVIRONMENTS):
        return
    services = _named(ray, "_private.services")
    own: Any = getattr(services, COMMAND, None)
    idle = [sys.executable, "-I", "-S", str(Path(__file__).with_name("idle_agent.py").resolve())]

    def command(component: str, *args: Any, **settings: Any) -> Any:
        return [*idle, AGENTS[component]] if component in AGENTS else own(component, *args, **settings)

    yield services, {COMMAND: command}


@contextlib.contextmanager
def own_interpreter(ray: Any) -> Iterator[None]:
    """While this holds, Ray makes no environment for workers of a command that `uv run` started.

    It would be of the Python that runs already, and hold a copy of the working folder, from which workers would import.
    Where the user has asked for it, it is theirs.
    """
    asked = any(name in os.environ for name in (UV, "RAY_RUNTIME_ENV_HOOK"))
    off = {} if asked else {UV: False}
    with _replaced(_named(ray, "_private.ray_constants"), off):
        yield


def closed_job(ray: Any) -> Any:
    """What Ray is told of this driver: no folder of it is for the workers to import from.

    By itself Ray puts the script's and the working folder in front of each worker's search path.
    """
    job = ray.job_config.JobConfig()
    job._py_driver_sys_path = imports.Closed()  # noqa: SLF001
    return job


@contextlib.contextmanager
def ready_workers(ray: Any) -> Iterator[None]:
    """While this holds, Ray Tune's actors take the workers that stand ready, for they ask for no environment.

    What its own would set lies in the environment that a Ray of our own hands to its workers (`runner.QUIET`).
    """
    cache = _named(ray, "tune.execution.class_cache._ActorClassCache")

    def get(self: Any, trainable: Any) -> Any:
        if trainable not in self._cache:
            self._cache[trainable] = ray.remote(trainable)
        return self._cache[trainable]

    with _replaced(cache, {"get": get}):
        yield


@contextlib.contextmanager
def light_trials(ray: Any) -> Iterator[None]:
    """While this holds, Ray Tune looks up its trainable once, not five times a trial, and at the end makes neither each
    trial's state nor a table of its results.

    The state is what its own restoring would read, which is not used here; the results are in our records.
    """
    registry = type(_named(ray, "tune.registry._global_registry"))
    with (
        _replaced(registry, _remembering(registry)),
        _replaced(_named(ray, "tune.execution.tune_controller.TuneController"), {"_get_trial_checkpoints": _none}),
        _replaced(_named(ray, "tune.analysis.ExperimentAnalysis"), {"_fetch_trial_dataframes": _none}),
    ):
        yield


def _none(_: Any) -> dict[str, Any]:
    return {}


def _remembering(registry: Any) -> dict[str, Callable[..., Any]]:
    """The methods of Ray's registry of trainables, over what they have found since the last one was registered."""
    found: dict[tuple[str, str], Any] = {}
    own: list[Any] = [getattr(registry, name, None) for name in ("get", "contains", "register")]
    get, contains, register = own

    def remembered(self: Any, category: str, key: str) -> Any:
        if (category, key) not in found:
            found[category, key] = get(self, category, key)
        return found[category, key]

    def known(self: Any, category: str, key: str) -> bool:
        return (category, key) in found or bool(contains(self, category, key))

    def registered(self: Any, category: str, key: str, value: Any) -> None:
        found.clear()
        register(self, category, key, value)

    return {"get": remembered, "contains": known, "register": registered}


def hush(ray: Any) -> None:
    """Ray prints half a page on every worker that dies, whatever its settings; a trial's failure is told by us."""
    with contextlib.suppress(AttributeError):
        ray._private.worker.print_to_stdstream = lambda *_, **__: None  # noqa: SLF001


def read_token_anew(ray: Any) -> None:
    """Ray reads its token once a process; a run before this one had another."""
    with contextlib.suppress(AttributeError):
        ray._raylet.Config.initialize("")  # noqa: SLF001
        ray._raylet.AuthenticationTokenLoader.instance().reset_cache()  # noqa: SLF001


def _named(ray: Any, path: str) -> Any:
    """What lies at a dotted path in Ray; a class with nothing in it where another version has no such thing."""
    try:
        return attrgetter(path)(ray)
    except AttributeError:
        return type("Absent", (), {})


@contextlib.contextmanager
def _replaced(owner: Any, others: dict[str, Any]) -> Iterator[None]:
    """A class or module with others of the functions and values that it has; afterwards with its own again."""
    own = {name: getattr(owner, name) for name in others if hasattr(owner, name)}
    for name in own:
        setattr(owner, name, others[name])
    try:
        yield
    finally:
        for name, value in own.items():
            setattr(owner, name, value)
