"""What Ray does at its start for others than us, left out while it starts for us; see `docs/decisions/lean-ray.md`."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from study.execution.ray_patches.patching import attribute_at, is_tested, replaced
from study.planning import imports
from trainables.config.errors import EngineError

UNUSED_SERVERS = ("start_monitor", "start_log_monitor", "start_api_server")
"""What starts the autoscaler, the forwarder of workers' prints and the dashboard's server, in Ray's class of a node."""


AGENTS = {
    "dashboard_agent": "metrics_agent_port,metrics_export_port,dashboard_agent_listen_port",
    "runtime_env_agent": "runtime_env_agent_port",
}
"""Ray's agents of a node, and the ports that its scheduler waits to be told by each."""

UV = "RAY_ENABLE_UV_RUN_RUNTIME_ENV"
ENVIRONMENTS = ("RAY_RUNTIME_ENV_HOOK", "RAY_JOB_CONFIG_JSON_ENV_VAR", UV)
"""Where one of these is set, workers may run in environments that an agent has to make."""

LOOPBACK = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"
"""Read where Ray is imported: 0 makes it take 127.0.0.1 in place of the machine's own address."""

COMMAND = "_build_python_executable_command_memory_profileable"
"""What gives the beginning of the command of each of Ray's Python processes, in its module of services."""


@contextlib.contextmanager
def own_sessions() -> Iterator[None]:
    """While this holds, each process that this thread starts has a session of its own, whichever Ray starts it.

    A signal to the run's whole group (`timeout`, make, a terminal's Ctrl-C) comes to the run alone, which saves what is
    under way before it ends them.
    """
    own, here = subprocess.Popen.__init__, threading.get_ident()

    def apart(process: subprocess.Popen[Any], *args: Any, **settings: Any) -> None:
        mine = {"start_new_session": True} if threading.get_ident() == here else {}
        own(process, *args, **{**settings, **mine})

    setattr(subprocess.Popen, "__init__", apart)  # noqa: B010  # of a class, which mypy lets nobody assign to
    try:
        yield
    finally:
        setattr(subprocess.Popen, "__init__", own)  # noqa: B010


@contextlib.contextmanager
def few_servers(ray: Any) -> Iterator[None]:
    """While this holds, a Ray that starts on this machine does so without servers and agents that nothing here asks."""
    with contextlib.ExitStack() as until:
        until.enter_context(own_interpreter(ray))
        for owner, others in _fewer(ray):
            until.enter_context(replaced(ray, owner, **others))
        yield


def _fewer(ray: Any) -> Iterator[tuple[Any, dict[str, Any]]]:
    """What starts Ray's servers and agents, and what is there instead of it."""
    yield attribute_at(ray, "_private.node.Node"), {name: lambda *_, **__: None for name in UNUSED_SERVERS}
    if any(name in os.environ for name in ENVIRONMENTS):
        return
    services = attribute_at(ray, "_private.services")
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
    with replaced(ray, attribute_at(ray, "_private.ray_constants"), **off):
        yield


def job_without_code_folders(ray: Any) -> Any:
    """What Ray is told of this driver: no folder of it is for the workers to import from; None with a Ray that was not
    tested, of which `why_not_from_here` asks.

    By itself Ray puts the script's and the working folder in front of each worker's search path.
    """
    if not is_tested(ray):
        return None
    job = ray.job_config.JobConfig()
    job._py_driver_sys_path = imports.ClosedPath()  # noqa: SLF001  # see test_ray_patches_private_names
    return job


def why_not_from_here(ray: Any) -> str:
    """Why a Ray in which nothing is replaced must not work from this folder; empty where it may.

    Its workers import from the working folder and the script's first, and these hold names of what is installed.
    """
    if is_tested(ray):
        return ""
    script = Path(sys.argv[0]).resolve().parent
    for folder in (Path.cwd(), *([script] if str(script) in sys.path else [])):
        if names := imports.names_hidden_by(folder):
            return (
                f"workers of Ray {getattr(ray, '__version__', '')} would import {', '.join(names)} from {folder}, "
                "not what is installed. Run this in another folder, or give them other names (or --executor inline)"
            )
    return ""


@contextlib.contextmanager
def without_worker_obituaries(ray: Any) -> Iterator[None]:
    """While this holds, Ray prints nothing on a worker that dies (half a page, whatever its settings); we tell it."""
    with replaced(ray, attribute_at(ray, "_private.worker"), print_to_stdstream=lambda *_, **__: None):
        yield


@contextlib.contextmanager
def without_dumps(of: str, dumped: Callable[[], None]) -> Iterator[None]:
    """While this holds, what C++ writes to standard error is kept, and written after it unless it dumps a signal.

    For a moment in which no other thread of Python can write there. `dumped` is called where it did.
    """
    with tempfile.TemporaryFile() as kept, contextlib.ExitStack() as until:
        real = os.dup(2)
        until.callback(os.close, real)
        os.dup2(kept.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(real, 2)
            kept.seek(0)
            if of.encode() in (said := kept.read()):
                dumped()
            else:
                os.write(2, said)


def end_alarm() -> None:
    """Forget the alarm that Ray's C++ sets where it took a signal: it would abort this process three seconds later."""
    signal.alarm(0)
    with contextlib.suppress(ValueError, TypeError):  # not the main thread, or a handler that Python did not put
        signal.signal(signal.SIGALRM, signal.getsignal(signal.SIGALRM))


@contextlib.contextmanager
def own_signals(
    ray: Any,
    arm: Callable[[], None],
    tied: Callable[[], AbstractContextManager[None]] = contextlib.nullcontext,
    before: Callable[[], None] = lambda: None,
) -> Iterator[None]:
    """While this holds, SIGTERM means what it meant before: Ray puts handlers of its own, in Python and in C++.

    `arm` puts ours again, at once after Ray's C++ has put the one that prints its stack; `tied` holds while Ray's C++
    connects to the scheduler; `before` is called before that, while the scheduler starts.
    """
    raylet = attribute_at(ray, "_raylet")
    own: Any = getattr(raylet, "CoreWorker", None)

    def made(*args: Any, **settings: Any) -> Any:
        try:
            before()
            with tied(), without_dumps("SIGTERM received", end_alarm):
                return own(*args, **settings)  # it holds the interpreter, and puts a handler that dumps its stack
        finally:
            arm()

    with (
        replaced(ray, attribute_at(ray, "_private.utils"), set_sigterm_handler=lambda _: None),
        replaced(ray, raylet, CoreWorker=made),
    ):
        yield


@contextlib.contextmanager
def on_loopback(ray: Any) -> Iterator[None]:
    """While this holds, a Ray that was imported before its environment said so keeps to 127.0.0.1, too."""
    with replaced(ray, attribute_at(ray, "_private.ray_constants"), ENABLE_RAY_CLUSTER=False):
        yield


def check_on_loopback(ray: Any) -> None:
    """Refuse a Ray of our own that was imported before its environment said so, where nothing of it can be replaced.

    It would take the machine's own address, for which our certificate does not stand, and end this process.

    Args:
        ray: as it was imported; None where it is not yet.

    Raises:
        EngineError: says what to do.
    """
    if (
        ray is None
        or is_tested(ray)
        or not getattr(attribute_at(ray, "_private.ray_constants"), "ENABLE_RAY_CLUSTER", False)
    ):
        return
    raise EngineError(
        f"Ray {getattr(ray, '__version__', '')} was imported before this run, and would listen on the network. "
        f"Set {LOOPBACK}=0 before `import ray`, or leave that import out (or --executor inline)"
    )


def read_token_anew(ray: Any) -> None:
    """Ray reads its token and certificates once a process; a run before this one had others.

    One that was not tested has the same all along: see `ray_environment`.
    """
    if is_tested(ray):
        raylet = attribute_at(ray, "_raylet")
        raylet.Config.initialize("")
        raylet.AuthenticationTokenLoader.instance().reset_cache()
