"""Whose a file or a folder is, for what is said where the system refuses it."""

from __future__ import annotations

import errno
import os
import pwd
import shlex
from pathlib import Path

REFUSED = (errno.EACCES, errno.EPERM)
"""What the system says to a user without the right."""


def owner_words(path: str | Path) -> str:
    """Whose the nearest thing on the way to a path is that this user can see; empty where that is not known.

    >>> owner_words("/") in ("/ belongs to root", "/ is yours: `chmod u+rwX /` allows it")
    True
    """
    for place in (Path(path), *Path(path).absolute().parents):
        try:
            owner = place.stat().st_uid
        except OSError:
            continue
        if owner == os.geteuid():
            return f"{place} is yours: `chmod u+rwX {shlex.quote(str(place))}` allows it"
        try:
            return f"{place} belongs to {pwd.getpwuid(owner).pw_name}"
        except KeyError:
            return f"{place} belongs to user {owner}"
    return ""


def refused_words(error: OSError, path: str | Path) -> str:
    """Why the system refused, in lower case, and whose the thing is where a right is lacking."""
    why = os.strerror(error.errno).lower() if error.errno else str(error)
    owner = owner_words(path) if error.errno in REFUSED else ""
    return f"{why}; {owner}" if owner else why
