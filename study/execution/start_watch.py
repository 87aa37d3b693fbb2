"""While Ray starts, a process of its own says when one of Ray's servers has died, and ends the run with the right code.

Ray's start holds the interpreter's lock within C++, so no thread of the run sees that, and ends the process from there
with code 1 and no word. This file is run as a program, without the rest of the project, and imports nothing of it. Only
Linux has `/proc`; elsewhere nothing is seen.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

END_SIGNAL = signal.SIGTRAP
"""Its number is the exit code of a broken Ray, 5: the run's handler of it is C's `_exit`, which needs no lock."""
EVERY_SECONDS = 0.05


@dataclass(frozen=True)
class Server:
    """One of Ray's servers: what Linux calls its process, and we to people.

    noticed_within: seconds after its death in which Ray's own start may notice, and is tried again; soon after them Ray
    ends the run.
    """

    name: str
    words: str
    noticed_within: float


SERVERS = (
    Server("raylet", "its scheduler, the raylet", 8.0),
    Server("gcs_server", "its control server, the GCS", 19.0),
)
LITTLE_BYTES = 1 << 20
"""Less than this on its disk, and a server of Ray has died of it."""


def server_died(words: str) -> str:
    """What to say of a server of Ray that has died: the disk on which it works is full, or nobody knows why."""
    place = os.environ.get("RAY_TMPDIR", "")
    with contextlib.suppress(OSError):
        disk = os.statvfs(place)
        if disk.f_bavail * disk.f_frsize < LITTLE_BYTES or (disk.f_files and not disk.f_favail):
            return (
                f"Ray broke down ({words}, has ended): no space is left in {place}, where it works; "
                "free some, or set TMPDIR to a folder with more"
            )
    return f"Ray broke down ({words}, has ended); the same command goes on from here"


def print_error_line(why: str) -> None:
    """A line where errors go, whatever else is written there."""
    with contextlib.suppress(OSError, ValueError):
        os.write(sys.stderr.fileno() if sys.stderr else 2, f"error: {why}\n".encode())


def child_of(process: int | str, name: str) -> int | None:
    """The process of that name among a process's children, if it lives."""
    for task in Path(f"/proc/{process}/task").glob("*"):
        with contextlib.suppress(OSError):
            for child in (task / "children").read_text().split():
                with contextlib.suppress(OSError):
                    if Path(f"/proc/{child}/comm").read_text().strip() == name and is_alive(int(child)):
                        return int(child)
    return None


def is_alive(pid: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (OSError, IndexError):
        return False


def main(driver: int) -> None:
    """Look until this process is ended, or a server or the run is gone."""
    known: dict[str, int] = {}
    died_at: dict[str, float] = {}
    while True:
        time.sleep(EVERY_SECONDS)
        over = os.getppid() != driver
        for server in SERVERS:
            if server.name not in known:
                if (pid := child_of(driver, server.name)) is not None:
                    known[server.name] = pid
            elif not is_alive(known[server.name]):
                late = time.monotonic() - died_at.setdefault(server.name, time.monotonic()) >= server.noticed_within
                if over or late:
                    print_error_line(server_died(server.words))
                    if not over:
                        os.kill(driver, END_SIGNAL)
                    return
        if over:
            return


if __name__ == "__main__":
    main(int(sys.argv[1]))
