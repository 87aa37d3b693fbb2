"""Which versions of the training code a results folder's trials have: each is another trial, with other numbers."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from study.storage.results_folder import ResultsFolder
from study.storage.run_records import RunRecord, read_runs
from trainables.config.errors import StudyError
from trainables.config.identity import CODE_VERSION
from trainables.config.plurals import noun


def code_versions(store: ResultsFolder, runs: Sequence[RunRecord] | None = None) -> tuple[int, ...]:
    """The versions that gathered trials have, and those of the runs of a folder, in order; of what is not damaged.

    `runs`: those of the folder, where they are read already.
    """
    found = {run.code_version for run in (read_runs(store.folder) if runs is None else runs) if run.code_version}
    for name in store.trials.gathered():
        with contextlib.suppress(StudyError):
            if (table := store.trials.table(name, ["code_version"])) is not None:
                found |= set(table.column("code_version").to_pylist())
    return tuple(sorted(found))


def notes_on_code(store: ResultsFolder, runs: Sequence[RunRecord] | None = None) -> tuple[str, ...]:
    """A sentence where some version is not that of this program: what a run trains again, and what a study reads."""
    there = code_versions(store, runs)
    if set(there) <= {CODE_VERSION}:
        return ()
    which = f"{noun(len(there), 'version')} {' and '.join(map(str, there))}"
    return (
        f"trials of this folder are of {which} of the training code; this program has version {CODE_VERSION}, and its "
        "numbers differ. A run trains again what it lacks. A study reads the newest version that any arm has",
    )
