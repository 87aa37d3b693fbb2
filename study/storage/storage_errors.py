"""What a failure of storage means, in words; and URLs whose clients do not try for minutes on their own."""

from __future__ import annotations

import contextlib
import errno
import os
import re
from pathlib import Path

from trainables.config.errors import StorageRefused, StoreError
from trainables.config.owners import refused_words


def with_bounded_retries(url: str) -> str:
    """A URL with our wishes to the storage's client added.

    Google's tries for a quarter of an hour of its own unless told otherwise; we try again ourselves. Amazon's asks for
    an upload in parts even for a small file unless told otherwise: three requests instead of one.
    """
    wishes = {"gs://": "retry_limit_seconds=10", "gcs://": "retry_limit_seconds=10", "s3://": "allow_delayed_open=true"}
    for scheme, wish in wishes.items():
        if url.startswith(scheme) and wish.partition("=")[0] not in url:
            return url + ("&" if "?" in url else "?") + wish
    return url


_NO_BUCKET = "there is no such bucket; make it first, or choose another folder"
_NO_LOGIN = "there are no valid credentials; log in to that cloud on this machine, or give the machine a role"
_NO_RIGHT = (
    "no permission; allow listing, reading, writing and deleting there to this machine's credentials or role, or "
    "choose another folder"
)
_HOPELESS = {
    _NO_BUCKET: r"no_?such_?bucket",
    _NO_LOGIN: r"credential|oauth2|access token|invalid_?access_?key|signature_?does_?not_?match|expired_?token",
    _NO_RIGHT: r"access_? ?denied|permission_? ?denied|forbidden|http status 403",
}
"""What to say of answers that no second try changes."""


def permanent_cause(error: OSError) -> str:
    """What is wrong for good, in words; empty where another try may help."""
    text = str(error).lower()
    # What the client says comes after the object's name, which may hold any of these words.
    answer = next((text.partition(mark)[2] for mark in ("aws error ", "google::cloud") if mark in text), text)
    return next((say for say, signs in _HOPELESS.items() if re.search(signs, answer)), "")


def store_error(verb: str, what: str, error: OSError, size: int = 0) -> StoreError:
    """What to raise where a storage refuses; `size`: bytes that were to be written."""
    if error.errno == errno.ENOSPC and _no_file_more(what):
        why = f"cannot {verb} {what}: its disk has room, but takes no more files (no inodes are left)"
        return StorageRefused(f"{why}; remove some, then run the same command again: nothing is lost")
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        need = f" ({size:,} bytes more are needed for this file alone)" if size else ""
        return StorageRefused(
            f"no space left to {verb} {what}{need}; free some, then run the same command again: nothing is lost"
        )
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return StorageRefused(
            f"no permission to {verb} {what} ({refused_words(error, what)}); allow it, or choose another folder"
        )
    if error.errno == errno.ENOENT and verb == "write":
        return folder_gone(what)
    if "://" in what and (wrong := permanent_cause(error)):
        return StorageRefused(f"cannot {verb} {what}: {wrong} ({first_line_of(error)})")
    return StoreError(f"cannot {verb} {what}: {first_line_of(error)}")


def _no_file_more(what: str) -> bool:
    """Whether the disk on which a path lies has room for bytes and none for another file."""
    with contextlib.suppress(OSError, StopIteration):
        disk = os.statvfs(next(p for p in (Path(what), *Path(what).parents) if p.exists()))
        return bool(disk.f_files) and not disk.f_favail and disk.f_bavail > 0
    return False


def folder_gone(what: str) -> StorageRefused:
    """What to raise where a results folder that was there is not any more: moved, removed, or its disk is away."""
    return StorageRefused(
        f"cannot reach {what}: the results folder is gone; bring it back, then run the same command again. If it is "
        "deleted, that command begins anew"
    )


def first_line_of(error: BaseException) -> str:
    """Return the first line of a client's message, without the number of its request."""
    if isinstance(error, OSError) and error.errno is not None and str(error).startswith("[Errno"):
        return os.strerror(error.errno).lower()
    line = (str(error).strip() or type(error).__name__).splitlines()[0]
    return re.sub(r" ?\(Request ID: [^)]*\)", "", line)[:300]


class ChangesTooFast(StoreError):
    """A run writes faster than its folder can be read: another try may do."""


def changes_too_fast(where: str) -> ChangesTooFast:
    """What to raise of a folder that is another one at each look."""
    return ChangesTooFast(f"{where} changes faster than it can be read; try again when the run has ended")
