"""What is left out of Ray is put back, and what is remembered is never another run's."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from study.lean import UNASKED, few_servers, light_trials


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


class Node:
    def start_monitor(self) -> str:
        return "started"

    def start_log_monitor(self) -> str:
        return "started"

    def start_api_server(self, *, include_dashboard: bool) -> str:
        return f"started {include_dashboard}"

    def start_raylet(self) -> str:
        return "started"


def fake(registry: Registry, node: type = Node) -> Any:
    return SimpleNamespace(
        _private=SimpleNamespace(node=SimpleNamespace(Node=node)),
        tune=SimpleNamespace(
            registry=SimpleNamespace(_global_registry=registry),
            execution=SimpleNamespace(tune_controller=SimpleNamespace(TuneController=Controller)),
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
    before = {**vars(Registry)}, {**vars(Controller)}, {**vars(Node)}
    ray = fake(Registry())
    with light_trials(ray), few_servers(ray):
        assert Controller()._get_trial_checkpoints() == {}
        assert Node().start_api_server(include_dashboard=False) is None
        assert Node().start_raylet() == "started"
    with pytest.raises(RuntimeError), light_trials(ray), few_servers(ray):
        raise RuntimeError
    assert ({**vars(Registry)}, {**vars(Controller)}, {**vars(Node)}) == before


def test_a_ray_without_those_names_starts_as_it_does() -> None:
    class Other:
        def start(self) -> str:
            return "started"

    with few_servers(fake(Registry(), Other)):
        assert Other().start() == "started" and not any(hasattr(Other, name) for name in UNASKED)
    with few_servers(SimpleNamespace()), light_trials(SimpleNamespace()):
        pass


def test_the_names_are_those_of_the_ray_that_is_installed() -> None:
    node = pytest.importorskip("ray._private.node").Node
    controller = pytest.importorskip("ray.tune.execution.tune_controller").TuneController
    registry = pytest.importorskip("ray.tune.registry")._Registry
    assert all(hasattr(node, name) for name in UNASKED)
    assert hasattr(controller, "_get_trial_checkpoints")
    assert all(hasattr(registry, name) for name in ("get", "contains", "register"))
