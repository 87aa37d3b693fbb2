"""Run one side of a comparison in a process of its own, and say what it took: wall clock, processor time, memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

AS_AT_A_DESK = {"OMP_NUM_THREADS": "1", "RAY_USAGE_STATS_ENABLED": "0", "PYTHONDONTWRITEBYTECODE": ""}
"""One thread a process, and bytecode is kept: without it each process compiles the project again."""
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Taken:
    """What a side took, start-up included."""

    wall: float
    """Seconds."""
    processor: float
    """Seconds of processor time of the process and of all that it started, looked at twice a second."""
    memory: float
    """Largest resident memory of the first process, MB."""
    answer: dict[str, Any]
    """What it printed as its last line."""


class SideFailed(RuntimeError):
    """A side did not come to its end."""


def run(*command: str, timeout: float = 3000.0, environment: dict[str, str] | None = None) -> Taken:
    """Run `python COMMAND` and take its time.

    Raises:
        SideFailed: with the end of what it said.
    """
    env = {**os.environ, **AS_AT_A_DESK, **(environment or {})}
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        began = time.monotonic()
        process = subprocess.Popen([sys.executable, *command], stdout=out, stderr=err, env=env, text=True)
        watch = _Watch(process.pid)
        watch.start()
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.terminate()
            process.wait()
            code = -1
        wall = time.monotonic() - began
        watch.over.set()
        watch.join()
        out.seek(0)
        err.seek(0)
        lines = [line for line in out.read().splitlines() if line.strip()]
        if code != 0:
            raise SideFailed(f"{' '.join(command)} ended with {code}: {err.read()[-1500:]}")
    try:
        answer = json.loads(lines[-1]) if lines else {}
    except ValueError:
        answer = {}
    return Taken(wall, watch.seconds, watch.memory, answer if isinstance(answer, dict) else {})


class _Watch(threading.Thread):
    """Adds up the processor time of a process and its descendants, the ended ones at their last sight."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self.over = threading.Event()
        self.memory = 0.0
        self._root, self._used = root, dict[int, float]()

    @property
    def seconds(self) -> float:
        return sum(self._used.values())

    def run(self) -> None:
        while not self.over.wait(0.5):
            self._look()

    def _look(self) -> None:
        parents: dict[int, int] = {}
        used: dict[int, float] = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                fields = (entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(entry.name)] = int(fields[1])
            used[int(entry.name)] = (int(fields[11]) + int(fields[12])) / _TICK
            if int(entry.name) == self._root:
                self.memory = max(self.memory, int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 1e6)
        family = {self._root} | set(self._used)
        grown = True
        while grown:
            new = {p for p, parent in parents.items() if parent in family and p not in family}
            family |= new
            grown = bool(new)
        for pid in family & set(used):
            self._used[pid] = max(used[pid], self._used.get(pid, 0.0))
