"""Waiting for what other processes do."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path


def wait_until(what: str, so: Callable[[], object], seconds: float, log: Path | None = None) -> float:
    """Wait until something is so; returns how long it took.

    Raises:
        AssertionError: it was not, in time; with the end of the log.
    """
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if so():
            return time.monotonic() - began
        time.sleep(1)
    text = log.read_text(errors="replace")[-4000:] if log and log.exists() else ""
    raise AssertionError(f"not within {seconds:g} s: {what}\n{text}")
