"""How much memory may still be taken here: what is free, but no more than a container's limit leaves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


def available_bytes(system: Path = Path("/")) -> int | None:
    """The lowest of what is free and of what each cgroup around this process leaves; None where nobody says.

    Args:
        system: the root of the file system, for tests.
    """
    return min([*_free(system), *_left(system)], default=None)


def _free(system: Path) -> Iterator[int]:
    for line in _text(system / "proc/meminfo").splitlines():
        name, _, value = line.partition(":")
        if name == "MemAvailable":
            yield int(value.split()[0]) * 1024


def _left(system: Path) -> Iterator[int]:
    """Of each cgroup with a limit, version 2 and 1."""
    for line in _text(system / "proc/self/cgroup").splitlines():
        _, controllers, path = (*line.split(":", 2), "", "")[:3]
        if controllers and "memory" not in controllers.split(","):
            continue
        top = system / ("sys/fs/cgroup/memory" if controllers else "sys/fs/cgroup")
        limit, used = (
            ("memory.limit_in_bytes", "memory.usage_in_bytes") if controllers else ("memory.max", "memory.current")
        )
        folder = top / path.lstrip("/")
        for place in (folder, *(p for p in folder.parents if p.is_relative_to(top))):
            highest, now = _text(place / limit).strip(), _text(place / used).strip()
            if highest.isdigit() and now.isdigit():
                yield max(0, int(highest) - int(now))


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
