"""What Ray's errors mean, in words."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from trainables.config.errors import EngineError, StorageRefused, StudyError


def last_line(error: BaseException | str | None) -> str:
    """Return the last line of an error's message; Ray's end with what matters."""
    if re.search(r"CUDA out of memory|torch\.(?:cuda\.)?OutOfMemoryError", str(error)):
        return "the GPU's memory was full; give each trial more of a GPU with STUDY_GPU_SHARE"
    if "OutOfMemoryError" in str(error):
        return "Ray's memory monitor ended it, because the machine's memory was full"
    if (ended := next((said for word, said in _ENDED.items() if word in str(error)), "")) != "":
        return ended
    if error is None:
        return "no reason given"
    lines = [x for x in str(error).strip().splitlines() if x.strip()]
    if not lines:
        return type(error).__name__
    return re.sub(r"^trainables\.(?:\w+\.)*errors\.\w+: ", "", lines[-1].strip())


_ENDED = {
    "node has died": "its node went away",
    "worker process has died": "its worker was killed, as it is where memory is full, the machine's or what a "
    "container may use; try fewer --cpus",
    "The actor never ran": "its worker ended before it had begun",
    "actor died unexpectedly": "its worker ended without a word",
}
"""Of an actor's end, words that Ray writes to what is said of it: Ray's own list causes that it only guesses."""


def reason_of(trial: Any) -> str:
    """The last line of the error that ended Ray's trial: from where it is written before Ray puts it into storage.

    Ray adds each failure of a trial to one file; an earlier one says nothing of the last.
    """
    with contextlib.suppress(OSError, TypeError):
        written = Path(trial.error_file).read_text(encoding="utf-8", errors="replace")
        return last_line(re.split(r"^Failure # \d+.*\n", written, flags=re.MULTILINE)[-1])
    return last_line(trial.get_error())


def not_importable(reason: str) -> str:
    """What to say where a worker lacks what it has to import; empty where a trial failed of something else.

    >>> not_importable("ModuleNotFoundError: No module named 'mine'")[:75]
    "a worker cannot import what it needs (No module named 'mine'): nothing is i"
    >>> not_importable("ValueError: mine")
    ''
    """
    found = re.search(r"(?:ModuleNotFoundError|ImportError): (.*)", reason)
    if found is None:
        return ""
    return (
        f"a worker cannot import what it needs ({found[1][:200]}): nothing is imported from the working folder. "
        "Install it where the workers run, or put its folder on PYTHONPATH"
    )


def ray_failure(error: BaseException) -> StudyError:
    """What to say when Ray Tune itself gave up."""
    if (ours := caused_by(error, lambda e: isinstance(e, StudyError))) is not None:
        assert isinstance(ours, StudyError)
        return ours
    if caused_by(error, lambda e: isinstance(e, OSError) and e.errno == errno.ENOSPC):
        where = os.environ.get("RAY_TMPDIR") or tempfile.gettempdir()  # not below TMPDIR where that has a long name
        return StorageRefused(f"no space left in {where}, where Ray works; free some or set TMPDIR")
    if out_of_memory(error):
        return EngineError("memory ran out again and again: use fewer --cpus; the same command goes on from here")
    return EngineError(f"Ray broke down ({last_line(error)[:300]}); the same command goes on from here")


def start_failure(error: BaseException) -> StudyError:
    """What to say when Ray did not start on this machine: each cause in its own sentence."""
    reason = (str(error).strip() or type(error).__name__).splitlines()[0][:300]
    cause = caused_by(error, lambda e: isinstance(e, OSError) and e.errno in _NO_ROOM)
    if isinstance(cause, OSError) and cause.errno is not None:
        return EngineError(f"Ray did not start on this machine: {_NO_ROOM[cause.errno]}")
    if isinstance(error, UnicodeError):
        return EngineError(f"Ray did not start on this machine: it reads no path that is not UTF-8 ({reason})")
    if "AF_UNIX" in reason or "socket_filename" in reason:
        return EngineError(
            f"Ray did not start on this machine: the path of its sockets is too long ({reason}). Set TMPDIR to a "
            "folder with a short name"
        )
    if any(word in reason for word in ("timed out", "didn't start", "did not start", "30 sec")):
        return EngineError(
            f"Ray did not start on this machine: its processes took longer than it waits ({reason}). The machine has "
            "too much to do. Try again when it has less, or lower --cpus"
        )
    return EngineError(f"Ray did not start on this machine: {reason}")


_NO_ROOM = {
    errno.ENOSPC: "no space is left where it works; free some, or set TMPDIR to a folder with more",
    errno.EMFILE: "this user may not open more files; raise `ulimit -n`",
    errno.ENFILE: "the machine has no more files to open",
    errno.EAGAIN: "this user may not start more processes; raise `ulimit -u`",
    errno.ENOMEM: "the machine's memory is full",
    errno.EACCES: "it may not write where it works; set TMPDIR to a folder of your own",
}


def out_of_memory(error: BaseException) -> bool:
    """Whether Ray's memory monitor has killed a worker, which ends `fit` whatever its settings."""
    return caused_by(error, lambda e: type(e).__name__ == "OutOfMemoryError") is not None


def caused_by(error: BaseException | None, wanted: Callable[[BaseException], bool]) -> BaseException | None:
    """An error, or what led to it, if it is wanted."""
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        if wanted(error):
            return error
        seen.append(error)
        error = error.__cause__ or error.__context__
    return None
