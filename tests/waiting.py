"""Waiting for what other processes do, the one place where a test waits on the clock; within one, await an event."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tests.forked import Program


def ended_within(process: subprocess.Popen[str] | subprocess.Popen[bytes], seconds: float) -> bool:
    """Whether a process ends within so many seconds: as soon as it does."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def wait_until(
    what: str,
    so: Callable[[], object],
    seconds: float,
    log: Path | None = None,
    *,
    of: Program | None = None,
    every: float = 1.0,
) -> float:
    """Wait until something is so, looking `every` so many seconds; returns how long it took.

    Raises:
        AssertionError: it was not, in time or before the process ended `of` which it is; with the end of the log.
    """
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if so():
            return time.monotonic() - began
        assert of is None or of.poll() is None, f"its process has ended; not so before: {what}"
        time.sleep(every)
    text = log.read_text(errors="replace")[-4000:] if log and log.exists() else ""
    raise AssertionError(f"not within {seconds:g} s: {what}\n{text}")
