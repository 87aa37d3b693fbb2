"""What differs between two results folders. Both in one: `study.storage.merge`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from study.storage.results_folder import ResultsFolder
from trainables.records.agreement import conflict, first_difference

MAX_DIFFERENCES_SHOWN = 20
"""Differences that are printed; the rest are counted."""


@dataclass(frozen=True)
class RecordDifference:
    """What of two folders, or of one trial in both, is not equal."""

    what: str


def diff(a: str, b: str, *, common: bool = False) -> list[RecordDifference]:
    """Return all that differs between two folders but measured times and provenance; equal to the last bit if empty.

    A trial counts by its longest record. With `common`, trials that only one has are no difference, nor that one folder
    has more epochs of a trial, as in a search, where what is tried, and how far, depends on timing.
    """
    one, two = _digests(ResultsFolder(a)), _digests(ResultsFolder(b))
    found = []
    called = _names(a, b) if one != two else {}
    if not common:
        found += [
            RecordDifference(f"trial {t}{called.get(t, '')}: only in {a}") for t in sorted(one.keys() - two.keys())
        ]
        found += [
            RecordDifference(f"trial {t}{called.get(t, '')}: only in {b}") for t in sorted(two.keys() - one.keys())
        ]
    differing = sorted(t for t in one.keys() & two.keys() if one[t] != two[t])
    looked_at = differing if common else differing[:MAX_DIFFERENCES_SHOWN]
    left = {r.id: r for r in ResultsFolder(a).trials.records(looked_at)} if differing else {}
    right = {r.id: r for r in ResultsFolder(b).trials.records(looked_at)} if differing else {}
    for trial in differing:
        if common and trial in left and trial in right and not conflict(left[trial], right[trial]):
            continue  # the search went further with it in one of them
        what = first_difference(left[trial], right[trial]) if trial in left and trial in right else "differs"
        found.append(RecordDifference(f"trial {trial}{called.get(trial, '')}: {what}"))
    if not common:
        found += _studies_differ(ResultsFolder(a), ResultsFolder(b), a, b)
    for where in (a, b):
        ResultsFolder(where)  # still there
    return found


def _names(*folders: str) -> dict[str, str]:
    """By trial, of which arm and seed it is, in brackets: those of the newest version of each study."""
    found: dict[str, str] = {}
    for store in map(ResultsFolder, folders):
        studies = [s for s in store.studies.latest() if s.arms]
        kinds = sorted({(r.config.seed, r.data_checksum) for r in store.trials.records()})
        for study, arm in ((s, a.name) for s in studies for a in s.arms):
            for seed, checksum in kinds:
                trial = study.config(arm, seed=seed).identity(checksum)
                found.setdefault(trial, f" ({study.name}/{arm}, seed {seed})")
    return found


def _digests(store: ResultsFolder) -> dict[str, str]:
    return {r.id: f"{r.epochs_done} {r.status} {r.result_digest()}" for r in store.trials.records()}


def _studies_differ(a: ResultsFolder, b: ResultsFolder, name_a: str, name_b: str) -> Iterator[RecordDifference]:
    one = {s.name: s.to_dict() for s in a.studies.latest()}
    two = {s.name: s.to_dict() for s in b.studies.latest()}
    for name in sorted(one.keys() | two.keys()):
        if name not in two or name not in one:
            yield RecordDifference(f"study {name}: only in {name_a if name in one else name_b}")
        elif one[name] != two[name]:
            yield RecordDifference(f"study {name}: other arms or claims")
