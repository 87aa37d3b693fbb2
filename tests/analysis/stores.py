"""Results folders for tests of what reads them, made from synthetic records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from study.spec.study import Study
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import RunRecord, write_run
from tests import synthetic
from trainables.records.trial_record import TrialRecord


def store_of(
    folder: Path, studies: Iterable[Study], seeds: Sequence[int] = (0, 1, 2), *, gather: bool = True, **how: Any
) -> ResultsFolder:
    """A results folder that holds studies, their synthetic records and a run that asked for them."""
    store = ResultsFolder(folder, create=True)
    studies = list(studies)
    fill(store, (r for s in studies for r in synthetic.records(s, seeds, **how)))
    for study in studies:
        store.studies.freeze(study)
    write_run(store.folder, "20260101T000000-000000", run(studies, seeds))
    if gather:
        store.trials.gather()
    return store


def fill(store: ResultsFolder, records: Iterable[TrialRecord]) -> None:
    """Put records into a results folder; one that several studies share is put there once."""
    seen: set[tuple[str, int]] = set()
    for record in records:
        if (key := (record.id, record.epochs_done)) not in seen:
            seen.add(key)
            store.write(record)


def run(studies: Iterable[Study], seeds: Sequence[int]) -> RunRecord:
    """What is on record of a run."""
    names = tuple(s.name for s in studies)
    return RunRecord(
        command=("study", "run", *names),
        studies=names,
        seeds=tuple(seeds),
        reduced=False,
        began="2026-01-01T00:00:00Z",
        python="3.11.7",
        versions={"torch": "2.14.1"},
        trials_to_train=1,
        epochs_to_train=1,
    )
