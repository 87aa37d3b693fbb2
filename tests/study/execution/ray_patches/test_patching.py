"""What is replaced in Ray: for versions that were tested alone, and by names that are there."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest

from study.execution.ray_patches import startup
from study.execution.ray_patches.patching import TESTED, left_out
from study.execution.ray_patches.startup import UNUSED_SERVERS, few_servers, own_signals, without_worker_obituaries
from study.execution.ray_patches.tune import actor_of, light_trials, ready_workers
from tests.study.execution.ray_patches.test_startup import Analysis, Controller, Node, Registry, fake


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
