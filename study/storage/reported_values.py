"""Whether what a search was told of its proposals is what their trials have on record.

A record that is gone, or shorter than what was told, says nothing: the next run trains that trial again. Nor does one
from another kind of machine than most: see `trainables.records.agreement.from_elsewhere`.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from study.spec.point import Point
from study.storage.curves_on_record import CurvesOnRecord, curves_on_record
from study.storage.integrity import Damage, repair_command
from study.storage.results_folder import ResultsFolder
from study.storage.search_events import Event
from study.storage.search_log import SearchPart, search_parts
from trainables.config.errors import StoreError, StudyError
from trainables.config.plurals import counted
from trainables.records.metrics import METRICS, OBJECTIVES

_TOLD = tuple(n for n in OBJECTIVES if METRICS[n].derived_from is None and not METRICS[n].is_time)
_RELATIVE_TOLERANCE = 1e-8
"""Events keep ten digits of a mean."""


def contradicted(store: ResultsFolder, found: Iterable[SearchPart]) -> Iterator[Damage]:
    """Find of each part the first file of events that says otherwise than the records, and those that go on from it."""
    asked = [(part, trials_of(part)) for part in found]
    wanted = {t for _, trials in asked for ids in trials.values() for t in ids}
    curves = _of_one_place(curves_on_record(store, wanted, _TOLD, places=True))
    for part, trials in asked:
        at = next(((i, w) for i, e in enumerate(part.events) if (w := _against(e, trials, curves))), None)
        if at is not None:
            first, *later = part.files(at[0])
            yield Damage(first, at[1])
            yield from (Damage(name, "it goes on from events that contradict the records") for name in later)


def _of_one_place(found: Iterable[CurvesOnRecord]) -> dict[str, CurvesOnRecord]:
    """The longest record of each trial, where it comes from the kind of machine that most come from.

    Another may have been trained again elsewhere after its first record was lost, and need not agree to the bit.
    """
    longest: dict[str, list[CurvesOnRecord]] = defaultdict(list)
    for one in found:
        known = longest[one.trial]
        if known and one.epochs > known[0].epochs:
            known.clear()
        if not known or one.epochs == known[0].epochs:
            known.append(one)
    places = Counter(one.place for known in longest.values() for one in known)
    home = places.most_common(1)[0][0] if places else None
    return {
        trial: max(known, key=lambda one: one.rank)
        for trial, known in longest.items()
        if all(one.place == home for one in known)
    }


def refuse_contradicted(store: ResultsFolder, folder: str) -> None:
    """Refuse to go on with a part of a search, by where it lies, whose events contradict the records.

    Raises:
        StoreError: says what does, and what mends it.
    """
    for one in contradicted(store, (part for part in search_parts(store, []) if part.folder == folder)):
        raise StoreError(f"{one.name}: {one.reason}; {repair_command(store.folder)} moves these events to quarantine/")


def trials_of(part: SearchPart) -> dict[int, tuple[str, ...]]:
    """The trials of each proposal that has reported."""
    points: dict[int, Point] = {
        e.proposal: e.point for e in part.events if e.kind == "proposed" and e.point is not None
    }
    found = {}
    for n in {e.proposal for e in part.events if e.kind == "reported"}:
        try:
            config = part.shared.config(points[n])
            found[n] = tuple(config.replace(seed=s).identity(part.data) for s in range(part.search.seeds))
        except StudyError:  # the rules of configurations have changed since: nothing on record is about it
            continue
    return found


def _against(event: Event, trials: Mapping[int, Sequence[str]], curves: Mapping[str, CurvesOnRecord]) -> str:
    """What an event was told that the records contradict; empty where there is nothing."""
    there = [curves[t] for t in trials.get(event.proposal, ()) if t in curves]
    if event.kind != "reported" or not there or len(there) < len(trials[event.proposal]):
        return ""
    far = max(map(len, event.curves.values()), default=0)
    diverged = any(c.status == "diverged" and c.epochs <= far for c in there)
    done = min([far, *(c.epochs for c in there)])
    if diverged != event.diverged and (diverged or done == far):
        one, other = ("did not diverge", "did") if diverged else ("diverged", "did not")
        what = f"configuration {event.proposal} {one} within {counted(far, 'epoch')}"
        return f"it says that {what}, and the records of its trials say that it {other}"
    for name in _TOLD:
        reported = event.curves.get(name, ())
        if any(name not in c.values for c in there):
            continue
        for epoch in range(min(done, len(reported))):
            values = [c.values[name][epoch] for c in there]
            mean = math.fsum(values) / len(values) if all(map(math.isfinite, values)) else math.nan
            if not math.isclose(
                reported[epoch], mean, rel_tol=_RELATIVE_TOLERANCE, abs_tol=_RELATIVE_TOLERANCE
            ) and not (math.isnan(mean) and math.isnan(reported[epoch])):
                return (
                    f"it gives configuration {event.proposal} {name} {reported[epoch]:.10g} in epoch {epoch + 1}, and "
                    f"the records of its trials give {mean:.10g}"
                )
    return ""
