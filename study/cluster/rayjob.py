"""A RayJob as `kubectl` is given it: the file's own, with the command to run, what that finds, and its time limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True)
class RayJobText:
    """What is sent to Kubernetes, as YAML."""

    name: str
    job: str
    others: str
    """What the job needs, which the file has beside it."""


def with_command(path: str | Path, entrypoint: str, seconds: float | None, variables: Mapping[str, str]) -> RayJobText:
    """The RayJob of a checked file with a command in the place of its own.

    Args:
        path: its file, which stays as it is.
        entrypoint: the command.
        seconds: its time limit; the file's own holds where that is shorter.
        variables: what the command finds in its environment; the file's own hold.
    """
    job, *others = (d for d in yaml.safe_load_all(Path(path).read_text(encoding="utf-8")) if d)
    spec = job["spec"]
    spec["entrypoint"] = entrypoint
    there = yaml.safe_load(spec.get("runtimeEnvYAML") or "{}")
    there["env_vars"] = {**variables, **(there.get("env_vars") or {})}
    spec["runtimeEnvYAML"] = yaml.safe_dump(there)
    if seconds is not None:
        spec["activeDeadlineSeconds"] = min(int(seconds), spec.get("activeDeadlineSeconds") or 10**9)
    return RayJobText(job["metadata"]["name"], yaml.safe_dump(job), yaml.safe_dump_all(others))
