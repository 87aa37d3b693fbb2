"""Where a run works, but for Ray itself: settings, what a node must have, an address that answers, scratch."""

from __future__ import annotations

import contextlib
import functools
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from study.execution import orphans
from study.execution.certificates import make_certificates
from study.execution.ray_patches.patching import is_installed_tested
from study.execution.ray_patches.startup import LOOPBACK
from study.planning import imports
from study.planning.environment import environment
from trainables.config.errors import EngineError

MAX_BASE_CHARS = 23
"""Letters of a folder in which ours can still hold Ray's sockets, whose paths a kernel limits to 107."""
NOBODYS_UID = 65534
"""Whose a container says that folders are which belong to nobody within it."""


def temporary_folder() -> str | None:
    """The folder for temporary things: TMPDIR, else one of the system's, else the working folder; None if none is."""
    with contextlib.suppress(FileNotFoundError):
        return tempfile.gettempdir()
    return None


def short_temporary_folder() -> str:
    """A folder for temporary things whose name is short enough for Ray's sockets: TMPDIR, else one of the system's.

    Where other users may rename what lies in the first, /tmp comes before it, if they may not there.

    Raises:
        EngineError: names TMPDIR, and how long it may be.
    """
    places = ["/tmp", "/dev/shm", f"/run/user/{os.getuid()}"]  # noqa: S108  # short places, tried in turn
    if (given := temporary_folder()) is None:
        given = os.environ.get("TMPDIR", places[0])
    else:
        places.insert(1 if is_open_to_others(given) and not is_open_to_others(places[0]) else 0, given)
    for place in places:
        if len(os.fsencode(place)) <= MAX_BASE_CHARS and place.isascii() and os.access(place, os.W_OK | os.X_OK):
            return place
    raise EngineError(
        f"Ray needs a temporary folder with a short name, for its sockets: TMPDIR is {given} ({len(given)} letters), "
        f"and none of {', '.join(p for p in places if p != given)} can be written. "
        f"Set TMPDIR to a folder of at most {MAX_BASE_CHARS} letters"
    )


def is_open_to_others(place: str) -> bool:
    """Whether another user may put something else where a folder of ours lies in it.

    Whoever owns a folder on the way may, and whoever may write in one that is not sticky.
    """
    whole = Path(os.path.realpath(place))
    try:
        return any(_can_be_renamed_in(way.stat()) for way in (whole, *whole.parents))
    except OSError:
        return True


def _can_be_renamed_in(folder: os.stat_result) -> bool:
    if folder.st_uid not in (0, os.getuid(), NOBODYS_UID):
        return True
    others = (
        stat.S_IWOTH if folder.st_gid == os.getgid() else stat.S_IWOTH | stat.S_IWGRP
    )  # our group: often ours alone
    return bool(folder.st_mode & others) and not folder.st_mode & stat.S_ISVTX


@contextlib.contextmanager
def own_folder() -> Iterator[None]:
    """Within, a Ray of our own works in a new folder, and a process ends what is left of it in any case.

    Ray opens the folder that it makes there to everybody; ours around it is open to nobody else.
    """
    folder = tempfile.mkdtemp(prefix="study-", dir=short_temporary_folder())
    ours = {PLACE: folder, "RAY_TMPDIR": folder, **imports.worker_environment(Path(folder, "packages"))}
    if temporary_folder() is None:  # as where /dev/shm alone can be written
        ours["TMPDIR"] = folder
    with orphans.ended_with_driver(folder), environment(ours):
        try:
            yield
        finally:
            if "TMPDIR" in ours:
                tempfile.tempdir = None  # Python keeps the first that it found


PLACE = "STUDY_SCRATCH"
_AUTHENTICATION = ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH")
_TLS = ("RAY_USE_TLS", "RAY_TLS_SERVER_CERT", "RAY_TLS_SERVER_KEY", "RAY_TLS_CA_CERT")


@contextlib.contextmanager
def own_network() -> Iterator[None]:
    """Within, a Ray of our own is for nobody else: its environment, for as long as it runs; within `own_folder`.

    Its ports lie on 127.0.0.1, which keeps the network out. Every call shows a certificate that was made for this run,
    and knows its token, which keeps other users of this machine out. What the user has set of Ray's authentication or
    TLS holds.
    """
    ours = {LOOPBACK: "0"}
    for_run = is_installed_tested()
    if not any(name in os.environ for name in _AUTHENTICATION):
        ours |= _token() if for_run else _made_once().token
    if not any(name in os.environ for name in _TLS):
        ours |= make_certificates(Path(os.environ[PLACE], "tls")) if for_run else _made_once().certificates
        if not any(name in os.environ for name in _WORDS):
            ours["GRPC_VERBOSITY"] = "NONE"  # else each stranger who is refused leaves a line on the run's terminal
    with environment(ours):
        yield


_WORDS = ("GRPC_VERBOSITY", "GRPC_TRACE")
"""By these gRPC itself is asked for its log."""


def _token() -> dict[str, str]:
    return {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}


class _Credentials(NamedTuple):
    token: dict[str, str]
    certificates: dict[str, str]


def check_reads_certificates(ray: Any) -> None:
    """Refuse a Ray that was not tested and was imported before it could know the certificates of a run.

    It reads them once, as it is imported; without them it would wait for servers that answer nobody.

    Args:
        ray: as it was imported; None where it is not yet.

    Raises:
        EngineError: says what to do.
    """
    users_own = any(name in os.environ for name in _TLS)
    if ray is None or is_installed_tested() or users_own or _made_once.cache_info().currsize:
        return
    raise EngineError(
        f"Ray {getattr(ray, '__version__', '')} was imported before this run, and does not know its certificates: "
        "leave that import out (or --executor inline)"
    )


@functools.cache
def _made_once() -> _Credentials:
    """What a Ray that was not tested is given in all runs of this process: it reads them once."""
    folder = tempfile.mkdtemp(prefix="study-", dir=short_temporary_folder())
    orphans.removed_with_driver(folder)
    return _Credentials(_token(), make_certificates(Path(folder, "tls")))


@contextlib.contextmanager
def scratch_folder() -> Iterator[str]:
    """A folder for what Ray keeps for itself; gone afterwards."""
    folder = tempfile.mkdtemp(prefix="study-", dir=os.environ.get(PLACE))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
