"""Stopped below the median of the others."""

from __future__ import annotations

import bisect
import math
from collections.abc import Sequence

from study.search.asha import Ladder, best_waiting
from study.spec.search import Scheduler


class Median:
    """Stopped at an epoch where the best so far is below the median of the others' means up to that epoch.

    Decides every `grace` epochs, and not before three others have come as far.
    """

    LEAST = 3

    def __init__(self, scheduler: Scheduler, epochs: int) -> None:
        self.places: tuple[int, ...] = tuple(sorted({*range(scheduler.grace, epochs, scheduler.grace), epochs}))
        self.epochs = epochs
        self.means: dict[int, list[float]] = {p: [] for p in self.places}
        self.queue: dict[int, int] = {}
        self.ladder = Ladder(self.places)

    def start(self, proposal: int) -> int:
        """See `TrialScheduler`."""
        return self.places[0]

    def sent(self, proposal: int, until: int) -> None:
        """See `TrialScheduler`."""
        self.queue.pop(proposal, None)
        self.ladder.sent(proposal, until)

    def report(self, proposal: int, curve: Sequence[float]) -> None:
        """See `TrialScheduler`."""
        at = len(curve)
        others = self.means[at]
        middle = len(others) // 2
        passes = len(others) < self.LEAST or max(curve) >= (others[middle] + others[-middle - 1]) / 2
        bisect.insort(others, math.fsum(curve) / at)
        self.ladder.add(proposal, at, curve[-1])
        if at < self.epochs and passes:
            self.queue[proposal] = self.places[self.places.index(at) + 1]

    def lost(self, proposal: int) -> None:
        """See `TrialScheduler`."""
        self.queue.pop(proposal, None)
        self.ladder.gone.add(proposal)

    def ready(self, all_reported: bool) -> tuple[int, int] | None:
        """See `TrialScheduler`."""
        if self.queue:
            return next(iter(self.queue.items()))
        return best_waiting([self.ladder]) if all_reported else None

    def dropped(self, trials: int) -> set[int]:
        """See `TrialScheduler`."""
        return {n for _, _, n in self.ladder.waiting()} - self.queue.keys()
