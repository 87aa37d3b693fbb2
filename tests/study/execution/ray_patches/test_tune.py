"""Ray Tune with our patches: each class is sent once, and afterwards all is as it was."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from study.execution.ray_patches.startup import UNUSED_SERVERS, few_servers
from study.execution.ray_patches.tune import light_trials, ready_workers
from tests.study.execution.ray_patches.test_startup import Analysis, Controller, Node, Registry, fake


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
