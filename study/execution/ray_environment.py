"""Where a run works, but for Ray itself: settings, what a node must have, an address that answers, scratch."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from study.execution import orphans as reaper
from study.planning import imports

_LONGEST = 42
"""Letters of a folder in which Ray can still make its sockets, whose paths a kernel limits to 107."""


@contextlib.contextmanager
def own_place() -> Iterator[dict[str, Any]]:
    """A folder for a Ray of our own, as its settings, and a process that ends what is left of it in any case.

    Ray opens the folder that it is given to everybody, so that is one within ours, which is open to nobody else.
    """
    folder = tempfile.mkdtemp(prefix="study-")
    inner = f"{folder}/r"
    with reaper.watching(folder), _environment({PLACE: folder, **imports.for_workers(Path(folder, "packages"))}):
        yield {"_temp_dir": inner} if len(inner) <= _LONGEST else {}


PLACE = "STUDY_SCRATCH"
_AUTHENTICATION = ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH")


@contextlib.contextmanager
def own_network() -> Iterator[dict[str, Any]]:
    """A Ray of our own is for nobody else: settings and environment, for as long as it runs.

    Its ports lie on loopback where Ray lets them (Linux has all of 127.0.0.0/8; 127.0.0.1 itself Ray replaces by the
    machine's address), and those that listen everywhere all the same answer only who knows a token that is made anew
    for each run. Where the user has set Ray's authentication, theirs holds.
    """
    ours = {} if any(name in os.environ for name in _AUTHENTICATION) else _token()
    with _environment(ours):
        yield {"_node_ip_address": "127.0.0.2"} if sys.platform == "linux" else {}


def _token() -> dict[str, str]:
    return {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}


@contextlib.contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """Within, the environment has these values too."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextlib.contextmanager
def scratch() -> Iterator[str]:
    """A folder for what Ray keeps for itself; gone afterwards."""
    folder = tempfile.mkdtemp(prefix="study-", dir=os.environ.get(PLACE))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
