"""How long a run still takes: what is to be done, at the pace of its own workers, on so many cores. No clock here."""

from __future__ import annotations

import heapq
import math
import statistics
from collections.abc import Sequence
from typing import Protocol

from study.planning.cost import START_SECONDS


class TimedTrial(Protocol):
    """What of a trial the time depends on; times in seconds."""

    @property
    def label(self) -> str:
        """Study, arm and seed."""

    @property
    def status(self) -> str:
        """`waiting`, `running`, or how it ended."""

    @property
    def epochs(self) -> int:
        """How many epochs it is to have."""

    @property
    def done(self) -> int:
        """How many epochs it has behind it."""

    @property
    def expected_epoch_seconds(self) -> float:
        """What an epoch should take, before anything was measured."""

    @property
    def epoch_seconds(self) -> float | None:
        """What an epoch takes, as measured."""

    @property
    def last_report(self) -> float:
        """When it was last heard of."""

    @property
    def overhead_seconds(self) -> float | None:
        """What it took beside its epochs, once it is over: to be handed over, loaded, recorded."""


REPORT_SECONDS = 1.0
"""Within which a worker reports the epochs that are over, if any are."""
MIN_EPOCH_SHARE = 0.1
"""Of an epoch under way that is left at the least: it is not over."""


def time_left(trials: Sequence[TimedTrial], cores: int, now: float, *, measured: bool = False) -> float | None:
    """Seconds until all trials of a run are over; None before anything is known of this machine's pace.

    A trial takes the pace of its own worker, else that of its arm, else what was expected of it times how much longer
    than expected all epochs so far took together: few that are short say little. What a trial takes beside its epochs
    is the median of those that are over. Silence is no progress: see `_left_of`.

    Args:
        trials: of the run, in the order in which they begin.
        cores: trials at once.
        now: on the clock of `since`.
        measured: whether what is expected is this machine's.
    """
    known = [t for t in trials if t.epoch_seconds is not None]
    if not known and not measured:
        return None
    spent = math.fsum(max(t.done, 1) * (t.epoch_seconds or 0.0) for t in known)
    expected = math.fsum(max(t.done, 1) * t.expected_epoch_seconds for t in known)
    longer = spent / max(expected, 1e-9) if known else 1.0
    arms: dict[str, list[float]] = {}
    for t in known:
        arms.setdefault(arm_of(t), []).append(t.epoch_seconds or 0.0)
    beside = [t.overhead_seconds for t in trials if t.overhead_seconds is not None]
    each = statistics.median(beside) if beside else 0.0

    def pace(t: TimedTrial) -> float:
        found = [t.epoch_seconds] if t.epoch_seconds is not None else arms.get(arm_of(t))
        return math.fsum(found) / len(found) if found else t.expected_epoch_seconds * longer

    busy = [_left_of(t, pace(t), max(0.0, now - t.last_report)) for t in trials if t.status == "running"]
    ends = (busy + [0.0] * cores)[: max(cores, len(busy))]
    heapq.heapify(ends)
    for t in trials:
        if t.status == "waiting":
            heapq.heappush(ends, heapq.heappop(ends) + each + (t.epochs - t.done) * pace(t))
    return max(ends)


def _left_of(t: TimedTrial, pace: float, silent: float) -> float:
    """Seconds that are left of a trial under way which was last heard of so many seconds ago.

    A worker that is silent has at most one epoch and what fits between two reports behind it that nobody knows of. An
    epoch that takes longer than that is overdue: it is not over, and the epochs after it take longer too, as the mean
    of all of this trial does. Of the first epoch that has no pace yet, the start of its worker is no part.
    """
    later = t.epochs - t.done - 1
    late = silent - REPORT_SECONDS - (START_SECONDS if t.epoch_seconds is None else 0.0)
    if late <= pace:
        return max((later + 1) * pace - silent, later * pace - REPORT_SECONDS, MIN_EPOCH_SHARE * pace)
    return later * (t.done * pace + late) / (t.done + 1) + MIN_EPOCH_SHARE * late


def arm_of(trial: TimedTrial) -> str:
    """The study and arm of a trial."""
    return trial.label.rpartition(",")[0]
