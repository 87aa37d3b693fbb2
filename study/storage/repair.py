"""Keeping a results folder sound: tidy it before a run, gather its records during one, verify and repair it."""

from __future__ import annotations

import hashlib
import shlex
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from study.storage import search_log
from study.storage.integrity import Damage, parse_record, parse_study
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import LOST, parse_run, without_checksum
from trainables.config.errors import StoreError, StudyError
from trainables.records.trial_record import TrialRecord

_CHECKED = ("failures", "studies", "runs", "checkpoints")


@dataclass(frozen=True)
class SoundnessReport:
    """What a check found."""

    lines: tuple[str, ...]
    sound: bool


def tidy(store: ResultsFolder) -> list[str]:
    """Before a run: put damaged records aside and remove half-written files; says what and why. Holds the lock."""
    said = [_put_aside(store, item) for item in store.trials.damage(thorough=False)]
    for name in (*store.folder.names("studies", deep=True), *store.folder.names("runs")):
        if reason := _reason(store, name.split("/")[0], name):
            store.trials.quarantine(Damage(name, reason))
            said.append(f"{name}: {reason}; put into quarantine" + _consequence(name))
    for item in list(search_log.damage(store)):
        store.trials.quarantine(item)
        said.append(f"{item.name}: {item.reason}; put into quarantine" + _consequence(item.name))
    for item in store.odd():
        store.trials.quarantine(item)
        said.append(f"{item.name}: {item.reason}; put into quarantine")
    for name in store.leftovers():
        store.folder.delete(name)
    return said


def _put_aside(store: ResultsFolder, item: Damage) -> str:
    saved, lost = store.trials.quarantine(item)
    rest = f"; {saved} sound records in it were saved" if saved else ""
    again = f"; to be trained again: {', '.join(sorted(lost))}" if lost else ""
    return f"{item.name} is damaged ({item.reason}) and was put into quarantine{rest}{again}"


def verify(folder: str) -> SoundnessReport:
    """Check every record against its checksum, its identity, its trial's other records; and what else is kept."""
    store = ResultsFolder(folder)
    damage = store.trials.damage()
    bad = {d.name for d in damage}
    lines = [f"{d.name}: {d.reason}" for d in damage]
    statuses: Counter[str] = Counter()
    digests: dict[tuple[str, int, str], tuple[str, str]] = {}
    records = 0
    for name, record in _sound_records(store, bad):
        records += 1
        statuses[record.status] += 1
        key, digest = (record.id, record.epochs_done, record.status), record.result_digest()
        there, where = digests.setdefault(key, (digest, name))
        if there != digest:
            lines.append(f"{name}: trial {record.id} contradicts its record in {where}")
    lines += [f"{d.name}: {d.reason}" for d in _others(store)]
    counts = ", ".join(f"{n} {s}" for s, n in sorted(statuses.items()))
    head = f"{folder}: {records} records checked" + (f" ({counts})" if counts else "")
    verdict = (
        "all sound" if not lines else f"{len(lines)} not sound; `study repair {shlex.quote(folder)}` puts them aside"
    )
    bare = without_checksum(store.folder)
    note = f"; {bare} files of runs/ have no checksum, for version 0.1 wrote none" if bare else ""
    return SoundnessReport((*lines, f"{head}: {verdict}{note}"), not lines)


def _sound_records(store: ResultsFolder, bad: set[str]) -> Iterator[tuple[str, TrialRecord]]:
    for name in store.trials.loose():
        if name not in bad and (record := store.trials.loose_record(name)) is not None:
            yield name, record
    for name in store.trials.gathered():
        if name not in bad:
            yield from ((name, record) for record in store.trials.gathered_records(name))


def _others(store: ResultsFolder) -> list[Damage]:
    """What is wrong with failures, studies, runs, checkpoints and searches, and what is no file."""
    names = [(top, n) for top in _CHECKED for n in store.folder.names(top, deep=True)]
    checked = ((name, _reason(store, top, name)) for top, name in names)
    return [*(Damage(name, reason) for name, reason in checked if reason), *search_log.damage(store), *store.odd()]


def _reason(store: ResultsFolder, top: str, name: str) -> str:
    data = store.folder.read(name) if top in _CHECKED else None
    if data is None:
        return ""
    try:
        _check_other(top, name, data)
    except StudyError as error:
        return str(error)
    return ""


def _check_other(top: str, name: str, data: bytes) -> None:
    """Check a file of `failures/`, `studies/`, `runs/` or `checkpoints/`.

    Raises:
        StudyError: it is damaged; says how.
    """
    if top == "failures":
        parse_record(data)
    elif top == "checkpoints" and hashlib.sha256(data[32:]).digest() != data[:32]:
        raise StoreError("its content does not fit its checksum")
    elif top == "studies" and name.endswith(".json"):
        parse_study(data, name)
    elif top == "runs" and name.endswith(".json"):
        parse_run(data, name)


def repair(folder: str) -> SoundnessReport:
    """Put what fails its check into quarantine, and say what a next run will redo. Holds the lock."""
    store = ResultsFolder(folder)
    lines = tidy(store)
    lines += [_put_aside(store, item) for item in store.trials.damage()]
    for item in _others(store):
        store.trials.quarantine(item)
        lines.append(f"{item.name}: {item.reason}; put into quarantine" + _consequence(item.name))
    left = verify(folder)
    verdict = "nothing to repair" if not lines else "`study run` with the same arguments trains again what is missing"
    return SoundnessReport((*lines, *left.lines, verdict), left.sound)


def _consequence(name: str) -> str:
    return {
        "checkpoints": "; its trial goes on from the checkpoint before it, or from the start",
        "runs": f"; {LOST}",
        "studies": "; the next run of the study writes it again",
        "searches": "; the search goes on from what came before, and trains nothing that is on record",
    }.get(name.split("/")[0], "")
