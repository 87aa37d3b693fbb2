"""Nothing is left running when a driver dies: a process that waits for its end and then ends what it had started.

Ray's own processes mostly end with their driver, but a worker in the middle of an epoch and Ray's agents outlive it
by up to some minutes. They are told from everybody else's by a mark in their environment, which all that a driver
starts inherits, or by a file in the driver's own folder that they write to: a process that gives itself a new title, as
Ray's do, may overwrite the end of its environment. Only Linux has `/proc`; elsewhere nothing is done. This file is also
run as a program, without the rest of the project; it imports nothing of it.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

VARIABLE = "STUDY_DRIVER"
END_SECONDS = 3.0
"""Seconds in which processes may end by themselves."""


@contextlib.contextmanager
def ended_with_driver(folder: str) -> Iterator[None]:
    """Within, whatever this process starts ends with it, and `folder` goes, however this process ends."""
    before = os.environ.get(VARIABLE)
    mark = uuid.uuid4().hex
    reaper = _reaper(mark, folder)
    os.environ[VARIABLE] = mark
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(VARIABLE, None)
        else:
            os.environ[VARIABLE] = before
        assert reaper.stdin is not None
        reaper.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            if reaper.wait(timeout=2 * END_SECONDS) != 0:  # it was killed itself: nobody else tidies up
                end_processes(mark, folder, os.getpid())
                shutil.rmtree(folder, ignore_errors=True)


def removed_with_driver(folder: str) -> None:
    """Have a folder removed when this process ends, however it ends; until then it stays."""
    reaper = _reaper(uuid.uuid4().hex, folder)

    def end() -> None:
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            reaper.communicate(timeout=2 * END_SECONDS)
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(end)


def _reaper(mark: str, folder: str) -> subprocess.Popen[bytes]:
    """The process that waits for the end of this one; it bears no mark, so nobody who tidies up ends it."""
    program = [sys.executable, "-I", "-S", str(Path(__file__).resolve()), mark, folder]
    unmarked = {name: value for name, value in os.environ.items() if name != VARIABLE}
    quiet = subprocess.DEVNULL
    return subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet, start_new_session=True, env=unmarked
    )


def marked_processes(mark: str, folder: str = "", driver: int = 0) -> set[int]:
    """The processes that bear the mark or write to files in the folder, and their descendants.

    Never this one, nor the driver, which writes there too and may live on: it runs once more, say, or is a notebook.
    """
    wanted = f"{VARIABLE}={mark}".encode()
    parents: dict[int, int] = {}
    found = set()
    place = Path(folder).resolve() if folder else None
    for entry in Path("/proc").iterdir() if Path("/proc").is_dir() else ():
        if not entry.name.isdigit():
            continue
        try:
            status = (entry / "stat").read_text().rpartition(")")[2].split()
            if status[0] == "Z":
                continue
            parents[int(entry.name)] = int(status[1])
            if wanted in (entry / "environ").read_bytes().split(b"\0") or (place and _writes_into(entry, place)):
                found.add(int(entry.name))
        except (OSError, ValueError, IndexError):
            continue
    found.discard(driver)
    while more := {pid for pid, parent in parents.items() if parent in found} - found - {driver}:
        found |= more
    return found - {os.getpid()}


def _writes_into(process: Path, folder: Path) -> bool:
    for handle in (process / "fd").iterdir():
        with contextlib.suppress(OSError):
            if handle.lstat().st_mode & stat.S_IWUSR and handle.readlink().is_relative_to(folder):
                return True
    return False


def end_processes(mark: str, folder: str = "", driver: int = 0, patience: float = END_SECONDS) -> None:
    """End all that `marked_processes` finds: by itself, else by force; what even that does not end is left."""
    until = time.monotonic() + patience
    asked = killed = False
    while left := marked_processes(mark, folder, driver):
        late = time.monotonic() >= until
        if killed and time.monotonic() >= until + patience:
            return
        if late or not asked:
            for pid in left:
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL if late else signal.SIGTERM)
            asked, killed = True, late
        time.sleep(0.1)


def main(mark: str, folder: str) -> None:
    """Wait until whoever holds the other end of standard input is gone; then tidy up after it."""
    driver = os.getppid()
    sys.stdin.buffer.read()
    end_processes(mark, folder, driver)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
