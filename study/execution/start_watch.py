"""While Ray starts or takes the data, a process of its own says when one of Ray's servers has died, and ends the run.

Ray's C++ holds the interpreter's lock then, so no thread of the run sees that, and ends the run from there with code 1
and no word. This file is run as a program, without the rest of the project, and imports nothing of it. Only Linux has
`/proc`; elsewhere nothing is seen.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import socket
import struct
import sys
import time
from dataclasses import dataclass
from pathlib import Path

EVERY_SECONDS = 0.05
EVERY_SECONDS_TIED = 0.005
STARTING, TIED, AWAY = b"s", b"t", b"a"
"""What the run writes here: Ray starts, and may begin again; the run ends with the scheduler, which is answered with
the same; the run looks by itself."""
MAX_LINES = 300
"""So many connections to the scheduler are held at most."""
FIRST_LINES = 20
"""So many more than the last time are there before the run goes on."""
F_SETOWN_EX, OWNER_IS_THREAD = 15, 0
"""Linux's own numbers, for which Python has no names."""


@dataclass(frozen=True)
class Server:
    """One of Ray's servers: what Linux calls its process, and we to people.

    noticed_within: seconds after its death in which Ray's own start may notice, and is tried again; soon after them Ray
    ends the run.
    """

    name: str
    words: str
    noticed_within: float


SERVERS = (
    Server("raylet", "its scheduler, the raylet", 8.0),
    Server("gcs_server", "its control server, the GCS", 19.0),
)
LITTLE_BYTES = 1 << 20
"""Less than this on its disk, and a server of Ray has died of it."""


def server_died(words: str) -> str:
    """What to say of a server of Ray that has died: the disk on which it works is full, or nobody knows why."""
    place = os.environ.get("RAY_TMPDIR", "")
    with contextlib.suppress(OSError):
        disk = os.statvfs(place)
        if disk.f_bavail * disk.f_frsize < LITTLE_BYTES or (disk.f_files and not disk.f_favail):
            return (
                f"Ray broke down ({words}, has ended): no space is left in {place}, where it works; "
                "free some, or set TMPDIR to a folder with more"
            )
    return f"Ray broke down ({words}, has ended); the same command goes on from here"


def print_error_line(why: str) -> None:
    """A line where errors go, whatever else is written there."""
    with contextlib.suppress(OSError, ValueError):
        os.write(sys.stderr.fileno() if sys.stderr else 2, f"error: {why}\n".encode())


def child_of(process: int | str, name: str) -> int | None:
    """The process of that name among a process's children, if it lives."""
    for task in Path(f"/proc/{process}/task").glob("*"):
        with contextlib.suppress(OSError):
            for child in (task / "children").read_text().split():
                with contextlib.suppress(OSError):
                    if Path(f"/proc/{child}/comm").read_text().strip() == name and is_alive(int(child)):
                        return int(child)
    return None


def is_alive(pid: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (OSError, IndexError):
        return False


def socket_of(raylet: int) -> str:
    """The path that a scheduler listens at, as its command line says; empty where that does not."""
    with contextlib.suppress(OSError):
        for word in Path(f"/proc/{raylet}/cmdline").read_bytes().split(b"\0"):
            name, _, value = word.partition(b"=")
            if name.lstrip(b"-") == b"raylet_socket_name":
                return os.fsdecode(value)
    return ""


def line_to(its_socket: str, driver: int, end_signal: int) -> socket.socket:
    """A connection to the scheduler, at whose end the kernel sends a signal to the run's main thread.

    Raises:
        OSError: nobody listens there.
    """
    line = socket.socket(socket.AF_UNIX)
    try:
        line.connect(its_socket)
        fcntl.fcntl(line, F_SETOWN_EX, struct.pack("ii", OWNER_IS_THREAD, driver))
        fcntl.fcntl(line, fcntl.F_SETSIG, end_signal)
        fcntl.fcntl(line, fcntl.F_SETFL, fcntl.fcntl(line, fcntl.F_GETFL) | os.O_ASYNC)
    except OSError:
        line.close()
        raise
    return line


def is_ended(line: socket.socket) -> bool:
    """Whether the other end of a connection is closed."""
    try:
        return not line.recv(1, socket.MSG_DONTWAIT | socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:  # it was never taken
        return True


class Watch:
    """What is known of the servers of a run.

    Args:
        driver: the run's process.
        end_signal: the number of the signal that ends it with the code of a broken Ray.
    """

    def __init__(self, driver: int, end_signal: int) -> None:
        self._driver, self._end_signal = driver, end_signal
        self._known: dict[str, int] = {}
        self._died_at: dict[str, float] = {}
        self._lines: list[socket.socket] = []
        self._most = 0

    def tie_anew(self) -> None:
        """So many connections that the newest have higher numbers than what Ray opened while others were there."""
        for _ in range(self._most + FIRST_LINES):
            self.tie()

    def tie(self) -> None:
        """One connection more to the scheduler, at whose end the kernel ends the run.

        Linux closes what a dead process held from the highest number down, and Ray's C++ ends the run with 1 where its
        own connection is closed first: so there is always a newer one, and none is closed meanwhile.
        """
        raylet = self._known.get("raylet")
        if raylet is not None and len(self._lines) < max(MAX_LINES, self._most + FIRST_LINES):
            with contextlib.suppress(OSError):
                self._lines.append(line_to(socket_of(raylet), self._driver, self._end_signal))

    def untie(self) -> None:
        """Close them all."""
        self._most = max(self._most, len(self._lines))
        while self._lines:
            self._lines.pop().close()

    def find(self) -> None:
        """Look for the servers that are not known yet."""
        for server in SERVERS:
            if server.name not in self._known and (pid := child_of(self._driver, server.name)) is not None:
                self._known[server.name] = pid

    def _hung_up(self) -> bool:
        """Whether the scheduler has ended a connection: a process that dies does so while it still counts as alive."""
        return any(is_ended(line) for line in self._lines)

    def dead(self, *, tied: bool, over: bool) -> Server | None:
        """One that has died, and of which the run will not say so by itself any more."""
        for server in SERVERS:
            if server.name not in self._known:
                continue
            if not is_alive(self._known[server.name]) or (over and server.name == "raylet" and self._hung_up()):
                since = time.monotonic() - self._died_at.setdefault(server.name, time.monotonic())
                if over or (tied and server.name == "raylet") or since >= server.noticed_within:
                    return server
        return None


def main(driver: int, end_signal: int) -> None:
    """Look until a server or the run is gone."""
    watch, state = Watch(driver, end_signal), AWAY
    while True:
        every = {STARTING: EVERY_SECONDS, TIED: EVERY_SECONDS_TIED, AWAY: None}[state]
        said = b""
        if select.select([sys.stdin.fileno()], [], [], every)[0]:
            said = os.read(sys.stdin.fileno(), 64)[-1:]  # nothing: the run is gone
            state = said or state
        watch.find()
        watch.tie() if state == TIED else watch.untie()
        if said == TIED:
            watch.tie_anew()
            os.write(sys.stdout.fileno(), TIED)
        over = os.getppid() != driver
        if state != AWAY and (server := watch.dead(tied=state == TIED, over=over)) is not None:
            print_error_line(server_died(server.words))
            if not over:
                os.kill(driver, end_signal)
            return
        if over:
            return


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
