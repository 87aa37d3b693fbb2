"""Processes of a machine: which belong to a run, which listen, and ending them."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path


def listening(pids: list[int]) -> list[int]:
    """TCP ports that any of these processes listens on."""
    sockets = set()
    for pid in pids:
        with contextlib.suppress(OSError):
            for handle in Path(f"/proc/{pid}/fd").iterdir():
                with contextlib.suppress(OSError):
                    sockets.add(os.readlink(handle))  # noqa: PTH115  # `pipe:[1]` is no path
    lines = [x.split() for f in ("tcp", "tcp6") for x in Path(f"/proc/net/{f}").read_text().splitlines()[1:]]
    return sorted({int(x[1].rpartition(":")[2], 16) for x in lines if x[3] == "0A" and f"socket:[{x[9]}]" in sockets})


def kill(pid: int) -> None:
    """End a process that may be gone already."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def children(pid: int) -> list[tuple[int, str]]:
    """Everything that a process started, with its command line."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, ValueError, IndexError):
                continue
            parents.setdefault(parent, []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        for child in parents.get(waiting.pop(), ()):
            waiting.append(child)
            if name := title(child):
                found.append((child, name))
    return found


def title(pid: int) -> str:
    """A process's command line; empty where it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def marked(mark: str) -> list[int]:
    """Processes with NAME=VALUE in their environment, but for this one."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if not entry.name.isdigit() or (entry / "stat").read_text().rpartition(")")[2].split()[0] == "Z":
                continue
            if mark.encode() in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except (OSError, IndexError):
            continue
    return [p for p in found if p != os.getpid()]
