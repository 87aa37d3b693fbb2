"""What plans and searches need of whatever executes trials: settings, a listener, an outcome, a request to stop."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from study.planning.usable_cores import usable
from trainables.config.errors import BadInput, StoreError, StudyError


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


@dataclass(frozen=True)
class ExecutionSettings:
    """Where to run.

    `address`: of a running Ray cluster, or None for a Ray of our own on this machine. `cpus`: how many trials at once
    on this machine; None for all its cores. `checkpoint_seconds`: how much work a lost machine may cost. `retries`: how
    often a trial may be lost before it has failed; each machine that is taken away counts.
    `stall_seconds`: the least time without an epoch after which a trial counts as hanging; see
    `study.execution.liveness`.
    """

    address: str | None = None
    cpus: int | None = None
    checkpoint_seconds: float = field(default_factory=lambda: _number("STUDY_CHECKPOINT_SECONDS", 30))
    keep_checkpoints: bool = False
    stall_seconds: float = field(default_factory=lambda: _number("STUDY_STALL_SECONDS", 120))
    retries: int = field(default_factory=lambda: int(_number("STUDY_RETRIES", 2)))
    gpu_share: float = field(default_factory=lambda: _number("STUDY_GPU_SHARE", 0))
    """Of one GPU for each job; 0 lets `study.planning.gpu_share` count the memory that it needs."""
    cuda_graphs: bool = field(default_factory=lambda: _number("STUDY_CUDA_GRAPHS", 0) > 0)
    """See `trainables.jobs.job.JobOptions`."""
    stop: StopRequest = field(default_factory=StopRequest)
    """Asked again and again whether to end early."""


def _number(name: str, default: float) -> float:
    """A number from the environment.

    Raises:
        BadInput: what stands there is none, or below 0.
    """
    text = os.environ.get(name)
    try:
        value = float(text) if text else default
    except ValueError:
        value = -1.0
    if not value >= 0:
        raise BadInput(name, text, "expected a number from 0 upwards")
    return value


class TrialListener:
    """Somebody who is told how Ray's trials do; this one does not care."""

    def reported(self, job: int, trial: str, result: Mapping[str, Any]) -> None:
        """A job under way, as Ray's trial of that name, has so many epochs behind it."""

    def completed(self, job: int, trial: str, result: Mapping[str, Any]) -> None:
        """Ray's trial is over; its job is too, unless it ended from outside or the folder refused it."""

    def lost(self, job: Any, trial: str, reason: str) -> None:
        """Ray's trial ended in an error, for good."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended."""

    trained: int
    failed: tuple[tuple[str, str], ...]
    """Label and last line of the error of each job that failed for good."""
    interrupted: bool
    seconds: float


def cores(engine: ExecutionSettings) -> int:
    """How many trials run at once on this machine."""
    return engine.cpus or usable()


OUT_OF_MEMORY = "it ran out of memory, alone on its node; use a smaller network or batch, or a larger machine"
