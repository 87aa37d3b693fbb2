"""Ending early: by a signal, or because going on makes no sense. No Ray here; `study.execution.ray_executor` asks
whether to stop.

The first signal asks a run to end: its trials save where they are. A second one, or `STOP_GRACE_SECONDS` seconds, end
the process at once; what was not saved is then trained again, from the last checkpoint.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import FrameType

from trainables.config.errors import StoreError, StudyError

STOP_GRACE_SECONDS = 8.0
"""Seconds that a run may take to end after a signal."""
GO_ON = "interrupted; the same command goes on from here"
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass
class StopRequest:
    """Whether, and why, a run should end."""

    reason: str = ""
    """Why, if not by a signal: a sentence for people."""
    kind: type[StudyError] = StoreError
    """What such an end is to the command line."""
    signalled: bool = False
    gently: bool = field(default=False, repr=False)
    """Whether somebody looks at this object; else a signal raises KeyboardInterrupt."""

    @property
    def asked(self) -> bool:
        """Whether it should."""
        return self.signalled or bool(self.reason)

    arm: Callable[[], None] = field(default=lambda: None, repr=False, compare=False)
    """To be called after somebody else, such as `ray.init`, has put signal handlers of their own."""

    def because(self, reason: str, kind: type[StudyError] = StoreError) -> None:
        """Ask the run to end; the first reason stays."""
        if not self.reason:
            self.reason, self.kind = reason, kind

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Within, a signal sets `signalled` and nothing else."""
        self.gently = True
        try:
            yield
        finally:
            self.gently = False


@contextlib.contextmanager
def on_signals() -> Iterator[StopRequest]:
    """SIGINT, SIGTERM and SIGHUP end what is within, soon and with one line; only in the main thread."""
    stop = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    timers: list[threading.Timer] = []

    def receive(_number: int, _frame: FrameType | None) -> None:
        if stop.signalled:
            _end_now()
        stop.signalled = True
        timer = threading.Timer(STOP_GRACE_SECONDS, _end_now)
        timer.daemon = True
        timer.start()
        timers.append(timer)
        if not stop.gently:
            raise KeyboardInterrupt

    def arm() -> None:
        for number in _SIGNALS:
            signal.signal(number, receive)

    before = {s: signal.getsignal(s) for s in _SIGNALS}
    stop.arm = arm
    arm()
    try:
        yield stop
    finally:
        for timer in timers:
            timer.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)


def _end_now() -> None:
    """End this process whatever it does; what it started ends with it, see `study.execution.orphans`."""
    with contextlib.suppress(OSError):
        os.write(sys.stderr.fileno() if sys.stderr else 2, f"error: {GO_ON}\n".encode())
    os._exit(130)
