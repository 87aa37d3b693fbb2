"""What a worker is asked to do, as data: the job, how to run it, and where its results go. No torch here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from trainables.config.trial_config import TrialConfig
from trainables.records.trial_record import TrialRecord

UNTRAINABLE = "it cannot be trained: "
"""How the reason begins where trying again is of no use."""


class RecordSink(Protocol):
    """Where records and checkpoints go; `study.storage.results_folder.ResultsFolder` is one."""

    def write(self, record: TrialRecord) -> None:
        """Keep a record for ever."""

    def save_checkpoint(self, trial: str, epochs: int, data: bytes) -> None:
        """Keep a checkpoint, and the one before it."""

    def checkpoints(self, trial: str) -> Iterator[bytes]:
        """What is kept of a trial, the latest first; damaged ones are left out."""

    def drop_checkpoints(self, trial: str) -> None:
        """Forget a trial's checkpoints."""


@dataclass(frozen=True)
class Job:
    """What one worker does at a time: `config.epochs` epochs of a configuration under each of the seeds."""

    config: TrialConfig
    seeds: tuple[int, ...]
    stacked: bool = False
    test: bool = False
    """Measure the test part too, once, after the last epoch."""
    test_best: bool = False
    """Likewise after each epoch whose validation accuracy is the best so far, so after the best of any length."""
    test_after: tuple[int, ...] = ()
    """Likewise after these epochs: the ends of shorter arms that share the trial, and what claims speak of."""


@dataclass(frozen=True)
class JobOptions:
    """How a job is run; nothing here changes a result."""

    checkpoint_seconds: float = 30.0
    """A checkpoint is written after the first epoch that ends this long after the last one."""
    keep_checkpoints: bool = False
    """Keep the last checkpoint of a finished trial, so that more epochs go on from it."""
    run_name: str = ""
    """Of which run each record says that it is."""
    cuda_graphs: bool = False
    """On a GPU, capture an update once and replay it. Off by default: it has not been run on a GPU yet."""


@dataclass(frozen=True)
class StepReport:
    """How a job does after a step."""

    done: bool
    """Whether its worker is through with it."""
    epochs: int = 0
    epoch_seconds: float = 0.0
    """What its last epoch took, evaluation included; 0 where it is not known."""
    metrics: Mapping[str, float] = field(default_factory=dict)
    """The mean over its seeds of each metric that was measured, after so many epochs."""
    accuracies: tuple[tuple[int, float, float], ...] = ()
    """Of each epoch of the step that measured them: its number, and the means of validation and training accuracy."""
    diverged: bool = False
    """Whether any of its seeds has."""
    curves: Mapping[str, list[float]] = field(default_factory=dict)
    """Of a segment that has ended: each metric's mean over the seeds, epoch by epoch."""
    failed: str = ""
    """Why it can never be trained."""
    refused: str = ""
    """Why the run as a whole has to end."""
    foreign: bool = False
    """Whether that is because the worker has other code."""
    imported: bool = False
    """Whether the step was the import of PyTorch alone: its worker has not begun to train."""
