"""Ray's start with our patches: loopback, signals, agents and ports."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from study.execution.ray_patches import startup
from study.execution.ray_patches.patching import TESTED
from study.execution.ray_patches.startup import few_servers, own_signals, without_worker_obituaries
from trainables.config.errors import EngineError


class Registry:
    """Ray's registry of trainables, in which looking is counted."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], Any] = {}
        self.looked = 0

    def get(self, category: str, key: str) -> Any:
        self.looked += 1
        return self.held[category, key]

    def contains(self, category: str, key: str) -> bool:
        self.looked += 1
        return (category, key) in self.held

    def register(self, category: str, key: str, value: Any) -> None:
        self.held[category, key] = value


class Controller:
    def _get_trial_checkpoints(self) -> dict[str, str]:
        return {"trial": "its state"}


class Analysis:
    def _fetch_trial_dataframes(self) -> dict[str, str]:
        return {"trial": "its results"}


class Node:
    def start_monitor(self) -> str:
        return "started"

    def start_log_monitor(self) -> str:
        return "started"

    def start_api_server(self, *, include_dashboard: bool) -> str:
        return f"started {include_dashboard}"

    def start_raylet(self) -> str:
        return "started"


def fake(registry: Registry, node: type = Node, version: str = "2.60.0") -> Any:
    return SimpleNamespace(
        __version__=version,
        _private=SimpleNamespace(node=SimpleNamespace(Node=node)),
        tune=SimpleNamespace(
            registry=SimpleNamespace(_global_registry=registry),
            execution=SimpleNamespace(tune_controller=SimpleNamespace(TuneController=Controller)),
            analysis=SimpleNamespace(ExperimentAnalysis=Analysis),
        ),
    )


def test_a_ray_that_was_imported_before_us_and_cannot_be_put_on_loopback_is_refused() -> None:
    def ray(version: str, **constants: bool) -> Any:
        return SimpleNamespace(
            __version__=version, _private=SimpleNamespace(ray_constants=SimpleNamespace(**constants))
        )

    with pytest.raises(
        EngineError, match=r"^Ray 2\.61\.0 was imported before .* Set RAY_ENABLE_\w+=0 before `import ray`"
    ):
        startup.check_on_loopback(ray("2.61.0", ENABLE_RAY_CLUSTER=True))
    for other in (ray("2.61.0", ENABLE_RAY_CLUSTER=False), ray("2.60.0", ENABLE_RAY_CLUSTER=True), ray("2.61.0"), None):
        startup.check_on_loopback(other)


def test_ray_is_hushed_and_keeps_its_hands_off_signals_for_a_while() -> None:
    said, handlers, armed = list[str](), list[str](), list[str]()

    @contextlib.contextmanager
    def tied() -> Iterator[None]:
        armed.append("tied")
        yield

    ray = SimpleNamespace(
        __version__="2.60.0",
        _private=SimpleNamespace(
            worker=SimpleNamespace(print_to_stdstream=said.append),
            utils=SimpleNamespace(set_sigterm_handler=handlers.append),
        ),
        _raylet=SimpleNamespace(CoreWorker=lambda mode, store, raylet, *, job: f"{mode} {job}"),
    )
    quiet = own_signals(ray, lambda: armed.append("again"), tied, lambda: armed.append("imported"))
    with without_worker_obituaries(ray), quiet:
        ray._private.worker.print_to_stdstream("half a page")
        ray._private.utils.set_sigterm_handler("Ray's")
        assert ray._raylet.CoreWorker("a worker", "store", "raylet", job=1) == "a worker 1"
    assert (said, handlers, armed) == ([], [], ["imported", "tied", "again"])
    ray._private.worker.print_to_stdstream("half a page")
    ray._private.utils.set_sigterm_handler("Ray's")
    assert (said, handlers) == (["half a page"], ["Ray's"])


def test_a_sigterm_that_rays_c_plus_plus_took_aborts_nothing_later(capfd: pytest.CaptureFixture[str]) -> None:
    """It dumps its stack, calls our handler, and has set an alarm by then whose handler aborts."""
    armed = list[str]()

    def takes_a_signal() -> str:
        os.write(2, b"*** SIGTERM received at time=1 ***")
        signal.signal(signal.SIGALRM, lambda *_: None)
        signal.alarm(3)
        raise KeyboardInterrupt  # as our handler does, once Ray's code is left

    ray = SimpleNamespace(
        __version__="2.60.0",
        _private=SimpleNamespace(utils=SimpleNamespace(set_sigterm_handler=None)),
        _raylet=SimpleNamespace(CoreWorker=takes_a_signal),
    )
    before = signal.getsignal(signal.SIGALRM)
    try:
        with pytest.raises(KeyboardInterrupt), own_signals(ray, lambda: armed.append("again")):
            ray._raylet.CoreWorker()
        assert signal.alarm(0) == 0, "no alarm is left"
        assert armed == ["again"] and capfd.readouterr().err == ""
        signal.alarm(3)
        ray._raylet.CoreWorker = lambda: "connected"
        with own_signals(ray, lambda: None):
            assert ray._raylet.CoreWorker() == "connected"
        assert signal.alarm(0) > 0, "an alarm of somebody else's stays"
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def dated(version: str) -> Any:
    """A Ray of a version, that starts each of its processes as `python -u`."""
    services = SimpleNamespace(**{startup.COMMAND: lambda component, folder: ["python", "-u", component, folder]})
    constants = SimpleNamespace(RAY_ENABLE_UV_RUN_RUNTIME_ENV=True)
    return SimpleNamespace(__version__=version, _private=SimpleNamespace(services=services, ray_constants=constants))


@pytest.mark.parametrize(
    ("version", "variable", "idle"),
    [("2.60.0", "", True), ("2.60.7", "", True), ("2.61.0", "", False)]
    + [("2.60.0", name, False) for name in startup.ENVIRONMENTS],
)
def test_agents_stand_idle_where_ray_is_known_and_nobody_needs_them(
    version: str, variable: str, idle: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in startup.ENVIRONMENTS:
        monkeypatch.delenv(name, raising=False)
    if variable:
        monkeypatch.setenv(variable, "1")
    asked = variable in (startup.UV, "RAY_RUNTIME_ENV_HOOK") or not version.startswith(TESTED)
    ray = dated(version)
    command = getattr(ray._private.services, startup.COMMAND)
    with few_servers(ray):
        now = getattr(ray._private.services, startup.COMMAND)
        assert now("dashboard", "folder") == ["python", "-u", "dashboard", "folder"]
        for agent, ports in startup.AGENTS.items():
            assert (now(agent, "folder")[-1] == ports) is idle
        assert ray._private.ray_constants.RAY_ENABLE_UV_RUN_RUNTIME_ENV is asked
    assert getattr(ray._private.services, startup.COMMAND) is command
    assert ray._private.ray_constants.RAY_ENABLE_UV_RUN_RUNTIME_ENV is True


class ConsolePopen(subprocess.Popen[str]):
    """As Ray has one."""


def has_own_session() -> bool:
    program = [sys.executable, "-I", "-S", "-c", "import os; print(os.getsid(0) == os.getpid())"]
    return ConsolePopen(program, stdout=subprocess.PIPE, text=True).communicate()[0].strip() == "True"


def test_what_this_thread_starts_has_a_session_of_its_own_whatever_class_starts_it() -> None:
    elsewhere = list[bool]()
    with startup.own_sessions():
        other = threading.Thread(target=lambda: elsewhere.append(has_own_session()))
        other.start()
        assert has_own_session()
        other.join()
    assert elsewhere == [False] and not has_own_session()


def test_the_ports_are_those_that_this_ray_waits_for() -> None:
    raylet = pytest.importorskip("ray._raylet")
    ports = {getattr(raylet, name) for name in dir(raylet) if name.endswith("_PORT_NAME")} - {"gcs_server_port"}
    assert {port for told in startup.AGENTS.values() for port in told.split(",")} == ports
