"""What is left out of Ray is put back, and what is remembered is never another run's."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from study.execution import orphans
from study.execution.ray_patches import idle_agent, startup
from study.execution.ray_patches.patching import TESTED, left_out
from study.execution.ray_patches.startup import UNUSED_SERVERS, few_servers, own_signals, without_worker_obituaries
from study.execution.ray_patches.tune import actor_of, light_trials, ready_workers
from tests.waiting import wait_until
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


def test_a_trainable_is_looked_up_once_and_never_that_of_another_run() -> None:
    registry = Registry()
    for run in ("first", "second"):
        registry.looked = 0
        with light_trials(fake(registry)):
            assert registry.contains("trainable", "other") is False
            registry.register("trainable", "ours", run)
            assert [registry.get("trainable", "ours") for _ in range(5)] == [run] * 5
            assert registry.contains("trainable", "ours") is True
            assert registry.looked == 2
            registry.register("trainable", "ours", "changed meanwhile")
            assert registry.get("trainable", "ours") == "changed meanwhile"


def test_what_was_missing_is_looked_for_again() -> None:
    registry = Registry()
    with light_trials(fake(registry)):
        with pytest.raises(KeyError):
            registry.get("trainable", "ours")
        registry.held["trainable", "ours"] = "there now"
        assert registry.get("trainable", "ours") == "there now"


def test_ray_is_as_it_was_afterwards_even_after_an_error() -> None:
    before = [{**vars(owner)} for owner in (Registry, Controller, Analysis, Node)]
    ray = fake(Registry())
    with light_trials(ray), few_servers(ray):
        assert Controller()._get_trial_checkpoints() == Analysis()._fetch_trial_dataframes() == {}
        assert Node().start_api_server(include_dashboard=False) is None
        assert Node().start_raylet() == "started"
    with pytest.raises(RuntimeError), light_trials(ray), few_servers(ray):
        raise RuntimeError
    assert [{**vars(owner)} for owner in (Registry, Controller, Analysis, Node)] == before


def test_a_ray_without_those_names_starts_as_it_does() -> None:
    class Other:
        def start(self) -> str:
            return "started"

    with few_servers(fake(Registry(), Other)):
        assert Other().start() == "started" and not any(hasattr(Other, name) for name in UNUSED_SERVERS)
    with few_servers(SimpleNamespace()), light_trials(SimpleNamespace()):
        pass


@pytest.mark.parametrize(("version", "left"), [("2.61.0", contextlib.nullcontext), ("2.60.0", left_out)])
def test_with_a_version_that_was_not_tested_all_is_left_out(
    version: str, left: Callable[[], contextlib.AbstractContextManager[None]]
) -> None:
    ray = fake(Registry(), version=version)
    before = [{**vars(owner)} for owner in (Registry, Controller, Analysis, Node)]
    with (
        left(),
        light_trials(ray),
        few_servers(ray),
        without_worker_obituaries(ray),
        ready_workers(ray),
        own_signals(ray, lambda: None),
    ):
        assert [{**vars(owner)} for owner in (Registry, Controller, Analysis, Node)] == before
        assert startup.job_without_code_folders(ray) is None
        startup.read_token_anew(ray)  # it has nothing of what that reaches for


def test_a_ray_in_which_nothing_is_replaced_imports_from_no_folder_that_hides_what_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    for name in ("mine.py", "notes.txt", "1.py", "numpy.csv"):
        (tmp_path / name).touch()
    other, tested = fake(Registry(), version="2.61.0"), fake(Registry())
    assert startup.why_not_from_here(other) == ""
    (tmp_path / "torch.py").touch()
    (tmp_path / "json").mkdir()
    (tmp_path / "json/__init__.py").touch()
    assert startup.why_not_from_here(tested) == ""
    said = startup.why_not_from_here(other)
    assert f"workers of Ray 2.61.0 would import json, torch from {tmp_path}" in said and "\n" not in said
    with left_out():
        assert "Ray 2.60.0" in startup.why_not_from_here(tested)


def test_a_ray_that_was_imported_before_us_and_cannot_be_put_on_loopback_is_refused() -> None:
    def ray(version: str, **constants: bool) -> Any:
        return SimpleNamespace(
            __version__=version, _private=SimpleNamespace(ray_constants=SimpleNamespace(**constants))
        )

    with pytest.raises(
        EngineError, match=r"^Ray 2\.61\.0 was imported before .*: set RAY_ENABLE_\w+=0 before `import ray`"
    ):
        startup.check_on_loopback(ray("2.61.0", ENABLE_RAY_CLUSTER=True))
    for other in (ray("2.61.0", ENABLE_RAY_CLUSTER=False), ray("2.60.0", ENABLE_RAY_CLUSTER=True), ray("2.61.0"), None):
        startup.check_on_loopback(other)


def test_ray_is_hushed_and_keeps_its_hands_off_signals_for_a_while() -> None:
    said, handlers, armed = list[str](), list[str](), list[str]()

    @contextlib.contextmanager
    def tied(path: str) -> Iterator[None]:
        armed.append(f"tied to {path}")
        yield

    ray = SimpleNamespace(
        __version__="2.60.0",
        _private=SimpleNamespace(
            worker=SimpleNamespace(print_to_stdstream=said.append),
            utils=SimpleNamespace(set_sigterm_handler=handlers.append),
        ),
        _raylet=SimpleNamespace(CoreWorker=lambda mode, store, raylet, *, job: f"{mode} {job}"),
    )
    with without_worker_obituaries(ray), own_signals(ray, lambda: armed.append("again"), tied):
        ray._private.worker.print_to_stdstream("half a page")
        ray._private.utils.set_sigterm_handler("Ray's")
        assert ray._raylet.CoreWorker("a worker", "store", "raylet", job=1) == "a worker 1"
    assert (said, handlers, armed) == ([], [], ["tied to raylet", "again"])
    ray._private.worker.print_to_stdstream("half a page")
    ray._private.utils.set_sigterm_handler("Ray's")
    assert (said, handlers) == (["half a page"], ["Ray's"])


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


@pytest.mark.parametrize("agent", startup.AGENTS)
def test_an_idle_agent_tells_its_ports_and_ends_with_its_scheduler(agent: str, tmp_path: Path) -> None:
    told = startup.AGENTS[agent]
    rays = ["/ray/agent.py", f"--session-dir={tmp_path}", "--node-id=abc", "--minimal", "--x=a=b"]
    scheduler = f"""
import subprocess, sys, time
program = [sys.executable, "-I", "-S", {idle_agent.__file__!r}, {told!r}, *{rays!r}]
agent = subprocess.Popen(program, stdin=subprocess.PIPE)
time.sleep(60)
"""
    mark = uuid.uuid4().hex
    with subprocess.Popen([sys.executable, "-c", scheduler], env={**os.environ, orphans.VARIABLE: mark}) as running:
        names = {f"{name}_abc" for name in told.split(",")}
        wait_until("its ports are told", lambda: {p.name for p in tmp_path.iterdir()} == names, 20)
        assert {p.read_text() for p in tmp_path.iterdir()} == {"-1"}
        assert len(orphans.marked_processes(mark)) == 2
        running.kill()
    wait_until("it ends", lambda: not orphans.marked_processes(mark), 20)


def test_an_idle_agent_writes_through_no_link_that_was_put_there_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path / "outside"
    outside.write_text("somebody's")
    session = tmp_path / "session"
    session.mkdir()
    for name in ("port_abc", "port_abc.part"):
        (session / name).symlink_to(outside)
    monkeypatch.setattr("os.getppid", iter([1, 2]).__next__)
    monkeypatch.setattr("os.dup2", lambda *handles: None)
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO()))
    idle_agent.main("port", f"--session-dir={session}", "--node-id=abc")
    assert outside.read_text() == "somebody's"
    assert (session / "port_abc").read_text() == "-1" and not (session / "port_abc").is_symlink()


def test_actors_ask_for_no_environment_and_each_class_is_sent_once() -> None:
    class Cache:
        def __init__(self) -> None:
            self._cache: dict[type, Any] = {}

        def get(self, trainable: type) -> Any:
            return {"with an environment": trainable}

    sent: list[type] = []

    def remote(trainable: type) -> str:
        sent.append(trainable)
        return f"remote {trainable.__name__}"

    ray = SimpleNamespace(
        __version__="2.60.0",
        remote=remote,
        tune=SimpleNamespace(execution=SimpleNamespace(class_cache=SimpleNamespace(_ActorClassCache=Cache))),
    )
    with ready_workers(ray):
        cache = Cache()
        assert [cache.get(Node), cache.get(Node), cache.get(Controller)] == ["remote Node"] * 2 + ["remote Controller"]
    assert sent == [Node, Controller]
    assert Cache().get(Node) == {"with an environment": Node}


def test_the_names_are_those_of_the_ray_that_is_installed() -> None:
    node = pytest.importorskip("ray._private.node").Node
    controller = pytest.importorskip("ray.tune.execution.tune_controller").TuneController
    registry = pytest.importorskip("ray.tune.registry")._Registry
    assert all(hasattr(node, name) for name in UNUSED_SERVERS)
    assert hasattr(controller, "_get_trial_checkpoints")
    assert hasattr(pytest.importorskip("ray.tune.analysis").ExperimentAnalysis, "_fetch_trial_dataframes")
    assert all(hasattr(registry, name) for name in ("get", "contains", "register"))
    assert hasattr(pytest.importorskip("ray.tune.execution.class_cache")._ActorClassCache, "get")
    assert hasattr(pytest.importorskip("ray._private.services"), startup.COMMAND)
    constants = pytest.importorskip("ray._private.ray_constants")
    assert hasattr(constants, "RAY_ENABLE_UV_RUN_RUNTIME_ENV")
    assert {constants.PROCESS_TYPE_DASHBOARD_AGENT, constants.PROCESS_TYPE_RUNTIME_ENV_AGENT} == set(startup.AGENTS)
    assert pytest.importorskip("ray").__version__.startswith(TESTED)
    assert hasattr(constants, "ENABLE_RAY_CLUSTER")
    assert hasattr(pytest.importorskip("ray._private.worker"), "print_to_stdstream")
    assert hasattr(pytest.importorskip("ray._private.utils"), "set_sigterm_handler")
    raylet = pytest.importorskip("ray._raylet")
    assert hasattr(raylet, "CoreWorker") and hasattr(raylet.Config, "initialize")
    assert hasattr(raylet.AuthenticationTokenLoader.instance(), "reset_cache")
    trial = pytest.importorskip("ray.tune.experiment").Trial("x", stub=True)
    assert trial.temporary_state.ray_actor is None and actor_of(trial) is None
    trial.temporary_state.ray_actor = "its worker"
    assert actor_of(trial) == "its worker"


def test_the_ports_are_those_that_this_ray_waits_for() -> None:
    raylet = pytest.importorskip("ray._raylet")
    ports = {getattr(raylet, name) for name in dir(raylet) if name.endswith("_PORT_NAME")} - {"gcs_server_port"}
    assert {port for told in startup.AGENTS.values() for port in told.split(",")} == ports
