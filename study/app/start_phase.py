"""What a run does before its first epoch is over, step by step, and how long each step took."""

from __future__ import annotations

STARTS_RAY = "starting Ray"
"""Before the first trial, where Ray trains."""
IMPORTS_HERE = "importing PyTorch"
"""Before the first trial, where this process trains."""
WORKERS_IMPORT = "workers import PyTorch, then train"
LATER_PART = "no epoch is over yet"
"""Before the first epoch of a later part of a run: Ray has started, and of its workers nothing is known."""
TRAINS = "training: no epoch is over yet"


class StartPhase:
    """Where the start of a run stands.

    Args:
        phase: what is done now.
    """

    def __init__(self, phase: str) -> None:
        self.phase = phase
        self.steps: tuple[tuple[str, float], ...] = ()
        """What is done, and how many seconds it took."""
        self._until = 0.0

    def began(self, elapsed: float) -> None:
        """A trial was handed to a worker, so many seconds after the start."""
        if self.phase == STARTS_RAY:
            self._next("Ray has started", elapsed, WORKERS_IMPORT)
        elif self.phase == IMPORTS_HERE:
            self._next("PyTorch is imported", elapsed, TRAINS)

    def imported(self, elapsed: float) -> None:
        """A worker has imported PyTorch."""
        if self.phase == WORKERS_IMPORT:
            self._next("PyTorch is imported", elapsed, TRAINS)

    def over(self) -> None:
        """The first epoch is over."""
        self.phase = ""

    @property
    def nothing_trained(self) -> bool:
        """Whether nobody has begun to train: a worker says when it has imported PyTorch, and goes on when asked."""
        return self.phase in (STARTS_RAY, IMPORTS_HERE, WORKERS_IMPORT)

    def _next(self, done: str, elapsed: float, phase: str) -> None:
        self.steps += ((done, elapsed - self._until),)
        self.phase, self._until = phase, elapsed
