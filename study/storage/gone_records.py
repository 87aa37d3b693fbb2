"""Trials that were on record and are no longer, as what else lies in a folder names them: `arms.parquet`, searches.

A file that was deleted, or not copied along, leaves no damage behind. What it held is trained again if a study asks for
it, so nothing here is refused; it is said.
"""

from __future__ import annotations

from collections.abc import Collection

import pyarrow as pa

from study.storage.code_versions import code_versions
from study.storage.parquet import open_file
from study.storage.reported_values import trials_of
from study.storage.results_folder import ARMS, ResultsFolder
from study.storage.search_log import search_parts
from trainables.config.errors import StudyError
from trainables.config.identity import CODE_VERSION
from trainables.config.plurals import counted


def gone_trials(store: ResultsFolder, there: Collection[str]) -> tuple[str, ...]:
    """The trials that the folder names and has no record of, sorted; `there`: those that it has one of."""
    return tuple(sorted(named_trials(store) - set(there)))


def named_trials(store: ResultsFolder) -> frozenset[str]:
    """The trials that the folder names beside their records.

    While a run goes on this is read before the records are: a search names a trial after its record is there.
    """
    return frozenset({*_of_arms(store), *_of_searches(store)})


def gone_said(gone: Collection[str]) -> str:
    """What is gone and what helps.

    >>> gone_said(["0" * 20]).partition(";")[0]
    '1 trial that was on record is gone, with what held it in trials/'
    """
    was, now, held = ("was", "is", "it") if len(gone) == 1 else ("were", "are", "them")
    return (
        f"{counted(len(gone), 'trial')} that {was} on record {now} gone, with what held {held} in trials/; put it "
        "back, or the next run trains again what its study asks for"
    )


def _of_arms(store: ResultsFolder) -> set[str]:
    """The trials of `arms.parquet`; none where it cannot be read, for nothing rests on it."""
    try:
        data = store.folder.read(ARMS)
        return set() if data is None else set(open_file(data).read(columns=["trial"]).column("trial").to_pylist())
    except (StudyError, OSError, ValueError, KeyError, pa.ArrowException):
        return set()


def _of_searches(store: ResultsFolder) -> set[str]:
    """The trials of which searches were told; none where another version of the training code named them."""
    parts = search_parts(store, [])
    if not parts or set(code_versions(store)) - {CODE_VERSION}:
        return set()
    return {t for part in parts for trials in trials_of(part).values() for t in trials}
