"""How much memory may still be taken here."""

from __future__ import annotations

import re
from pathlib import Path

_LIMIT, _USED = Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")
_MACHINE = Path("/proc/meminfo")


def available_bytes() -> int | None:
    """Bytes that are free on this machine, or in this container; None where nobody says."""
    found = re.search(r"^MemAvailable:\s+(\d+) kB", _text(_MACHINE), re.MULTILINE)
    rooms = [int(found[1]) * 1024] if found else []
    limit, used = _text(_LIMIT).strip(), _text(_USED).strip()
    if limit.isdecimal() and used.isdecimal():
        rooms.append(max(0, int(limit) - int(used)))
    return min(rooms, default=None)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, ValueError):
        return ""
