"""The memory that this process may use."""

from __future__ import annotations

from typing import Any

from study.planning.usable_memory import available_memory


def test_a_containers_limit_counts(tmp_path: Any) -> None:
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/meminfo").write_text("MemTotal: 9000 kB\nMemAvailable:    8000 kB\n")
    assert available_memory(tmp_path) == 8000 * 1024
    (tmp_path / "proc/self/cgroup").write_text("0::/a/b\n")
    inner = tmp_path / "sys/fs/cgroup/a/b"
    inner.mkdir(parents=True)
    (inner / "memory.max").write_text("max\n")
    for name, value in (("max", 5000), ("current", 4000)):
        (inner.parent / f"memory.{name}").write_text(f"{value}\n")
    assert available_memory(tmp_path) == 1000
    assert available_memory(tmp_path / "nowhere") > 0
