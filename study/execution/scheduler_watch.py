"""When one of Ray's servers of a run dies, the run ends with a sentence and the code of a broken Ray.

By itself Ray ends this process from C++, ten seconds after its scheduler (the raylet) has died and twenty after its
control server (the GCS), with another code and no sentence. Only Linux has `/proc`; elsewhere that is how it ends.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

from study.execution import orphans, start_watch
from study.execution.start_watch import END_SIGNAL, SERVERS, child_of, is_alive, print_error_line, server_died
from study.planning.executor import StopRequest
from trainables.config.errors import EngineError

GRACE_SECONDS = 3.0
"""Seconds in which a run may end by itself after that; Ray would end it after nine or more."""


@contextlib.contextmanager
def while_it_starts() -> Iterator[None]:
    """Within, Ray starts, and this process ends where Ray's servers die: see `study.execution.start_watch`."""
    libc = ctypes.CDLL(None)
    libc.signal.argtypes, libc.signal.restype = [ctypes.c_int, ctypes.c_void_p], ctypes.c_void_p
    before = libc.signal(END_SIGNAL, ctypes.cast(libc["_exit"], ctypes.c_void_p))
    program = [sys.executable, "-I", "-S", str(start_watch.__file__), str(os.getpid())]
    unmarked = {name: value for name, value in os.environ.items() if name != orphans.VARIABLE}
    quiet = subprocess.DEVNULL  # but for its errors: it has something to say when this process is gone
    watch = subprocess.Popen(program, stdin=quiet, stdout=quiet, env=unmarked, start_new_session=True)
    try:
        yield
    finally:
        watch.kill()
        watch.wait()
        libc.signal(END_SIGNAL, before)


@contextlib.contextmanager
def tied_to_scheduler(its_socket: str) -> Iterator[None]:
    """Within, and within `while_it_starts`, this process ends at the moment at which Ray's scheduler does.

    Ray's C++ ends it in that moment too, with code 1, holding the interpreter; so the kernel is asked for a signal as a
    connection of ours to the scheduler is closed. Linux closes what a dead process held newest first, so Ray's own can
    be closed before ours: on a busy machine Ray's code 1 may come first, after the sentence.

    Args:
        its_socket: the path that the scheduler listens at.

    Raises:
        OSError: nobody listens there.
    """
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(its_socket)
        if hasattr(fcntl, "F_SETSIG"):  # Linux alone
            fcntl.fcntl(line, fcntl.F_SETOWN, os.getpid())
            fcntl.fcntl(line, fcntl.F_SETSIG, END_SIGNAL)
            fcntl.fcntl(line, fcntl.F_SETFL, fcntl.fcntl(line, fcntl.F_GETFL) | os.O_ASYNC)
        yield


class SchedulerWatch:
    """Watches over the servers of Ray that this process has started, as far as they can be found.

    Args:
        stop: is asked to end the run.
        every: seconds between two looks.
    """

    def __init__(self, stop: StopRequest, every: float = 0.2) -> None:
        self._stop, self._every = stop, every
        self._closing, self._over = False, threading.Event()
        self._servers: dict[int, str] = {}

    def begin(self) -> None:
        """Begin to watch: Ray has started."""
        self._servers = {pid: s.words for s in SERVERS if (pid := child_of("self", s.name)) is not None}
        if self._servers:
            threading.Thread(target=self._look, daemon=True).start()

    def check(self) -> None:
        """End this process where one of them is dead by now: Ray's first call of its scheduler would, with 1."""
        for words in self._dead():
            print_error_line(server_died(words))
            os._exit(EngineError.exit_code)

    def close(self) -> None:
        """Stop watching: from now on they may end."""
        self._closing = True

    def end(self) -> None:
        """End the watch: Ray is shut down."""
        self._over.set()

    def _dead(self) -> list[str]:
        return [words for pid, words in self._servers.items() if not is_alive(pid)]

    def _look(self) -> None:
        while not self._over.wait(self._every):
            dead = self._dead()
            if not dead:
                continue
            if self._closing:
                return
            died = server_died(dead[0])
            self._stop.because(died, EngineError)
            if not self._over.wait(GRACE_SECONDS):
                print_error_line(died)
                os._exit(EngineError.exit_code)
            return
