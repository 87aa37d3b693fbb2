"""How many cores this process may use: those of its affinity, but no more than a container's quota pays for."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath


def usable_cores(system: Path = Path("/")) -> int:
    """The lower of affinity and cgroup quota, rounded up, at least 1.

    Args:
        system: the root of the file system, for tests.
    """
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min([affinity, *(math.ceil(quota) for quota in _quotas(system))]))


def _quotas(system: Path) -> Iterator[float]:
    """Cores that each cgroup around this process pays for, where it has a limit; version 1 and 2."""
    for folder, top in _folders(system):
        for place in (folder, *folder.parents):
            if (limit := _limit(place)) is not None:
                yield limit
            if place == top:
                break


def _folders(system: Path) -> Iterator[tuple[Path, Path]]:
    """The folder of this process's cgroup and of the mount that it lies in, for each hierarchy that rules the cores.

    A container often sees its own cgroup as the mount, under another path than the one it is told.
    """
    paths: dict[str, str] = {}
    for line in _lines(system / "proc/self/cgroup"):
        _, controllers, path = (*line.split(":", 2), "", "")[:3]
        if not controllers or "cpu" in controllers.split(","):
            paths["cgroup" if controllers else "cgroup2"] = path
    for line in _lines(system / "proc/self/mountinfo"):
        before, _, after = line.partition(" - ")
        root, mount = (*before.split(), *[""] * 5)[3:5]
        kind, _, options = (*after.split(), "", "", "")[:3]
        if kind in paths and (kind == "cgroup2" or "cpu" in options.split(",")):
            top, inside = system / mount.lstrip("/"), PurePosixPath(paths[kind])
            yield top / (inside.relative_to(root) if inside.is_relative_to(root) else ""), top


def _limit(folder: Path) -> float | None:
    """Cores that one cgroup pays for; None where it has no limit."""
    try:
        if (both := folder / "cpu.max").is_file():
            quota, period = both.read_text().split()[:2]
        else:
            quota, period = ((folder / f"cpu.cfs_{name}_us").read_text().strip() for name in ("quota", "period"))
        return float(quota) / float(period) if float(quota) > 0 else None
    except (OSError, ValueError, ZeroDivisionError):  # "max", or nothing there that could be read
        return None


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(errors="replace").splitlines()
    except OSError:
        return []
