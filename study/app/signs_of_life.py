"""Whether a results folder's run goes on, by what it writes and by its process; no printing."""

from __future__ import annotations

import math
import os
import platform
import time
from collections.abc import Callable

from study.app.screen import STATUS_SECONDS, read_snapshot
from study.app.snapshot import Snapshot
from study.storage.durable_files import Folder
from study.storage.this_machine import is_among_ours, kernel

SILENT_SECONDS = 60.0
"""A run that has written nothing for so long counts as over."""
DOUBT_SECONDS = 86_400.0
"""The clocks of two machines may differ by less than this: zones of time and summer time, set wrongly."""
LOOK_SECONDS = 3 * STATUS_SECONDS
"""For so long a second look is waited for where only a clock says that another machine's run is over."""


class SignsOfLife:
    """Whether a folder's run goes on, by what one look after another finds.

    Of a run on another machine only that counts for sure that it writes: their clocks may differ.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last: float | None = None
        self._heard = -math.inf

    def goes_on(self, run: Snapshot) -> bool:
        """Whether the run that wrote this still goes on, as far as all looks tell."""
        if self._last is not None and run.now != self._last:
            self._heard = self._clock()
        self._last = run.now
        if run.state not in ("running", "stopping") or (is_here(run) and not _there(run.pid)):
            return False
        return abs(time.time() - run.now) < SILENT_SECONDS or self._clock() - self._heard < SILENT_SECONDS

    def in_doubt(self, run: Snapshot) -> bool:
        """Whether only a clock says that it is over."""
        of_run = run.state in ("running", "stopping") and not is_here(run) and not self.goes_on(run)
        return of_run and abs(time.time() - run.now) < DOUBT_SECONDS


def is_here(run: Snapshot) -> bool:
    """Whether its process can be looked up here: it ran on this machine, and in this container."""
    return is_among_ours(run.host, run.kernel or kernel())  # older versions say no kernel


def has_our_clock(run: Snapshot) -> bool:
    """Whether it ran on a machine of this name: on this one, be it started anew since, or in a container of it."""
    return run.host == platform.node()


def since_written(run: Snapshot) -> float:
    """Seconds since a run wrote this, by this machine's clock; none of another machine's, whose clock may differ."""
    return max(0.0, time.time() - run.now) if has_our_clock(run) else 0.0


def _there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:  # it is another user's
        return True
    except (OSError, OverflowError):
        return False
    return pid > 0


def latest_run(folder: Folder) -> tuple[Snapshot | None, bool]:
    """What a folder's run shows, and whether it goes on; looks again where only a clock says that it does not."""
    signs, began = SignsOfLife(), time.monotonic()
    run = read_snapshot(folder)
    while (
        run is not None and signs.in_doubt(run) and time.monotonic() - began < LOOK_SECONDS * (1 if folder.local else 5)
    ):
        time.sleep(0.5 if folder.local else 2.5)
        run = read_snapshot(folder)
    return run, run is not None and signs.goes_on(run)
