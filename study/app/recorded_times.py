"""The times of the last trials of this machine that are on record: processor seconds of epochs, and the clock's."""

from __future__ import annotations

import contextlib
import heapq
import json
import math
import platform
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa

from study.planning.cost import TRIAL_SECONDS
from study.storage.trials import RecordedTrials
from trainables.config.errors import StudyError
from trainables.records.kept_times import TIMED_BY, Timed, timed_in
from trainables.records.trial_record import TrialRecord

MAX_RECORDS_READ = 400
"""Records that are looked at, the last ones."""
MAX_AGE_SECONDS = 86_400.0
"""How busy a machine was longer ago says nothing of now."""
MIN_JOBS = 3
"""Jobs of which a clock factor is the median, where there are so many: a laptop sleeps within one of them."""
NOT_AS_WRITTEN = (ValueError, TypeError, KeyError, AttributeError, RecursionError)
"""What text of a folder that is no JSON, or says something else, raises."""
_COLUMNS = ["id", "config", "data_checksum", "provenance", "seconds", "eval_seconds"]


@dataclass(frozen=True)
class RecordedTimes:
    """Of one record, with what tells whose they are."""

    trial: str
    config: str
    """As JSON, its seed 0."""
    checksum: str
    """Of the data."""
    device: str
    seconds: tuple[float, ...]
    """Of every epoch, by the processor on a CPU; no number where another record's times were taken over."""
    run: str
    started: float
    """When its job began to train, in seconds since 1970; no number where that is not on record."""
    ended: float
    from_start: bool
    """Whether the job that began then trained all epochs of this record, and all times are its own."""


def last_times(trials: RecordedTrials) -> list[RecordedTimes]:
    """Those of the last records of this machine, the last one first; what is damaged says nothing.

    Plain lists: an array of pyarrow imports pandas when it becomes one of numpy, and `study list` comes here each time.
    """
    found: list[tuple[float, Callable[[], RecordedTimes]]] = []

    def add(provenance: Mapping[str, Any], times: Callable[[], RecordedTimes]) -> None:
        if str(provenance.get("host", "")) == platform.node():
            ended = _time(provenance, "ended")
            found.append((ended if math.isfinite(ended) else 0.0, times))

    for name in trials.loose():
        with contextlib.suppress(StudyError):
            if (record := trials.loose_record(name)) is not None:
                add(record.provenance, partial(_of_record, record))
    for name in trials.gathered():
        with contextlib.suppress(StudyError, pa.ArrowException):
            if (table := trials.table(name, _COLUMNS)) is not None:
                for i, text in enumerate(table.column("provenance").to_pylist()):
                    with contextlib.suppress(*NOT_AS_WRITTEN):
                        add(provenance := json.loads(text), partial(_of_row, table, i, provenance))
    times = []
    for _, made in heapq.nlargest(MAX_RECORDS_READ, found, key=lambda one: one[0]):
        with contextlib.suppress(pa.ArrowException, *NOT_AS_WRITTEN):
            times.append(made())
    return times


def _of_record(record: TrialRecord) -> RecordedTimes:
    columns = record.epochs["seconds"], record.epochs["eval_seconds"]
    return _times(record.id, record.config.to_dict(), record.data_checksum, columns, record.provenance)


def _of_row(table: pa.Table, i: int, provenance: Mapping[str, Any]) -> RecordedTimes:
    (row,) = table.slice(i, 1).to_pylist()
    columns = row["seconds"], row["eval_seconds"]
    return _times(row["id"], json.loads(row["config"]), row["data_checksum"], columns, provenance)


def _times(
    trial: str,
    config: Mapping[str, Any],
    checksum: str,
    columns: tuple[Sequence[float], Sequence[float]],
    provenance: Mapping[str, Any],
) -> RecordedTimes:
    first: tuple[Timed, ...] = timed_in(json.dumps(provenance[TIMED_BY])) if TIMED_BY in provenance else ()
    own = first[-1].epochs if first else 0
    return RecordedTimes(
        trial,
        json.dumps({**config, "seed": 0}),
        checksum,
        str(config.get("device", "cpu")),
        tuple(math.nan if k < own else sum(pair) for k, pair in enumerate(zip(*columns, strict=True))),
        str(provenance.get("run", "")),
        _time(provenance, "started"),
        _time(provenance, "ended"),
        not own and provenance.get("resumed_from") == 0,
    )


def _time(provenance: Mapping[str, Any], name: str) -> float:
    """A time of a record's provenance; no number where it is none."""
    value = provenance.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan


def clock_factor(times: Iterable[RecordedTimes], now: float) -> float:
    """How much longer than their processor seconds trials on a CPU took by the clock, as this machine last had it.

    1 where none ended within a day of `now`, in seconds since 1970.

    Other programs, and more trials than cores, make it more than 1. The median over the jobs of the last run, at least
    over the last few. Those count that began at the first epoch and have all times of their own; seeds that one job
    trains in turn began at one moment, and their seconds are added up. A job ends where a search rests its
    configuration, so what it waited for its turn is no part. Beside its epochs a trial takes what a plan gives it; so a
    machine with nothing else to do has 1, and no less.
    """
    jobs: dict[tuple[str, float], dict[str, RecordedTimes]] = {}
    for one in times:
        if one.device == "cpu" and abs(now - one.ended) < MAX_AGE_SECONDS and math.isfinite(one.started):
            jobs.setdefault((one.run, one.started), {})[one.trial] = one
    factors = []
    for (run, started), of in jobs.items():
        ended = max(one.ended for one in of.values())
        planned = math.fsum(TRIAL_SECONDS + math.fsum(one.seconds) for one in of.values())
        if all(one.from_start for one in of.values()) and 0 < planned < math.inf and ended > started:
            factors.append((ended, run, (ended - started) / planned))
    factors.sort(reverse=True)
    last = [factor for k, (_, run, factor) in enumerate(factors) if run == factors[0][1] or k < MIN_JOBS]
    return max(1.0, statistics.median(last)) if last else 1.0
