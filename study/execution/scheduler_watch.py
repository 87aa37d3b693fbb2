"""When one of Ray's servers of a run dies, the run ends with a sentence and the code of a broken Ray.

By itself Ray ends this process from C++, ten seconds after its scheduler (the raylet) has died and twenty after its
control server (the GCS), with another code and no sentence. Only Linux has `/proc`; elsewhere that is how it ends.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import IO, cast

from study.execution import orphans, start_watch
from study.execution.exit_handler import exit_handler
from study.execution.ray_errors import start_failure
from study.execution.start_watch import SERVERS, child_of, is_alive, print_error_line, server_died
from study.planning.executor import StopRequest
from trainables.config.errors import EngineError

ANSWER_SECONDS = 20.0
"""Seconds in which the process outside answers, though it may just be starting on a busy machine: it answers within
milliseconds otherwise, and where it has ended that is seen at once. Without an answer the run goes on."""
GRACE_SECONDS = 3.0
"""Seconds in which a run may end by itself after that; Ray would end it after nine or more."""


class OutsideWatch:
    """The process that looks from outside while Ray's C++ may end this one: see `study.execution.start_watch`."""

    def __init__(self) -> None:
        libc = ctypes.CDLL(None)
        libc.signal.argtypes, libc.signal.restype = [ctypes.c_int, ctypes.c_void_p], ctypes.c_void_p
        self._handle = libc.signal
        self._exit = exit_handler()
        self._before = self._handle(self._exit.signal, self._exit.address)
        program = [sys.executable, "-I", "-S", str(start_watch.__file__), str(os.getpid()), str(self._exit.signal)]
        unmarked = {name: value for name, value in os.environ.items() if name != orphans.VARIABLE}
        self._process = subprocess.Popen(  # its errors are ours: it has something to say when this process is gone
            program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=unmarked, start_new_session=True
        )
        self._to, self._from = (cast("IO[bytes]", end).fileno() for end in (self._process.stdin, self._process.stdout))

    @contextlib.contextmanager
    def while_it_starts(self) -> Iterator[None]:
        """Within, Ray starts: the run ends if a server stays dead and Ray does not notice."""
        self._say(start_watch.STARTING)
        try:
            yield
        finally:
            self._say(start_watch.AWAY)

    @contextlib.contextmanager
    def tied(self, afterwards: bytes = start_watch.AWAY) -> Iterator[None]:
        """Within, this process ends at the moment at which Ray's scheduler does."""
        self._handle(self._exit.signal, self._exit.address)  # Ray's C++ may have put a handler of its own
        self._say(start_watch.TIED)
        answers = select.poll()  # `select.select` takes no handle above 1,023
        answers.register(self._from, select.POLLIN)
        if answers.poll(1000 * ANSWER_SECONDS):
            os.read(self._from, 1)
        try:
            yield
        finally:
            self._say(afterwards)

    def end(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()
        self._handle(self._exit.signal, self._before)

    def _say(self, state: bytes) -> None:
        with contextlib.suppress(OSError):  # it is gone: the run goes on without
            os.write(self._to, state)


_OUTSIDE: list[OutsideWatch] = []
"""That of the Ray that this process has started, while it runs."""


@contextlib.contextmanager
def watched_from_outside() -> Iterator[OutsideWatch]:
    """Within, a Ray of our own may run."""
    try:
        watch = OutsideWatch()
    except OSError as error:
        raise start_failure(error) from None
    _OUTSIDE.append(watch)
    try:
        yield watch
    finally:
        _OUTSIDE.remove(watch)
        watch.end()


def while_it_takes_data() -> AbstractContextManager[None]:
    """Within, Ray's C++ may end this process where its scheduler dies; at an address, that is nobody's of ours."""
    return _OUTSIDE[-1].tied() if _OUTSIDE else contextlib.nullcontext()


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
