"""Which trials are under way, how fast epochs go, and which trial gave no sign of life for too long. No Ray here.

Only the monotonic clock is asked, so a wall clock that jumps changes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

J = TypeVar("J", bound=Hashable)

HANG_FACTOR = 20.0
"""An epoch that takes so many times what it should counts as hanging."""


@dataclass
class LivenessMonitor(Generic[J]):
    """Signs of life of the jobs of a run.

    Args:
        group: what jobs of equal pace share, by job: their configuration without the seed.
        expected: seconds an epoch of a job should take on an ordinary machine, by job.
        floor: no limit is shorter than this, in seconds.
    """

    group: Callable[[J], Hashable]
    expected: Callable[[J], float]
    floor: float = 120.0
    clock: Callable[[], float] = time.monotonic
    running: dict[J, float] = field(default_factory=dict)
    """Job to the time of its last sign of life."""
    hung: dict[J, str] = field(default_factory=dict)
    """Job to what is to be said of it, for those that were found hanging."""
    _reported: set[J] = field(default_factory=set)
    _pace: dict[Hashable, float] = field(default_factory=dict)
    _slowdown: float = 0.0

    def begin(self, job: J) -> None:
        """A job was handed to a worker."""
        self.running[job] = self.clock()
        self._reported.discard(job)
        self.hung.pop(job, None)  # what it ends in now is another matter

    def report(self, job: J, epoch_seconds: float) -> None:
        """A job reported; its epochs take so many seconds."""
        self.running[job] = self.clock()
        self._reported.add(job)
        if epoch_seconds > 0:
            key = self.group(job)
            self._pace[key] = max(epoch_seconds, self._pace.get(key, 0.0))
            self._slowdown = max(self._slowdown, epoch_seconds / max(self.expected(job), 1e-6))

    def over(self, job: J) -> None:
        """A job is over, or gave up its worker."""
        self.running.pop(job, None)

    def limit(self, job: J) -> float:
        """How long a job may be silent: from the pace of the same configuration, else of others, else a guess.

        The first sign may take four times as long, for a worker has to start and to load what was saved.
        """
        pace = self._pace.get(self.group(job)) or self.expected(job) * (self._slowdown or 5.0)
        return max(self.floor, HANG_FACTOR * pace) * (1 if job in self._reported else 4)

    def overdue(self) -> list[J]:
        """Jobs that have been silent for too long; each is told once until it begins again."""
        now = self.clock()
        found = [j for j, since in list(self.running.items()) if now - since > self.limit(j)]
        for job in found:
            self.hung[job] = f"it hung: no epoch ended within {self.limit(job):.0f} s"
            self.running.pop(job, None)  # it may have ended meanwhile: another thread tells of that
        return found
