"""A copy of a results folder with all its records in format 2. Nothing rewrites a folder in place.

Until the copy is whole it is no results folder: the same command begins one that was cut short anew.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Mapping
from itertools import islice

from study.storage import lock, run_records
from study.storage.arms_table import write_arms
from study.storage.durable_files import Folder
from study.storage.integrity import HEADER_FILE, OWN_FOLDERS, UNFINISHED_COPY, VERSION, to_json, to_plain
from study.storage.results_folder import ARMS, ResultsFolder
from trainables.config.errors import StoreError, StudyError
from trainables.records.trial_record import FORMAT, TrialRecord

_RECORDS_PER_FILE = 1000
"""Records a gathered file."""
COPIED = ("failures", "studies", "runs", "searches", "checkpoints")


def upgrade(folder: str, into: str) -> int:
    """Write a copy of a folder in format 2; returns how many records it has.

    Raises:
        StoreError: the folder is damaged, or the copy's place is not empty.
    """
    source, begun = ResultsFolder(folder), {"format": UNFINISHED_COPY, "version": VERSION, "of": folder}
    _clear_what_was_cut_short(Folder(into), begun)
    target = ResultsFolder(into, create=True)
    _refuse_others(target)
    with lock.hold(target.folder):
        _refuse_others(target)  # another command may have written a copy meanwhile
        head = target.folder.read(HEADER_FILE) or b""
        target.folder.write(HEADER_FILE, to_json(begun))
        count = _copy(source, target)
        source.refuse_gone()  # else what is left of it would pass for all of it
        target.folder.write(HEADER_FILE, head)
    return count


def _refuse_others(target: ResultsFolder) -> None:
    if others := [name for name in target.folder.names(deep=True) if name != HEADER_FILE]:
        where = target.folder.where
        raise StoreError(f"{where} is not empty: it holds {others[0]}; name a folder that is not there yet")


def _is_cut_short(place: Folder, begun: Mapping[str, object]) -> bool:
    """Whether a copy of the same folder was begun there and not ended; refuses one of another folder."""
    said: object = None
    with contextlib.suppress(StudyError):
        said = to_plain(place.read(HEADER_FILE) or b"", HEADER_FILE)
    if not isinstance(said, dict) or said.get("format") != UNFINISHED_COPY:
        return False
    if said != begun:
        raise StoreError(f"{place.where} holds a copy of another folder that was cut short; name another folder")
    return True


def _clear_what_was_cut_short(place: Folder, begun: Mapping[str, object]) -> None:
    """Empty a folder in which a copy of the same one was begun and not ended."""
    if not _is_cut_short(place, begun):
        return
    with lock.hold(place):
        if not _is_cut_short(place, begun):  # the command that was at it has ended it meanwhile
            return
        for name in OWN_FOLDERS:
            place.delete_folder(name)
        for name in (ARMS, HEADER_FILE):
            place.delete(name)


def _copy(source: ResultsFolder, target: ResultsFolder) -> int:
    records = map(upgraded, source.trials.all_records())
    count = 0
    while batch := list(islice(records, _RECORDS_PER_FILE)):
        target.trials.write_gathered(batch)
        count += len(batch)
    for name in source.folder.names(deep=True):
        if name.split("/")[0] in COPIED and (data := source.folder.read(name)) is not None:
            target.folder.write(name, data)
    target.studies.add_checksums()
    run_records.add_checksums(target.folder)
    write_arms(target)
    return count


def upgraded(record: TrialRecord) -> TrialRecord:
    """A record in format 2; one that is already stays as it is. What measured its columns is kept, bits it has none."""
    if record.format == FORMAT:
        return record
    measured_by = {name: str(record.source_of(name)) for name in record.epochs.columns}
    return dataclasses.replace(record, format=FORMAT, measured_by=measured_by)
