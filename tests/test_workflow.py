"""The CI workflow, without running it: it is YAML, calls targets that exist, and runs only code that cannot change."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.fitness import Unfit, _try, need_tools

ROOT = Path(__file__).parent.parent
FILE = ROOT / ".github/workflows/ci.yml"


def jobs() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(FILE.read_text())["jobs"]
    return found


def commands(job: dict[str, Any]) -> list[str]:
    return [step["run"] for step in job["steps"] if "run" in step]


def test_it_calls_what_there_is() -> None:
    targets = set(re.findall(r"^([a-z][a-z0-9-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    called = {name for job in jobs().values() for c in commands(job) for name in re.findall(r"\bmake ([a-z0-9-]+)", c)}
    assert "e2e" in called
    assert called <= targets
    assert os.access(ROOT / ".ci/run", os.X_OK)
    assert any(".ci/run" in c for c in commands(jobs()["check"]))
    assert any(re.search(r"\bmake test\b", c) for c in commands(jobs()["test"]))


def test_whole_machines_have_root_and_no_container_around_them() -> None:
    """An hour: it has all tests with Ray, browser or server besides."""
    job = jobs()["e2e"]
    assert all(c.startswith("sudo ") for c in commands(job))
    assert "container" not in job
    assert job["timeout-minutes"] <= 60
    assert all(j["timeout-minutes"] <= 30 for name, j in jobs().items() if name != "e2e")


def test_actions_of_others_are_pinned_to_a_commit() -> None:
    used = [step["uses"] for job in jobs().values() for step in job["steps"] if "uses" in step]
    assert used
    assert all(re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", name) for name in used)
    for name in used:
        assert re.search(re.escape(name) + r" # v\d+\.\d+\.\d+$", FILE.read_text(), re.MULTILINE), "with its version"
    assert yaml.safe_load(FILE.read_text())["permissions"] == {"contents": "read"}


def pythons(job: dict[str, Any]) -> list[str]:
    """The versions that a job runs with: those of its matrix, or the one it names."""
    (version,) = [s["with"]["python-version"] for s in job["steps"] if "python-version" in s.get("with", {})]
    matrix: list[str] = job["strategy"]["matrix"]["python"] if version == "${{ matrix.python }}" else [version]
    return matrix


def test_the_python_is_one_that_the_project_takes() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for job in jobs().values():
        for version in pythons(job):
            assert re.search(rf"\b{re.escape(version)}\b", makefile)


def test_the_tests_run_under_every_python_that_is_named() -> None:
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["classifiers"]
    named = [c.rpartition(" ")[2] for c in classifiers if re.search(r":: Python :: 3\.\d+$", c)]
    assert pythons(jobs()["test"]) == named


def test_hooks_take_seconds_and_call_the_makefile() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    hooks = [hook for repository in config["repos"] for hook in repository["hooks"]]
    assert config["default_stages"] == ["pre-commit"] and not any("stages" in hook for hook in hooks)
    assert {hook["entry"] for hook in hooks} == {"make format-check", "make lint"}


def test_issue_forms_ask_for_something() -> None:
    forms = [p for p in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml") if p.name != "config.yml"]
    assert forms
    for form in forms:
        said = yaml.safe_load(form.read_text())
        assert said["name"] and said["description"], form.name
        assert any(part.get("validations", {}).get("required") for part in said["body"]), form.name


def test_a_machine_that_cannot_hold_others_says_so_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.e2e.fitness.os.geteuid", lambda: 1000)
    with pytest.raises(Unfit, match="these tests need root on Linux: sudo make e2e"):
        need_tools()
    with pytest.raises(Unfit, match=r"namespaces: no such luck$") as caught:
        _try(["sh", "-c", "echo no such >&2; echo luck >&2; exit 1"], "namespaces")
    assert "\n" not in str(caught.value)
