"""The cores that a container's quota pays for, on made-up file systems of both versions of cgroups."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from study.app import run_studies as commands
from study.planning import executor
from study.planning import usable_cores as cores

V2 = "36 25 0:31 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
V1 = "33 32 0:28 {root} /sys/fs/cgroup/cpu,cpuacct rw,nosuid - cgroup cgroup rw,cpu,cpuacct\n"
V1_SET = "34 32 0:29 / /sys/fs/cgroup/cpuset rw,nosuid - cgroup cgroup rw,cpuset\n"


@pytest.fixture(autouse=True)
def eight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))


def system(folder: Path, mounts: str, cgroup: str, files: dict[str, str]) -> Path:
    """A file system in which a process has these mounts and this cgroup."""
    for name, text in {"proc/self/mountinfo": mounts, "proc/self/cgroup": cgroup, **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def v2(path: str, limits: dict[str, str]) -> tuple[str, str, dict[str, str]]:
    return V2, f"0::{path}\n", {f"sys/fs/cgroup{at}/cpu.max": text for at, text in limits.items()}


def v1(path: str, limits: dict[str, int], root: str = "/") -> tuple[str, str, dict[str, str]]:
    files = {f"sys/fs/cgroup/cpu,cpuacct{at}/cpu.cfs_quota_us": f"{n}\n" for at, n in limits.items()}
    files |= {f"sys/fs/cgroup/cpu,cpuacct{at}/cpu.cfs_period_us": "100000\n" for at in limits}
    return V1_SET + V1.format(root=root), f"5:cpuset:/else\n4:cpu,cpuacct:{path}\n0::/\n", files


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (v2("/", {}), 8),
        (v2("/", {"": "max 100000\n"}), 8),
        (v2("/", {"": "200000 100000\n"}), 2),
        (v2("/", {"": "50000 100000\n"}), 1),
        (v2("/", {"": "250000 100000\n"}), 3),
        (v2("/", {"": "6400000 100000\n"}), 8),
        (v2("/pod/box", {"/pod/box": "max 100000\n", "/pod": "300000 100000\n"}), 3),
        (v2("/pod/box", {"/pod/box": "150000 50000\n", "/pod": "500000 100000\n"}), 3),
        (v2("/pod/box", {"": "100000 100000\n"}), 1),
        (v2("/", {"": "what?\n"}), 8),
        (v2("/", {"": "100000 0\n"}), 8),
        (v1("/", {"": -1}), 8),
        (v1("/", {"": 200_000}), 2),
        (v1("/docker/abc", {"": 50_000}, root="/docker/abc"), 1),
        (v1("/docker/abc", {"": 250_000}), 3),
        (v1("/docker/abc", {"/docker/abc": -1, "/docker": 400_000}), 4),
        (("", "", {}), 8),
        (("garbage - \n", "0::/\n", {}), 8),
        ((V2, "garbage\n", {}), 8),
    ],
)
def test_the_lower_of_affinity_and_quota(given: tuple[str, str, dict[str, str]], expected: int, tmp_path: Path) -> None:
    assert cores.usable_cores(system(tmp_path, *given)) == expected


def test_where_nothing_is_known_it_is_the_affinity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cores.usable_cores(tmp_path) == 8
    monkeypatch.delattr(os, "sched_getaffinity")
    assert cores.usable_cores(tmp_path) == (os.cpu_count() or 1)


def test_one_count_for_plan_run_and_search_and_the_users_own_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("study.planning.usable_cores._quotas", lambda _: iter([1.5]))
    assert (
        cores.usable_cores()
        == commands.cores_of(commands.RunOptions())
        == executor.cores(executor.ExecutionSettings())
        == 2
    )
    assert commands.cores_of(commands.RunOptions(cpus=5)) == executor.cores(executor.ExecutionSettings(cpus=5)) == 5
