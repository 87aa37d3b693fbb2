"""To wait until a run begins in a results folder, for commands that stay: `study live` and `study status --watch`."""

from __future__ import annotations

from time import sleep

from study.app.folders import folders_like
from study.app.wrapping import say
from trainables.config.nearest import first_of

WAIT_SECONDS, REMOTE_WAIT_SECONDS = 0.5, 10.0
"""Between two looks at a folder on this machine; at one in a bucket."""


def wait_for_folder(where: str) -> None:
    """Until a run has begun in a folder that is not there yet, or is empty: a run that starts makes it in seconds.

    The name may be wrong, so it says which folders are there.

    Raises:
        StoreError: it is a file.
    """
    from study.storage.durable_files import Folder

    folder = Folder(where)
    folder.refuse_file()
    if folder.top_names():
        return
    there = folders_like(where)
    others = f" There are results in {first_of(there, 3)}." if there else ""
    say(f"there are no results in {where} yet: waiting for a run to begin there. Ctrl-C ends the waiting.{others}")
    while not folder.top_names():
        sleep(WAIT_SECONDS)


def wait_for_next_run(where: str) -> None:
    """Until a run goes on in a results folder in which none does, be it another process that has yet to begin.

    Raises:
        StoreError: the folder cannot be read any more.
    """
    from study.app.signs_of_life import latest_run
    from study.storage.durable_files import Folder

    folder = Folder(where)
    words = f"waiting for a run to begin in {where}. Ctrl-C ends the waiting."
    while not latest_run(folder)[1]:
        if words:
            say(words)
            words = ""
        sleep(WAIT_SECONDS if folder.local else REMOTE_WAIT_SECONDS)
