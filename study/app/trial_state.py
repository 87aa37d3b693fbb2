"""A trial of a run, as far as it has been heard of: what a `Board` is made of. No clock here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Point = tuple[float, float]
"""Validation and training accuracy after an epoch, as shares."""


@dataclass
class TrialState:
    """A trial, as far as it has been heard of."""

    id: str
    label: str
    seed: int
    epochs: int
    expected_epoch_seconds: float
    """Seconds of an epoch before anything was measured."""
    status: Literal["waiting", "running", "finished", "diverged", "failed"] = "waiting"
    on_record: bool = False
    """On record before this run."""
    curve: dict[int, Point] = field(default_factory=dict)
    """What is known of it by epoch, from its record too."""
    tests: dict[int, float] = field(default_factory=dict)
    """Accuracy on the test part by epoch, as a share, where it is on record."""
    last_report: float = 0.0
    """When it was last heard of."""
    first_report: tuple[float, int] | None = None
    """When its first report came in this run, and after which epoch."""
    epoch_seconds: float | None = None
    """Seconds of an epoch, as measured: those of its worker's processor, or of the clock where these are more."""
    began: float = 0.0
    """When it was handed to a worker."""
    reports: int = 0
    """In which its worker said what an epoch takes."""
    processor_seconds: float = 0.0
    """What these said, in the mean."""
    warm: bool = False
    """Whether its worker had a trial before."""
    overhead_seconds: float | None = None
    """Seconds that it took beside its epochs, once it is over; None of the first of each worker, which starts then."""
    recorded: int = 0
    """Epochs that were on record before this run."""
    saved: int = 0
    """Epochs behind its last checkpoint, from which it goes on."""
    reported: int = 0
    """The last epoch that its worker reported in this run."""

    @property
    def done(self) -> int:
        """How many epochs it has behind it; a record that does not serve saves none of them."""
        return self.recorded if self.on_record else max(self.saved, self.reported)

    def reached(self, epochs: int) -> bool:
        """Whether so many epochs of it are done: over, reported, or on record for an arm that is shorter than it."""
        return self.status in ("finished", "diverged") or max(self.done, self.recorded) >= epochs

    def measure(self, epoch: int, now: float, seconds: float, first: int, clock_factor: float) -> None:
        """Take what an epoch takes from a report: after two by the clock, for on a busy machine it says more.

        Args:
            epoch: that is over.
            now: when this was heard.
            seconds: of the worker's processor for it; 0 where it said none.
            first: epochs that it had behind it when it was handed over.
            clock_factor: of the clock's seconds to the processor's, before this trial told its own.
        """
        if seconds > 0:
            self.reports += 1
            self.processor_seconds += (seconds - self.processor_seconds) / self.reports
        known = [self.processor_seconds] if self.reports else []
        if self.first_report is not None and epoch > self.first_report[1]:
            known.append((now - self.first_report[0]) / (epoch - self.first_report[1]))
        elif known and epoch > first:  # it had no more than this since it was handed over
            known.append(min(clock_factor * known[0], (now - self.began) / (epoch - first)))
        self.epoch_seconds = max(known, default=self.epoch_seconds)


def on_test_part(trials: Sequence[TrialState], epoch: int) -> Mapping[int, float]:
    """Accuracy on the test part after an epoch, in per cent; nothing where one was not evaluated there."""
    found = {t.seed: 100 * t.tests[epoch] for t in trials if epoch in t.tests}
    return found if len(found) == len(trials) else {}
