"""Bytes of memory that this process may still take, with a guess where nobody says."""

from __future__ import annotations

import os
from pathlib import Path

from trainables.data.memory import available_bytes


def available_memory(system: Path = Path("/")) -> int:
    """What `available_bytes` finds; half of all memory where that is nothing.

    Args:
        system: the root of the file system, for tests.
    """
    found = available_bytes(system)
    return _half_of_all() if found is None else found


def _half_of_all() -> int:
    """Of this machine's memory; 2 GB where not even that is told."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    except (ValueError, OSError):
        return 2 * 2**30
