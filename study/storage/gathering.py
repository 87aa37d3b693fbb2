"""While a run goes on: loose records are gathered, checkpoints of finished trials dropped."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

from study.storage.arms_table import write_arms
from study.storage.results_folder import ResultsFolder
from trainables.config.errors import StudyError

GATHER_MIN_RECORDS = 1000
"""Loose records that are worth gathering while a run goes on."""


GATHER_INTERVAL_SECONDS = 20.0
"""Seconds between two looks at how many there are."""


def gather(store: ResultsFolder) -> None:
    """Put all loose records together, and say anew which trials belong to which arms. Holds the lock."""
    store.trials.gather()
    write_arms(store)


def sweep_checkpoints(store: ResultsFolder, *, keep: bool = False) -> None:
    """Drop the checkpoints of trials that are over: a killed worker may have left some. Holds the lock.

    With `keep`, those of finished trials stay, so that more epochs go on from them.
    """
    over = ("diverged",) if keep else ("finished", "diverged")
    on_record = store.trials.on_record()
    for trial in {n.split("/")[1] for n in store.folder.names("checkpoints", deep=True)} & set(on_record):
        if on_record[trial].status in over:
            store.drop_checkpoints(trial)


@contextlib.contextmanager
def gathering(
    store: ResultsFolder,
    refused: Callable[[str], None],
    many: int = GATHER_MIN_RECORDS,
    interval: float = GATHER_INTERVAL_SECONDS,
) -> Iterator[None]:
    """Within, loose records are gathered whenever there are many; `refused` is told why no more are taken."""
    over = threading.Event()

    def work() -> None:
        while not over.wait(interval):
            try:
                if len(store.trials.loose()) >= many:
                    store.trials.gather()
            except StudyError as error:
                refused(str(error))
                return

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
