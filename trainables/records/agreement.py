"""Whether two records of one trial can both be right."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from typing import Any

from trainables.records.metric_sources import is_held
from trainables.records.metrics import METRICS, TEST_METRICS, TIMES
from trainables.records.trial_record import TrialRecord


def conflict(a: TrialRecord, b: TrialRecord) -> str:
    """Why two records of one trial cannot both be right; empty if they agree in all that both hold, as far as both go.

    To the last bit; measured times, provenance and how many epochs were asked for aside.
    """
    if a.status == b.status and a.epochs_done == b.epochs_done:
        same = a.format == b.format == 1 and a.result_digest() == b.result_digest()
        return "" if same else first_difference(a, b)
    short, long = sorted((a, b), key=lambda r: r.epochs_done)
    ended = short.status == "diverged" and long.epochs_done > short.epochs_done
    both = short.epochs_done == long.epochs_done and {a.status, b.status} == {"finished", "diverged"}
    if ended or both:
        return first_difference(a, b)
    bare = dataclasses.replace(short, tensors=(), correct=None)
    return first_difference(
        dataclasses.replace(
            bare, epochs=long.epochs.first(short.epochs_done), provenance=long.provenance,
            measured_by=long.measured_by, format=long.format,
        ),
        bare,
    )  # fmt: skip


def adds(record: TrialRecord, other: TrialRecord) -> bool:
    """Whether a record holds something that another of the same trial, as long, does not."""
    more = any(not _measured_alike(record, other, name) for name in record.epochs.columns)
    return more or (record.correct is not None and other.correct is None)


def first_difference(a: TrialRecord, b: TrialRecord) -> str:
    """The first thing that both records of a trial hold and in which they differ, in words, with where each was
    trained; empty if there is none.
    """
    places = "" if _place(a) == _place(b) else f" ({_place(a)} and {_place(b)})"
    if (a.status, a.epochs_done) != (b.status, b.epochs_done):
        return f"{a.status} after {a.epochs_done} epochs against {b.status} after {b.epochs_done}{places}"
    return next((f"{what}{places}" for what in _differences(a, b)), "")


def _differences(a: TrialRecord, b: TrialRecord) -> Iterator[str]:
    shared = [n for n in a.epochs.columns if n not in TIMES and _measured_alike(a, b, n)]
    for epoch in range(a.epochs_done):
        for name in shared:
            one, two = a.epochs[name][epoch], b.epochs[name][epoch]
            if name in TEST_METRICS and (math.isnan(one) or math.isnan(two)):
                continue  # it was not measured there
            if repr(one) != repr(two):
                yield f"{name} in epoch {epoch + 1}: {one!r} against {two!r}"
    if a.tensors and b.tensors and repr(a.tensors) != repr(b.tensors):
        for s, t in zip(a.tensors, b.tensors, strict=False):
            if repr(s) != repr(t):
                yield f"distribution of {s.name} in epoch {s.epoch}"
        yield "which tensors have a distribution"
    if a.correct and b.correct and a.correct != b.correct:
        yield "which validation examples are right"


def _measured_alike(a: TrialRecord, b: TrialRecord, name: str) -> bool:
    one, two = a.source_of(name), b.source_of(name)
    if one is None or two is None:
        return False
    if one.partition("@")[2] != two.partition("@")[2]:
        return False
    return one == two or (name in METRICS and is_held(METRICS[name], one) and is_held(METRICS[name], two))


def _place(record: TrialRecord) -> str:
    given: Any = record.provenance
    return f"{given.get('hardware', 'unknown hardware')}, torch {given.get('torch', '?')}"
