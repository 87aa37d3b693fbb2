"""A handler that ends this process with a code at the moment of a signal, without Python, memory or locks.

Ray's C++ replaces the handlers of SIGTRAP and of what a crash raises by one that writes a stack and may crash itself
while it does so (-11 in one of eight runs). It leaves the real-time signals alone, but none of these has the number of
our code, so C's `_exit` is no handler of theirs.
"""

from __future__ import annotations

import ctypes
import mmap
import platform
import signal
import struct
import sys
from dataclasses import dataclass
from functools import cache

from trainables.config.errors import EngineError

EXIT_GROUP = {"x86_64": (b"\xbf", b"\xb8\xe7\x00\x00\x00\x0f\x05")}
"""Linux's call that ends a process, a kind of processor: what stands before the code (four bytes) and after it."""


@dataclass(frozen=True)
class ExitHandler:
    """A signal, and the address of its handler, which ends the process with the code of a broken Ray."""

    signal: int
    address: int


_PAGES: list[ctypes.c_char] = []
"""What keeps its page: it is never unmapped, for a signal may come until the end."""


@cache
def exit_handler() -> ExitHandler:
    """A real-time signal with machine code of our own; SIGTRAP, whose number is the code, where that cannot be."""
    address = _page(platform.machine()) if sys.platform == "linux" else None
    return _by_number() if address is None else ExitHandler(int(signal.SIGRTMAX) - 3, address)


def _by_number() -> ExitHandler:
    address = ctypes.cast(ctypes.CDLL(None)["_exit"], ctypes.c_void_p).value
    return ExitHandler(int(signal.SIGTRAP), address or 0)


def _page(machine: str) -> int | None:
    """Where the code lies in memory that can be executed; None: of this processor we know none, or it is forbidden."""
    if machine not in EXIT_GROUP or sys.maxsize < 1 << 32:
        return None
    libc = ctypes.CDLL(None)
    libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    page = mmap.mmap(-1, mmap.PAGESIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    before, after = EXIT_GROUP[machine]
    page.write(before + struct.pack("<I", EngineError.exit_code) + after)
    held = ctypes.c_char.from_buffer(page)
    address = ctypes.addressof(held)
    if libc.mprotect(address, mmap.PAGESIZE, mmap.PROT_READ | mmap.PROT_EXEC) != 0:
        return None
    _PAGES.append(held)
    return address
