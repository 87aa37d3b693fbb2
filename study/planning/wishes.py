"""A signal that comes twice for one wish: `timeout` and `make` send theirs to a process, and to its group."""

from __future__ import annotations

import math
import time

ONE_WISH_SECONDS = 1.0
"""Seconds after a signal in which another one is no second wish."""


class Wishes:
    """Told of every signal, of whatever kind."""

    def __init__(self) -> None:
        self._heard = -math.inf

    def is_new(self) -> bool:
        """Whether a signal that comes now is a wish of its own."""
        now = time.monotonic()
        new = now - self._heard > ONE_WISH_SECONDS
        self._heard = now if new else self._heard
        return new


WISHES = Wishes()
"""Of this process: after a run that a signal ended, the command hears the second one of that wish."""
