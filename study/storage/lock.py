"""One run at a time on a results folder: the lock, local or in a bucket. What it guards is
`study.storage.results_folder`'s business.

On a local folder (or NFS that locks) it is the kernel's file lock, which ends with its holder however that dies. In a
bucket it is an object that its holder rewrites every few seconds with the next number. Whoever finds one watches it:
a number that moves is a living holder, one that stands still for `LEASE_PATIENCE_SECONDS` seconds a dead one, whose
place is taken. Only this machine's own monotonic clock is asked, so a wall clock that jumps changes nothing.

Limits in a bucket: there is no atomic exchange, so whoever takes the lock waits `LEASE_SETTLE_SECONDS` seconds and
looks whether it is still its own; two that begin within the time of one write may both be refused. A holder that is cut
off from the bucket for longer than `LEASE_PATIENCE_SECONDS` loses the lock and is told to stop. Records are written
whole and never changed, so even two at once could not mix them; they would only train some trials twice.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from filelock import lock_descriptor

from study.storage.durable_files import Folder
from study.storage.this_machine import is_among_ours, signature
from trainables.config.errors import StoreError
from trainables.config.owners import refused_words

NAME = ".lock"
LEASE_BEAT_SECONDS, LEASE_PATIENCE_SECONDS, LEASE_SETTLE_SECONDS = 5.0, 20.0, 2.0
"""Seconds between the holder's signs of life; without one until the lock is taken over; until it counts as taken."""


_ASK_AGAIN_SECONDS = 0.5
"""Between two tries of who waits for a lock of this machine's."""
_HELD = set[int]()
"""Handles of the kernel's locks that this process holds."""


def _let_go_after_fork() -> None:
    """In a process that a holder forked: it holds nothing, and must not keep the lock when the holder ends."""
    while _HELD:
        os.close(_HELD.pop())


os.register_at_fork(after_in_child=_let_go_after_fork)


class Locked(StoreError):
    """Somebody else works in this folder."""


@contextlib.contextmanager
def hold(folder: Folder, *, wait: bool = False, lost: Callable[[str], None] | None = None) -> Iterator[None]:
    """Be the only one who changes a results folder.

    Args:
        folder: it must be there.
        wait: wait for as long as somebody else has it, instead of refusing at once.
        lost: called with a reason, from another thread, when a bucket's lock was taken away.

    Raises:
        Locked: somebody else has it, and who.
    """
    if folder.local:
        with _local(folder, wait):
            yield
    else:
        with _lease(folder, wait, lost or (lambda _: None)):
            yield


def holder_lives(folder: Folder) -> bool:
    """Whether another process of this machine has the lock, by what it noted when it took it."""
    who = _parse(folder.read(NAME) or b"") or {}
    return _is_here(who) and who["pid"] != os.getpid() and not _dead_here(who)


def _me() -> dict[str, Any]:
    return {"owner": uuid.uuid4().hex, **signature()._asdict()}


def _refusal(where: str, who: dict[str, Any]) -> Locked:
    by = "another process"
    if who.get("pid") and not _dead_here(who):  # else it has let go, and whoever may read the file may hold it now
        by = f"process {who['pid']} on {who.get('host', '?')}"
    return Locked(f"{where} is in use by {by}; let it end, or use --wait to go on when it has")


# ------------------------------------------------------------------------------------------------------------- local


def _cannot_lock(folder: Folder, error: OSError) -> StoreError:
    allow = "allow writing there, or " if error.errno in (errno.EACCES, errno.EPERM) else ""
    why = refused_words(error, folder.where)
    return StoreError(f"cannot lock {folder.where} (its file {NAME}: {why}); {allow}choose another folder")


@contextlib.contextmanager
def _local(folder: Folder, wait: bool) -> Iterator[None]:
    try:
        handle = folder.open_lock(NAME)
    except OSError as error:
        raise _cannot_lock(folder, error) from None
    _HELD.add(handle)
    is_held = False
    try:
        try:
            is_held = lock_descriptor(handle, blocking=wait, poll_interval=_ASK_AGAIN_SECONDS)
        except OSError as error:
            if error.errno not in (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS):
                raise _cannot_lock(folder, error) from None
            with _lease(folder, wait, lambda _: None):  # a network folder without locks
                yield
            return
        if not is_held:
            raise _refusal(folder.where, _parse(os.pread(handle, 1000, 0)) or {})
        _write_note(handle, json.dumps(_me()).encode())
        yield
    finally:
        if handle in _HELD:  # else this is a fork, which has let go of it
            _HELD.remove(handle)
            if is_held:
                _write_note(handle, b"")
            os.close(handle)


def _write_note(handle: int, note: bytes) -> None:
    """Who holds the kernel's lock; nobody any more once it is empty."""
    with contextlib.suppress(OSError):  # a full disk can still be locked; the note is for people
        if os.fstat(handle).st_nlink == 1:  # else somebody else's file may have this name too
            os.ftruncate(handle, 0)
            os.pwrite(handle, note, 0)


# ------------------------------------------------------------------------------------------------------------- lease


@dataclass
class _Lease:
    folder: Folder
    me: dict[str, Any]
    beat: int = 0

    def stamp(self) -> None:
        self.beat += 1
        self.folder.write(NAME, json.dumps({**self.me, "beat": self.beat}).encode())

    def seen(self) -> dict[str, Any] | None:
        """Who has the lease, without a name where only half of it is written yet.

        An empty file of this machine is nobody's: trying for a lock of the kernel's leaves it behind.
        """
        data = self.folder.read(NAME)
        return None if data is None or (not data and self.folder.local) else _parse(data)

    def mine(self) -> bool:
        there = self.seen()
        return there is not None and there.get("owner") == self.me["owner"]

    def take(self, wait: bool) -> None:
        while True:
            self._wait_until_free(wait)
            self.stamp()
            time.sleep(LEASE_SETTLE_SECONDS)
            if self.mine():
                return

    def _wait_until_free(self, wait: bool) -> None:
        first = there = self.seen()
        since = time.monotonic()
        while there is not None:
            if _dead_here(there):
                return
            if there != first:
                if not wait:
                    raise _refusal(self.folder.where, there or first or {})
                first, since = there, time.monotonic()
            elif time.monotonic() - since > LEASE_PATIENCE_SECONDS:
                return
            time.sleep(min(1.0, LEASE_PATIENCE_SECONDS / 10))
            there = self.seen()


@contextlib.contextmanager
def _lease(folder: Folder, wait: bool, lost: Callable[[str], None]) -> Iterator[None]:
    lease = _Lease(folder, _me())
    lease.take(wait)
    over = threading.Event()
    beating = threading.Thread(target=_keep, args=(lease, over, lost), daemon=True)
    beating.start()
    try:
        yield
    finally:
        over.set()
        beating.join(timeout=LEASE_PATIENCE_SECONDS)  # else it might stamp once more what is deleted here
        with contextlib.suppress(StoreError):
            if lease.mine():
                folder.delete(NAME)


def _keep(lease: _Lease, over: threading.Event, lost: Callable[[str], None]) -> None:
    alive = time.monotonic()
    while not over.wait(LEASE_BEAT_SECONDS):
        try:
            if not lease.mine():
                lost(f"the lock of {lease.folder.where} was taken over by somebody else")
                return
            lease.stamp()
            alive = time.monotonic()
        except StoreError as error:
            if time.monotonic() - alive > LEASE_PATIENCE_SECONDS:
                lost(f"the lock of {lease.folder.where} could not be kept: {error}")
                return


def _is_here(who: dict[str, Any]) -> bool:
    """Whether its process can be looked up here; one of an older version does not say which machine of its name."""
    pid = who.get("pid")
    return isinstance(pid, int) and pid > 0 and is_among_ours(who.get("host"), who.get("kernel"))


def _dead_here(who: dict[str, Any]) -> bool:
    """Whether the holder was a process of this machine that is gone: then there is nothing to wait for."""
    if not _is_here(who):
        return False
    try:
        os.kill(who["pid"], 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False


def _parse(data: bytes) -> dict[str, Any] | None:
    try:
        values = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}
