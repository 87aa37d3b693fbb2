"""Which processes a number of a process can be looked up among: those of this machine and of this container.

Two machines may have one name, as those of one image do, and a container may have its machine's: the processes of
the one are none of the other's.
"""

from __future__ import annotations

import contextlib
import os
import platform
from functools import cache
from pathlib import Path
from typing import NamedTuple


@cache
def kernel() -> str:
    """Which start of this machine it is, and which processes can be seen; empty where the system does not say."""
    with contextlib.suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    return ""


def is_among_ours(host: object, its_kernel: object) -> bool:
    """Whether a process of that machine can be looked up here.

    >>> is_among_ours(platform.node(), kernel()), is_among_ours(platform.node(), "another start")
    (True, False)
    """
    return host == platform.node() and its_kernel == kernel()


class Signature(NamedTuple):
    """By which a process can be looked up, where that makes sense."""

    host: str
    kernel: str
    pid: int


def signature() -> Signature:
    """How a process of here says which it is."""
    return Signature(platform.node(), kernel(), os.getpid())
