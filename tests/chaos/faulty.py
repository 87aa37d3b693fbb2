"""Faults inside a worker or a driver: what production code never contains.

A fault is a file `KIND@EPOCH-NUMBER` in the folder that STUDY_FAULTS names: the first worker whose job has EPOCH epochs
behind it takes the file away and suffers the fault. `driver-*` are the driver's.
"""

from __future__ import annotations

import errno
import os
import resource
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainables.data.dataset import DataSet
from trainables.jobs.job import Job, JobOptions, RecordSink, StepReport
from trainables.jobs.job_steps import JobSteps

if TYPE_CHECKING:
    from trainables.jobs.job_runner import JobRunner

FAULTS = "STUDY_FAULTS"
START = ("hang-start",)
WORKER = ("raise", "kill", "exit", "hang", "full", "readonly", "torn", "clock", "diskerror")
HOG = "memory"
"""Takes memory until Ray's memory monitor kills the process; the campaign sets its threshold."""
STARVED = "starved"
"""The process gets no more memory, so that the trial's next request fails."""
FORK = "fork"
"""A process is forked that goes on, as a library's helper may; the trial trains on. It ends when its file in `forked`
beside the faults is gone."""
SLOW = "slow"
"""A step that takes a second: what is done to the run meanwhile hits a trial that is under way."""
GREED = 5120
"""Megabytes after which it is no longer waited for."""
DRIVER = ("driver-clock", "driver-full")
PAUSE = "STUDY_CHAOS_PAUSE"
"""Names the seconds before each report, so that there is time to be hit."""


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


def _stay() -> None:
    """What a forked process does, until it is told to end, or nobody can tell it any more."""
    mine = Path(os.environ[FAULTS]).parent / "forked" / str(os.getpid())
    mine.parent.mkdir(exist_ok=True)
    mine.touch()
    until = time.monotonic() + 1800
    while mine.exists() and time.monotonic() < until:
        time.sleep(0.1)
    os._exit(0)


def refuse_writes(number: int, times: int = 1) -> None:
    """The next writes of this process fail as a full or read-only disk makes them fail."""
    real, left = os.fsync, [times]

    def fsync(handle: int) -> None:
        if left[0] > 0:
            left[0] -= 1
            raise OSError(number, os.strerror(number))
        real(handle)

    os.fsync = fsync  # type: ignore[assignment]


def starve() -> None:
    """Ask for more memory than this process may have: Python and PyTorch get the system's own refusal."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + (1 << 26), before[1]))
    try:
        bytearray(1 << 30)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def jump(years: float) -> None:
    """The wall clock of this process jumps."""
    real = time.time
    time.time = lambda: real() + years * 3.15e7


class FaultySteps(JobSteps):
    """A job's steps, visited by faults between two of them."""

    def __init__(
        self,
        job: Job,
        until: int | None,
        data: DataSet,
        sink: RecordSink,
        options: JobOptions,
        report_seconds: float = 0.0,
    ) -> None:
        super().__init__(job, until, data, sink, options, 0.0)  # an epoch a step, so that no fault comes too late

    def step(self) -> StepReport:
        if self.run is None and take(START, 0):
            time.sleep(3600)
        time.sleep(float(os.environ[PAUSE]))
        if self.run is not None and (kind := take((*WORKER, HOG, STARVED, FORK, SLOW), self.run.epochs_done)):
            self._suffer(kind, self.run)
        return super().step()

    def _suffer(self, kind: str, run: JobRunner) -> None:
        if kind == "raise":
            raise RuntimeError("an injected error")
        if kind == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if kind == "exit":
            os._exit(3)
        if kind == "hang":
            time.sleep(3600)
        if kind == SLOW:
            time.sleep(1)
        if kind == "torn":
            self._tear(run)
        if kind == HOG:
            hoard = []
            for _ in range(GREED // 64):
                hoard.append(bytearray(os.urandom(1 << 20) * 64))
                time.sleep(0.05)
            raise MemoryError("nobody stepped in")
        if kind == STARVED:
            starve()
        if kind == FORK and os.fork() == 0:
            _stay()
        if kind == "clock":
            jump(-20)
        number = {"full": errno.ENOSPC, "readonly": errno.EROFS, "diskerror": errno.EIO}.get(kind)
        if number is not None:
            refuse_writes(number)
            run.checkpoint()

    def _tear(self, run: JobRunner) -> None:
        """The last checkpoint is damaged, and the process dies."""
        run.checkpoint()
        sink: Any = self.sink
        for trial in run._ids.values():
            folder = Path(sink.folder.path(f"checkpoints/{trial}"))
            if newest := sorted(folder.glob("*.ckpt")):
                newest[-1].write_bytes(newest[-1].read_bytes()[:-7])
        os.kill(os.getpid(), signal.SIGKILL)
