"""A copy of a results folder with all its records in format 2. Nothing rewrites a folder in place."""

from __future__ import annotations

import dataclasses
from itertools import islice

from study.storage.arms_table import write_arms
from study.storage.integrity import HEADER_FILE
from study.storage.results_folder import ResultsFolder
from trainables.config.errors import StoreError
from trainables.records.trial_record import FORMAT, TrialRecord

_RECORDS_PER_FILE = 1000
"""Records a gathered file."""


def upgrade(folder: str, into: str) -> int:
    """Write a copy of a folder in format 2; returns how many records it has.

    Raises:
        StoreError: the folder is damaged, or the copy's place is not empty.
    """
    source = ResultsFolder(folder)
    target = ResultsFolder(into, create=True)
    if others := [name for name in target.folder.names(deep=True) if name != HEADER_FILE]:
        raise StoreError(f"{into} is not empty: it holds {others[0]}; name a folder that is not there yet")
    records = map(upgraded, source.trials.all_records())
    count = 0
    while batch := list(islice(records, _RECORDS_PER_FILE)):
        target.trials.write_gathered(batch)
        count += len(batch)
    for name in source.folder.names(deep=True):
        if name != HEADER_FILE and name.split("/")[0] in ("failures", "studies", "runs", "searches", "checkpoints"):
            data = source.folder.read(name)
            if data is not None:
                target.folder.write(name, data)
    write_arms(target)
    return count


def upgraded(record: TrialRecord) -> TrialRecord:
    """A record in format 2; one that is already stays as it is. What measured its columns is kept, bits it has none."""
    if record.format == FORMAT:
        return record
    measured_by = {name: str(record.source_of(name)) for name in record.epochs.columns}
    return dataclasses.replace(record, format=FORMAT, measured_by=measured_by)
