"""What plans and searches need of whatever executes trials: settings, a listener, an outcome, a request to stop."""

from __future__ import annotations

import contextlib
import math
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from study.planning.usable_cores import usable_cores
from study.storage.results_folder import ResultsFolder
from trainables.config.errors import BadInput, StoreError, StudyError
from trainables.data.dataset import DataSet
from trainables.jobs.job import Job, StepReport


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
        """Whether the run should end."""
        return self.signalled or bool(self.reason)

    arm: Callable[[], None] = field(default=lambda: None, repr=False, compare=False)
    """To be called after somebody else, such as `ray.init`, has put signal handlers of their own."""

    unsaved: Callable[[str], str] = field(default=lambda _when: "", repr=False, compare=False)
    """What is lost if all ends now, in words, given how that end is said: "at once"; asked where nothing is saved any
    more.
    """

    nothing_yet: Callable[[], bool] = field(default=lambda: False, repr=False, compare=False)
    """Whether nobody has begun to train, so that a signal need wait for nothing."""

    command: str = field(default="", repr=False, compare=False)
    """What goes on from there, to be typed; empty where none is known."""

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
    """Says where to run, and how.

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
    retries: int = field(default_factory=lambda: int(_number("STUDY_RETRIES", 2, whole=True)))
    gpu_share: float = field(default_factory=lambda: _number("STUDY_GPU_SHARE", 0))
    """Of one GPU for each job; 0 lets `study.planning.gpu_share` count the memory that it needs."""
    cuda_graphs: bool = field(default_factory=lambda: _number("STUDY_CUDA_GRAPHS", 0) > 0)
    """See `trainables.jobs.job.JobOptions`."""
    stop: StopRequest = field(default_factory=StopRequest)
    """Asked again and again whether to end early."""

    def __post_init__(self) -> None:
        for option, value in (
            ("--checkpoint-seconds", self.checkpoint_seconds),
            ("--stall-seconds", self.stall_seconds),
        ):
            if not 0 <= value < math.inf:
                raise BadInput(option, value, "expected a number of seconds from 0 upwards")


def _number(name: str, default: float, *, whole: bool = False) -> float:
    """A number from the environment.

    Raises:
        BadInput: what stands there is none, has no end, or is below 0; with `whole`, no whole number.
    """
    text = os.environ.get(name)
    try:
        value = float(text) if text and text.strip() else default
    except ValueError:
        value = -1.0
    if not 0 <= value < math.inf or (whole and value % 1):
        raise BadInput(name, text, f"expected a {'whole ' if whole else ''}number from 0 upwards")
    return value


class TrialListener:
    """Somebody who is told how jobs do, each known by its number; this one does not care."""

    def began(self, number: int) -> None:
        """A job was handed to a worker."""

    def imported(self) -> None:
        """A worker has imported PyTorch, and begins to train."""

    def reported(self, number: int, report: StepReport) -> None:
        """A job under way has so many epochs behind it."""

    def returned(self, number: int) -> None:
        """A job gave up its worker before its end; it is tried again, or the run is to stop."""

    def completed(self, number: int, report: StepReport) -> None:
        """A job's worker is through with it; it is over, unless it ended from outside or the folder refused it."""

    def lost(self, number: int, reason: str) -> None:
        """A job ended in an error, for good."""


@dataclass(frozen=True)
class Assignment:
    """What a worker is to do next: a job; of a search, up to an epoch."""

    number: int
    """Of the job in its plan, or of the proposal in its search."""
    job: Job
    until: int | None = None


class WorkQueue(TrialListener, ABC):
    """What an executor asks for work, and tells how it does."""

    at_once: int | None = None
    """So many jobs at once at most; None for as many as there is room for."""
    jobs: tuple[Job, ...] = ()
    """All of them, by number, where they are known beforehand."""

    @property
    @abstractmethod
    def over(self) -> bool:
        """Whether nothing is left to do; to be asked after `next` gave None."""

    @abstractmethod
    def next(self) -> Assignment | None:
        """What is to be done now; None where nothing can be before something is told, or at all (see `over`)."""

    def batch(self) -> tuple[int, ...] | None:
        """Return all that may be done now, in order, where the jobs are known; else None, and `next` is asked."""
        return None

    @abstractmethod
    def label(self, number: int) -> str:
        """Return what people call a job."""

    @abstractmethod
    def group(self, number: int) -> Hashable:
        """What jobs of equal pace share; None where nothing is known of it."""

    @abstractmethod
    def epoch_seconds(self, number: int) -> float:
        """Seconds that an epoch of it should take on an ordinary machine."""

    @abstractmethod
    def out_of_memory(self) -> bool:
        """Memory ran out under what is under way; whether there is another way to try."""


@dataclass(frozen=True)
class RunContext:
    """What all jobs of a run share."""

    store: ResultsFolder
    data: DataSet
    settings: ExecutionSettings
    run_name: str
    """Of the run; every record says it."""
    device: str = "cpu"


class Executor(Protocol):
    """Whatever executes trials: Ray, or this process; see `study.execution`."""

    name: str

    def session(self, run: RunContext) -> AbstractContextManager[None]:
        """Within, what has to be started for `work_through` is started once."""

    def work_through(self, work: WorkQueue, run: RunContext) -> None:
        """Do all that there is to do, or until the run is asked to stop; what is under way is saved then.

        Raises:
            EngineError: it cannot be started, cannot give what a job asks for, or broke down.
        """


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
    return engine.cpus or usable_cores()


OUT_OF_MEMORY = "it ran out of memory, alone on its node; use a smaller network or batch, or a larger machine"
