"""Ending early: by a signal, or because going on makes no sense. No Ray here; `study.execution.ray_executor` asks
whether to stop.

The first signal asks a run to end: its trials save where they are. One that comes within a second is the same wish (see
`study.planning.wishes`). A later one, or `STOP_GRACE_SECONDS`, end the process at once; what was not saved is then
trained again, from the last checkpoint. So does the first one until somebody trains: nothing would be saved.

In a process that is somebody else's, such as a notebook's, only SIGINT is heard, and a second one raises
KeyboardInterrupt: the process and what it holds live on.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType

from study.planning.executor import StopRequest
from study.planning.wishes import WISHES

STOP_GRACE_SECONDS = 8.0
"""Seconds that a run may take to end after a signal."""
RESUME_HINT = "interrupted; the same command goes on from here"
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def on_signals(*, guest: bool = False) -> Iterator[StopRequest]:
    """SIGINT, SIGTERM and SIGHUP end what is within, soon and with one line; only in the main thread.

    `guest`: the process is somebody else's and must not be ended.
    """
    stop = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    timers: list[threading.Timer] = []

    def receive(_number: int, _frame: FrameType | None) -> None:
        new_wish = WISHES.is_new()
        if stop.signalled:
            if new_wish:
                if guest:
                    raise KeyboardInterrupt
                _end_now(stop, "at once")
            return
        stop.signalled = True
        if not guest:
            at_once = stop.gently and stop.nothing_yet()
            seconds, when = (0.0, "at once") if at_once else (STOP_GRACE_SECONDS, f"after {STOP_GRACE_SECONDS:g} s")
            timer = threading.Timer(seconds, _end_now, (stop, when))
            timer.daemon = True
            timer.start()
            timers.append(timer)
        if not stop.gently:
            raise KeyboardInterrupt

    def arm() -> None:
        for number in heard:
            signal.signal(number, receive)

    before = {s: signal.getsignal(s) for s in ([signal.SIGINT] if guest else _SIGNALS)}
    for number in (signal.SIGHUP, signal.SIGINT):  # ignored as under nohup, or behind "&" in a script: it stays so
        if before.get(number) is signal.SIG_IGN:
            del before[number]
    heard = tuple(before)
    stop.arm = arm
    arm()
    try:
        yield stop
    finally:
        for timer in timers:
            timer.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)


WORDS_SECONDS = 1.0
"""An end that will not wait waits no longer for its own words."""


def _end_now(stop: StopRequest, when: str) -> None:
    """End this process whatever it does; what it started ends with it, see `study.execution.orphans`."""
    lost = _in_time(lambda: stop.unsaved(when))
    follows = f"\nnext  {stop.command}" if stop.command else ""
    with contextlib.suppress(OSError, ValueError):
        os.write(sys.stderr.fileno() if sys.stderr else 2, f"{lost}\n{RESUME_HINT}{follows}\n".lstrip().encode())
    os._exit(130)


def _in_time(words: Callable[[], str]) -> str:
    """What a function says, or nothing where it fails or takes long: a lock may be held by whoever hangs."""
    said: list[str] = []

    def ask() -> None:
        with contextlib.suppress(Exception):
            said.append(words())

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(WORDS_SECONDS)
    return said[0] if said else ""
