"""Times of a trial that was trained again from its start: those that are on record of its first epochs stay.

All other numbers come out again to the last bit, times do not. So a record that is longer than what is on record takes
over the times of the epochs that are known, and its provenance says of which machine they are.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from trainables.records.agreement import measured_alike
from trainables.records.metrics import TIMES
from trainables.records.trial_record import TrialRecord

TIMED_BY = "timed_by"
"""The field of a record's provenance: a list of mappings with epochs, and run, host, hardware and ended where known."""
_ORIGIN = ("run", "host", "hardware", "cpu", "ended")


class Timed(NamedTuple):
    """Up to which epoch a machine measured a trial's times."""

    epochs: int
    kind: str
    """The name of its processor, or, where that is unknown, of its host."""


def with_known_times(record: TrialRecord, known: TrialRecord) -> TrialRecord:
    """A record with the times that a shorter one of its trial has of its epochs; the same one if nothing differs."""
    end = known.epochs_done
    taken = {
        name: (*known.epochs[name], *record.epochs[name][end:])
        for name in known.epochs.columns
        if name in TIMES and measured_alike(known, record, name)
    }
    if not taken or end >= record.epochs_done:
        return record
    elsewhere = timed_by(known, end) != timed_by(record, end)
    if not elsewhere and all(repr(times) == repr(record.epochs[name]) for name, times in taken.items()):
        return record
    before = [one for one in _notes(known.provenance) if one["epochs"] < end]
    after = [one for one in _notes(record.provenance) if one["epochs"] > end]
    its = {name: known.provenance[name] for name in _ORIGIN if name in known.provenance}
    notes = [*before, {"epochs": end, **its}, *after]
    return dataclasses.replace(
        record, epochs=record.epochs.replace(**taken), provenance={**record.provenance, TIMED_BY: notes}
    )


def timed(record: TrialRecord) -> tuple[Timed, ...]:
    """Which machines measured the times of a record's first epochs, where it took them over; the rest is its own."""
    return _timed(record.provenance)


def timed_in(text: str) -> tuple[Timed, ...]:
    """The same from what a record's provenance has under `TIMED_BY`, as JSON; nothing from an empty text."""
    return _timed({TIMED_BY: json.loads(text)}) if text else ()


def timed_by(record: TrialRecord, epochs: int) -> str:
    """The kind of machine that measured the times of a record's first epochs; of several, all their names."""
    return kinds_within(timed(record), _kind(record.provenance), epochs)


def kinds_within(first: tuple[Timed, ...], own: str, epochs: int) -> str:
    """The kinds of machine that measured some epochs, where some were taken over.

    >>> kinds_within((Timed(2, "this"), Timed(5, "that")), "own", 5)
    'this and that'
    >>> kinds_within((Timed(2, "this"),), "this", 5)
    'this'
    """
    begins = (0, *(one.epochs for one in first))
    kinds = (*(one.kind for one in first), own)
    return " and ".join(dict.fromkeys(k for begin, k in zip(begins, kinds, strict=True) if begin < epochs))


def _timed(provenance: Mapping[str, Any]) -> tuple[Timed, ...]:
    return tuple(Timed(one["epochs"], _kind(one)) for one in _notes(provenance))


def _notes(provenance: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    given = provenance.get(TIMED_BY)
    notes = [one for one in given if isinstance(one, Mapping)] if isinstance(given, list | tuple) else []
    ends = [end for one in notes if type(end := one.get("epochs")) is int and end > 0]
    sound = len(ends) == len(notes) and all(a < b for a, b in itertools.pairwise(ends))
    return notes if sound else []


def _kind(origin: Mapping[str, Any]) -> str:
    return str(origin.get("hardware", origin.get("cpu", "")) or origin.get("host", ""))
