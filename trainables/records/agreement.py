"""Whether two records of one trial can both be right."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence
from typing import Any

from trainables.config.plurals import counted
from trainables.records.metric_sources import is_held, test_part
from trainables.records.metrics import METRICS, TEST_METRICS, TIMES
from trainables.records.trial_record import TrialRecord

SAME_STATUS = {"stopped": "finished"}
"""Ends that say only how many epochs were asked for: at one length they are one."""


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


def contradiction(a: TrialRecord, b: TrialRecord) -> str:
    """Why two records of one trial cannot both stay; empty where they agree, or may differ (`from_elsewhere`)."""
    return "" if from_elsewhere(a, b) else conflict(a, b)


def from_elsewhere(a: TrialRecord, b: TrialRecord) -> bool:
    """Whether two records are alike in length and end, and come from different kinds of processor or versions of torch.

    Then they need not agree to the bit: the older one is read for what it holds, the newer gives what that lacks.
    """
    places = [tuple(r.provenance.get(name) for name in ("hardware", "torch")) for r in (a, b)]
    known = all(part not in (None, "") for place in places for part in place)
    return known and places[0] != places[1] and _length_and_end(a) == _length_and_end(b)


def _length_and_end(record: TrialRecord) -> tuple[int, str]:
    return record.epochs_done, SAME_STATUS.get(record.status, record.status)


def trained_at(ended: object) -> float:
    """When a record's training ended, by what its provenance says of it, in seconds since 1970; infinite where that is
    no time.
    """
    return float(ended) if isinstance(ended, int | float) and not isinstance(ended, bool) else math.inf


def combined(records: Sequence[TrialRecord]) -> TrialRecord:
    """What several records of one trial say together: of the longest ones the one trained first, and from the others
    what that one lacks; of the test part the one measured last, for another part is another metric.
    """
    top = max(records, key=lambda r: r.rank)
    alike = [r for r in records if _length_and_end(r) == _length_and_end(top)]
    if len(alike) == 1:
        return top
    made, *others = sorted(alike, key=lambda r: (trained_at(r.provenance.get("ended")), *r.rank[2:], _place(r)))
    for other in others:
        made = _filled(made, other)
    return dataclasses.replace(made, config=top.config, status=top.status, message=top.message)


def _filled(record: TrialRecord, other: TrialRecord) -> TrialRecord:
    """A record with what another one, trained later, holds and it does not."""
    given = {n: other.source_of(n) for n in other.epochs.columns if _gives(other, n, record)}
    more = (other.correct and not record.correct) or (other.tensors and not record.tensors)
    if not given and not more and other.format <= record.format:
        return record
    sources = {n: record.source_of(n) for n in record.epochs.columns} | given
    return dataclasses.replace(
        record,
        epochs=record.epochs.replace(**{n: other.epochs[n] for n in given}),
        measured_by={n: source for n, source in sources.items() if source is not None},
        correct=record.correct or other.correct,
        tensors=record.tensors or other.tensors,
        format=max(record.format, other.format),
    )


def _gives(later: TrialRecord, name: str, record: TrialRecord) -> bool:
    """Whether a later record gives a metric that another one lacks, as this code measures it."""
    if not _holds(later, name):
        return False
    if not _holds(record, name) or name not in TEST_METRICS:
        return not _holds(record, name)
    return not measured_alike(record, later, name) or _times_tested(later, name) > _times_tested(record, name)


def _times_tested(record: TrialRecord, name: str) -> int:
    """After how many epochs a record has a metric of the test part: after the last, and after the best where asked."""
    return sum(not math.isnan(v) for v in record.epochs[name]) if name in record.epochs.columns else 0


def _holds(record: TrialRecord, name: str) -> bool:
    """Whether a record gives a metric as this code measures it; one that this code does not know, if it is there."""
    source = record.source_of(name)
    return is_held(METRICS[name], source) if name in METRICS else source is not None


def holds_more(record: TrialRecord, other: TrialRecord) -> bool:
    """Whether a record holds something that another of the same trial, as long, does not."""
    more = any(not measured_alike(record, other, name) for name in record.epochs.columns)
    more = more or any(_times_tested(record, name) > _times_tested(other, name) for name in TEST_METRICS)
    return more or (record.correct is not None and other.correct is None)


def first_difference(a: TrialRecord, b: TrialRecord) -> str:
    """The first thing that both records of a trial hold and in which they differ, in words, with where each was
    trained; empty if there is none.
    """
    places = "" if _place(a) == _place(b) else f" ({_place(a)} and {_place(b)})"
    if (a.status, a.epochs_done) != (b.status, b.epochs_done):
        return f"{a.status} after {counted(a.epochs_done, 'epoch')} against {b.status} after {b.epochs_done}{places}"
    return next((f"{what}{places}" for what in _differences(a, b)), "")


def _differences(a: TrialRecord, b: TrialRecord) -> Iterator[str]:
    shared = [n for n in a.epochs.columns if n not in TIMES and measured_alike(a, b, n)]
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


def measured_alike(a: TrialRecord, b: TrialRecord, name: str) -> bool:
    """Whether two records hold a metric that was measured in the same way, and on the same test part."""
    one, two = a.source_of(name), b.source_of(name)
    if one is None or two is None:
        return False
    if test_part(one) != test_part(two):
        return False
    return one == two or (name in METRICS and is_held(METRICS[name], one) and is_held(METRICS[name], two))


def _place(record: TrialRecord) -> str:
    given: Any = record.provenance
    return f"{given.get('hardware', 'unknown hardware')}, torch {given.get('torch', '?')}"
