"""Keeping a results folder sound: tidy it before a run, gather its records during one, verify and repair it."""

from __future__ import annotations

import shlex
from collections import Counter, defaultdict
from dataclasses import dataclass

from study.storage import run_records, search_log
from study.storage.arms_table import write_arms
from study.storage.code_versions import notes_on_code
from study.storage.durable_files import Folder
from study.storage.gone_parts import absent_runs_said, gone_parts
from study.storage.gone_records import gone_said, gone_trials
from study.storage.header_repair import mend_header
from study.storage.integrity import GATHERED_NAME, Damage, repair_command
from study.storage.results_folder import ResultsFolder
from study.storage.survey import (
    ContradictingRecords,
    consequence,
    contradictions,
    differing,
    other_damage,
    sound_records,
    why_other_unsound,
)
from trainables.config.plurals import counted

NOTHING_LOST = "every trial that was on record still is: none is trained again"


@dataclass(frozen=True)
class SoundnessReport:
    """What a check found."""

    lines: tuple[str, ...]
    sound: bool


def tidy(store: ResultsFolder, lost: set[str] | None = None) -> list[str]:
    """Put damaged records aside before a run, and remove half-written files; says what and why. Holds the lock.

    lost: is told the trials of which a record was put aside, and files of which nobody knows what trials they held.
    """
    out = set[str]() if lost is None else lost
    said = [_put_aside(store, item, out) for item in store.trials.damage(thorough=False)]
    for name in (*store.folder.names("studies", deep=True), *store.folder.names("runs")):
        if reason := why_other_unsound(store, name.split("/")[0], name):
            store.trials.quarantine(Damage(name, reason))
            said.append(f"{_named(name, reason)}; put into quarantine" + consequence(store, name))
    for item in list(search_log.damage(store)):
        store.trials.quarantine(item)
        said.append(f"{_named(item.name, item.reason)}; put into quarantine" + consequence(store, item.name))
    for item in store.irregular():
        store.trials.quarantine(item)
        said.append(f"{item.name}: {item.reason}; put into quarantine")
    back = (*store.studies.put_back(), *run_records.put_back(store.folder))
    said += [f"{name}: its copy was put in its place" for name in back]
    said += [f"{name}: not equal to its study; written anew" for name in store.studies.keep_copies()]
    for name in run_records.damaged_copies(store.folder):
        store.folder.delete(name)
        said.append(f"{name}: not equal to its run; written anew")
    if bare := [*store.studies.add_checksums(), *run_records.add_checksums(store.folder)]:
        said.append(f"{', '.join(bare)}: had no checksum, as of version 0.1; the copy beside each has one now")
    for name in store.leftovers():
        store.folder.delete(name)
    return said


def _named(name: str, reason: str) -> str:
    """What is wrong with a file, which is named once."""
    return reason if name in reason else f"{name}: {reason}"


def _put_aside(store: ResultsFolder, item: Damage, out: set[str]) -> str:
    saved, lost = store.trials.quarantine(item)
    out.update(lost or ([] if saved else [item.name]))
    rest = f"; {saved} sound records in it were saved" if saved else ""
    again = f"; to be trained again: {', '.join(sorted(lost))}" if lost else ""
    return f"{item.name} is damaged ({item.reason}) and was moved to quarantine/{rest}{again}"


def verify(folder: str) -> SoundnessReport:
    """Check every record against its checksum, its identity, its trial's other records; and what else is kept."""
    store = ResultsFolder(folder)
    damage = store.trials.damage()
    bad = {d.name for d in damage}
    lines = [f"{d.name}: {d.reason}" for d in damage]
    statuses: Counter[str] = Counter()
    places: Counter[str] = Counter()
    for _, record in sound_records(store, bad):
        statuses[record.status] += 1
        places[record.id] += 1
    records = statuses.total()
    several = {trial for trial, n in places.items() if n > 1}
    apart = differing(store, several, bad)
    lines += [
        f"{one.goes[0]}: trial {one.goes[1].id} contradicts its record in {one.stays[0]} ({one.why})"
        for one in apart.contradict
    ]
    lines += [_named(d.name, d.reason) for d in other_damage(store)]
    lines += [f"{name}: not equal to the study that it is a copy of" for name in store.studies.damaged_copies()]
    lines += [f"{name}: not equal to the run that it is a copy of" for name in run_records.damaged_copies(store.folder)]
    notes = (*apart.notes, *notes_on_code(store), *absent_runs_said(store))
    gone = gone_trials(store, places) if not damage else ()
    if unchecked := [*store.studies.without_checksum(), *run_records.without_checksum(store.folder)]:
        what = f"{', '.join(unchecked)}: no checksum, for version 0.1 wrote none, so no change in it would be seen"
        notes = (*notes, f"{what}; {repair_command(store.folder)} or the next run adds one, in a copy")
    counts = ", ".join(f"{n} {s}" for s, n in sorted(statuses.items()))
    head = f"{folder}: {counted(records, 'record')} checked" + (f" ({counts})" if counts else "")
    said = [f"{len(lines)} not sound; {repair_command(store.folder)} moves them to quarantine/"] if lines else []
    if lost := [*([gone_said(gone)] if gone else ()), *gone_parts(store)]:
        said = [*(said or ["all that is there is sound"][: bool(records)]), *lost]
    whole = "all sound" if records else "no trial is on record"
    store.refuse_gone()
    return SoundnessReport((*lines, *notes, f"{head}: {'; '.join(said) or whole}"), not said)


def _settle(store: ResultsFolder) -> list[str]:
    """Of records that contradict each other, put aside those that give way, each with its whole file; says which.

    The longer one stays; of two equally long, the one that was trained first.
    """
    by_file: dict[str, list[ContradictingRecords]] = defaultdict(list)
    for one in contradictions(store):
        by_file[one.goes[0]].append(one)
    said = []
    for name, found in by_file.items():
        saved, _ = store.trials.quarantine(Damage(name, "contradiction"), without=[one.goes[1] for one in found])
        rest = f"; the {saved} other records in it are kept" if GATHERED_NAME.fullmatch(name) else ""
        trials = "; ".join(f"trial {one.goes[1].id} has a record in {one.stays[0]} ({one.why})" for one in found)
        said.append(
            f"{name} contradicts what was trained before it, or longer, and was moved to quarantine/{rest}: {trials}"
        )
    return said


def repair(folder: str) -> SoundnessReport:
    """Put what fails its check into quarantine, and say what a next run will redo. Holds the lock."""
    lines, lost = mend_header(Folder(folder)), set[str]()
    store = ResultsFolder(folder)
    lines += tidy(store, lost)
    lines += [_put_aside(store, item, lost) for item in store.trials.damage()]
    lines += _settle(store)  # before what searches were told is held against it
    for item in other_damage(store):
        store.trials.quarantine(item)
        lines.append(f"{_named(item.name, item.reason)}; put into quarantine" + consequence(store, item.name))
    on_record = store.trials.on_record()
    gone = set(gone_trials(store, on_record)) - lost
    if gone and not any("/" in name for name in lost):  # else a file that was put aside may have held them
        lines.append(gone_said(gone))
    write_arms(store)  # names what is there, from now on
    left = verify(folder)
    nothing = "nothing to repair" if left.sound else "nothing to repair here: what is gone has to be put back"
    verdict = NOTHING_LOST if lines else nothing
    if (gone | lost) - on_record.keys():
        verdict = f"`study status {shlex.quote(folder)}` names the command that trains again what is missing"
    return SoundnessReport((*lines, *left.lines, verdict), left.sound)
