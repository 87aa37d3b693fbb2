"""Where a run works, but for Ray itself: settings, what a node must have, an address that answers, scratch."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from study.execution import orphans as reaper
from study.planning import imports
from trainables.config.errors import EngineError, StorageRefused, StudyError
from trainables.jobs import cpu_info as processor


def check_resources(nodes: list[dict[str, float]], need: dict[str, float]) -> None:
    """Refuse at once what Ray would wait for without end: a trial must fit into one node.

    Raises:
        EngineError: names what no node has.
    """
    if any(all(node.get(name, 0) >= amount for name, amount in need.items()) for node in nodes):
        return
    asked = " and ".join(f"{amount:g} {name}" for name, amount in need.items())
    there = "; ".join(", ".join(f"{n.get(name, 0):g} {name}" for name in need) for n in nodes) or "none is there"
    hint = "use --device cpu, or nodes with a GPU" if need.get("GPU") else "start Ray with more"
    raise EngineError(f"a trial asks for {asked}, and no node of this Ray has so much ({there}): {hint}")


@contextlib.contextmanager
def clear_errors(address: str) -> Iterator[None]:
    """What Ray raises within means that it is not there."""
    try:
        yield
    except (ConnectionError, ValueError, RuntimeError, OSError) as error:
        raise EngineError(
            f"there is no Ray at {address} ({last_line(error)}); check --address, or leave it out"
        ) from None


def check_address(address: str | None) -> None:
    """Refuse an address that nobody listens at, where Ray would try for minutes; `auto` and None are Ray's to find.

    Raises:
        EngineError: nobody answers there within 5 seconds, or it is not HOST:PORT.
    """
    if address is None or address in ("auto", "local"):
        return
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise EngineError(f"--address {address} is not HOST:PORT, nor auto")
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except OSError as error:
        raise EngineError(
            f"there is no Ray at {address} ({last_line(error)}); check --address, or leave it out"
        ) from None


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


def has_bf16(text: str | None = None) -> bool:
    """Whether this machine's processor multiplies bf16 numbers itself; a trial in bf16 is slow without.

    Takes what Linux says of the processor; where nothing is known, none is said to be slow.

    >>> has_bf16("flags : fpu avx2 fma"), has_bf16("flags : fpu avx2 avx512_bf16"), has_bf16("")
    (False, True, True)
    """
    known = processor.facts(text)
    flags = known.get("flags", known.get("Features"))
    return flags is None or not {"avx512_bf16", "amx_bf16", "bf16"}.isdisjoint(flags.lower().split())


def last_line(error: BaseException | str | None) -> str:
    """Of an error's message; Ray's end with what matters."""
    if "OutOfMemoryError" in str(error):
        return "Ray's memory monitor ended it, for the machine's memory was full"
    if error is None:
        return "no reason given"
    lines = [x for x in str(error).strip().splitlines() if x.strip()]
    if not lines:
        return type(error).__name__
    return re.sub(r"^trainables\.(?:\w+\.)*errors\.\w+: ", "", lines[-1].strip())


def reason_of(trial: Any) -> str:
    """The last line of the error that ended Ray's trial: from where it is written before Ray puts it into storage."""
    with contextlib.suppress(OSError, TypeError):
        return last_line(Path(trial.error_file).read_text(encoding="utf-8", errors="replace"))
    return last_line(trial.get_error())


def ray_failure(error: BaseException) -> StudyError:
    """What to say when Ray Tune itself gave up."""
    if caused_by(error, lambda e: isinstance(e, OSError) and e.errno == errno.ENOSPC):
        return StorageRefused(f"no space left in {tempfile.gettempdir()}, where Ray works; free some or set TMPDIR")
    if out_of_memory(error):
        return EngineError("memory ran out again and again: use fewer --cpus; the same command goes on from here")
    return EngineError(f"Ray broke down ({last_line(error)[:300]}); the same command goes on from here")


def out_of_memory(error: BaseException) -> bool:
    """Whether Ray's memory monitor has killed a worker, which ends `fit` whatever its settings."""
    return caused_by(error, lambda e: type(e).__name__ == "OutOfMemoryError")


def caused_by(error: BaseException | None, wanted: Callable[[BaseException], bool]) -> bool:
    """Whether an error, or what led to it, is wanted."""
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        if wanted(error):
            return True
        seen.append(error)
        error = error.__cause__ or error.__context__
    return False
