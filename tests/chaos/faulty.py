"""Faults inside a worker or a driver: what production code never contains.

A fault is a file `KIND@EPOCH-NUMBER` in the folder that STUDY_FAULTS names: the first worker whose job has EPOCH epochs
behind it takes the file away and suffers the fault. `driver-*` are the driver's.
"""

from __future__ import annotations

import errno
import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trainables.jobs.ray_trainable import StudyTrainable

FAULTS = "STUDY_FAULTS"
START = ("hang-start",)
WORKER = ("raise", "kill", "exit", "hang", "full", "readonly", "torn", "clock", "diskerror")
HOG = "memory"
"""Takes memory until Ray's memory monitor kills the process; the campaign sets its threshold."""
GREED = 4096
"""Megabytes after which it is no longer waited for."""
DRIVER = ("driver-clock", "driver-full")
PAUSE = 0.02
"""Seconds before each report, so that there is time to be hit."""


def take(kinds: tuple[str, ...], epochs: int) -> str | None:
    """A fault that is due, now taken; two processes never take the same."""
    folder = Path(os.environ[FAULTS])
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        kind, _, rest = path.name.partition("@")
        if kind not in kinds or epochs < int(rest.split("-")[0]):
            continue
        done = folder.parent / "taken"
        done.mkdir(exist_ok=True)
        try:
            path.rename(done / path.name)
        except FileNotFoundError:
            continue
        return kind
    return None


def refuse_writes(number: int, times: int = 1) -> None:
    """The next writes of this process fail as a full or read-only disk makes them fail."""
    real, left = os.fsync, [times]

    def fsync(handle: int) -> None:
        if left[0] > 0:
            left[0] -= 1
            raise OSError(number, os.strerror(number))
        real(handle)

    os.fsync = fsync  # type: ignore[assignment]


def jump(years: float) -> None:
    """The wall clock of this process jumps."""
    real = time.time
    time.time = lambda: real() + years * 3.15e7


class Faulty(StudyTrainable):
    """The trainable, visited by faults between two reports."""

    def setup(self, config: dict[str, Any], **given: Any) -> None:  # type: ignore[override]
        super().setup(config, **{**given, "report_seconds": 0.05})

    def _begin(self, config: Mapping[str, Any]) -> None:
        if take(START, 0):
            time.sleep(3600)
        super()._begin(config)

    def step(self) -> dict[str, Any]:
        time.sleep(PAUSE)
        run = self.__dict__.get("_run")
        if run is not None and (kind := take((*WORKER, HOG), run.epochs_done)):
            self._suffer(kind)
        return super().step()

    def _suffer(self, kind: str) -> None:
        if kind == "raise":
            raise RuntimeError("an injected error")
        if kind == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if kind == "exit":
            os._exit(3)
        if kind == "hang":
            time.sleep(3600)
        if kind == "torn":
            self._tear()
        if kind == HOG:
            hoard = []
            for _ in range(GREED // 64):
                hoard.append(bytearray(os.urandom(1 << 20) * 64))
                time.sleep(0.05)
            raise MemoryError("nobody stepped in")
        if kind == "clock":
            jump(-20)
        number = {"full": errno.ENOSPC, "readonly": errno.EROFS, "diskerror": errno.EIO}.get(kind)
        if number is not None:
            refuse_writes(number)
            self._run.checkpoint()

    def _tear(self) -> None:
        """The last checkpoint is damaged, and the process dies."""
        self._run.checkpoint()
        sink: Any = self._shared[2]
        for trial in self._run._ids.values():
            folder = Path(sink.folder.path(f"checkpoints/{trial}"))
            if newest := sorted(folder.glob("*.ckpt")):
                newest[-1].write_bytes(newest[-1].read_bytes()[:-7])
        os.kill(os.getpid(), signal.SIGKILL)
