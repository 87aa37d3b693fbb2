"""What stands on the screen at one moment of a run, as values; JSON for whoever looks on from another terminal."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, TypeAdapter

State = Literal["running", "stopping", "interrupted", "killed", "over"]
NOTHING_ELSE = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class Measure:
    """A number, in per cent or points."""

    __pydantic_config__: ClassVar[ConfigDict] = NOTHING_ELSE

    value: float
    half: float | None = None
    """Half a 95 % interval over seeds; None below three seeds."""
    training: bool = False
    """Whether it is of one seed that still trains."""

    def cut(self, low: float, high: float) -> tuple[float, float] | None:
        """The ends of the interval, cut at what can be, where it reaches beyond that; else None.

        >>> Measure(97.0, 4.0).cut(0.0, 100.0), Measure(97.0, 2.0).cut(0.0, 100.0)
        ((93.0, 100.0), None)
        """
        if self.half is None or low <= self.value - self.half <= self.value + self.half <= high:
            return None
        return max(low, self.value - self.half), min(high, self.value + self.half)


ACCURACY_PERCENT, DIFFERENCE_POINTS = (0.0, 100.0), (-100.0, 100.0)
"""Where accuracies and their differences end, in per cent and points."""


@dataclass(frozen=True)
class ArmRow:
    """An arm so far."""

    __pydantic_config__: ClassVar[ConfigDict] = NOTHING_ELSE

    study: str
    arm: str
    seeds: int
    done: int
    epoch: str
    """Of the trial under way, or `done`; empty of an arm that waits."""
    accuracy: Measure | None = None
    trend: tuple[float, ...] = ()
    gap: Measure | None = None
    change: Measure | None = None
    """Of accuracy against the baseline, in pairs by seed."""
    gap_change: Measure | None = None
    training: Measure | None = None
    epoch_seconds: float | None = None
    baseline: bool = False
    same_as: str = ""
    """The arm of another study that has the same trials."""
    note: str = ""
    mean_of: int = 0
    """How many seeds its numbers are of: fewer than are done where some diverged."""
    diverged: int = 0
    """How many of its seeds diverged."""
    test: Measure | None = None
    """Accuracy on the test part, where all of these seeds were evaluated there after its last epoch."""
    test_change: Measure | None = None
    """Of that, against the baseline, in pairs by seed."""
    selected: bool = False
    """Whether its numbers on the validation part were selected on it."""
    full_accuracy: Measure | None = None
    """Of a reduced run: what is on record in full, after the arm's last epoch there."""
    full_gap: Measure | None = None

    @property
    def known(self) -> int:
        """Seeds behind its numbers; where there are none, those that are done."""
        return self.mean_of or self.done


@dataclass(frozen=True)
class RunningTrial:
    """A trial under way."""

    __pydantic_config__: ClassVar[ConfigDict] = NOTHING_ELSE

    label: str
    epoch: int
    epochs: int
    seconds: float
    """Since its last report."""
    epoch_seconds: float | None = None


@dataclass(frozen=True)
class Snapshot:
    """A run at one moment; times in seconds since 1970."""

    __pydantic_config__: ClassVar[ConfigDict] = NOTHING_ELSE

    title: str
    began: float
    now: float
    epochs: tuple[int, int]
    """Done and in all, of this run."""
    trials: tuple[int, int]
    """The same; of a search, which tries configurations, none."""
    failed: int
    diverged: int
    left: float | None
    """Seconds."""
    phase: str
    rows: tuple[ArmRow, ...]
    caption: str
    running: tuple[RunningTrial, ...]
    events: tuple[tuple[float, str], ...]
    """Seconds since the beginning, and what happened; oldest first."""
    machine: str
    found: tuple[str, ...] = ()
    """Of a search the best so far, of a study its claims so far, a line each."""
    unit: str = "epochs"
    """What `epochs` counts."""
    to_the_end: int = 0
    """Of a search, how many configurations were trained to the end."""
    steps: tuple[tuple[str, float], ...] = ()
    """Of the start, what is done already, and how many seconds it took."""
    state: State = "running"
    command: str = ""
    """Goes on from here."""
    pid: int = 0
    host: str = ""
    kernel: str = ""
    """See `study.storage.this_machine`."""

    def after(self, seconds: float) -> Snapshot:
        """The same of a later part of a command, which began so many seconds before it: its clock goes on."""
        events = tuple((when + seconds, what) for when, what in self.events)
        return dataclasses.replace(self, began=self.began - seconds, events=events)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Snapshot:
        """The inverse of `to_dict`; raises TypeError or ValueError where it is none."""
        made: Snapshot = _kind().validate_python({"steps": (), **given})
        return made


@cache
def _kind() -> TypeAdapter[Snapshot]:
    return TypeAdapter(Snapshot)
