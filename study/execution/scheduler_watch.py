"""When Ray's scheduler of a run dies, the run ends with a sentence and the code of a broken Ray.

By itself Ray ends this process from C++ some seconds later, with another code and no word. Only Linux has `/proc`;
elsewhere that is how it ends.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from pathlib import Path

from study.planning.executor import StopRequest
from trainables.config.errors import EngineError

DIED = "Ray broke down (its scheduler, the raylet, has ended); the same command goes on from here"
GRACE_SECONDS = 3.0
"""Seconds in which a run may end by itself after that; Ray would end it after about nine."""


class SchedulerWatch:
    """Watches over the raylet that this process has started, if it can be found.

    Args:
        stop: is asked to end the run.
        every: seconds between two looks.
    """

    def __init__(self, stop: StopRequest, every: float = 0.2) -> None:
        self._stop, self._every = stop, every
        self._closing, self._over = False, threading.Event()

    def begin(self) -> None:
        """Ray has started."""
        if (pid := _child("raylet")) is not None:
            threading.Thread(target=self._look, args=(pid,), daemon=True).start()

    def close(self) -> None:
        """From now on it may end."""
        self._closing = True

    def end(self) -> None:
        """Ray is shut down."""
        self._over.set()

    def _look(self, pid: int) -> None:
        while not self._over.wait(self._every):
            if _lives(pid):
                continue
            if self._closing:
                return
            self._stop.because(DIED, EngineError)
            if not self._over.wait(GRACE_SECONDS):
                with contextlib.suppress(OSError, ValueError):
                    os.write(sys.stderr.fileno(), f"error: {DIED}\n".encode())
                os._exit(EngineError.exit_code)
            return


def _child(name: str) -> int | None:
    """The process of that name among this one's children."""
    for task in Path("/proc/self/task").glob("*"):
        with contextlib.suppress(OSError):
            for child in (task / "children").read_text().split():
                with contextlib.suppress(OSError):
                    if Path(f"/proc/{child}/comm").read_text().strip() == name:
                        return int(child)
    return None


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (OSError, IndexError):
        return False
