"""Ray's job server over HTTP, through a tunnel that `ray dashboard` opens: hand over a command, read what it prints.

Only what `study submit` needs of it; Ray itself is not imported, so that a laptop waits for nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainables.config.errors import BadInput, EngineError

OVER = ("SUCCEEDED", "FAILED", "STOPPED")
RESTARTED = "the head has been restarted and knows nothing of it; the same command goes on from here"
PATIENCE = 90.0
"""Seconds until a tunnel must stand."""


class Unreachable(Exception):
    """The job server did not answer; perhaps it will, later."""


@dataclass(frozen=True)
class JobServer:
    """A job server by its address."""

    url: str
    token: str = ""

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """One request.

        Raises:
            Unreachable: no answer, or the server is starting or stopping.
            BadInput: the token is not the cluster's.
            EngineError: the server refuses.
        """
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.url + path, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                found: dict[str, Any] = json.loads(answer.read() or b"{}")
                return found
        except urllib.error.HTTPError as error:
            text = error.read().decode(errors="replace")
            if error.code in (401, 403):
                raise BadInput(
                    "token", "...", "the cluster has another; ~/.ray/auth_token must be the one it was made with"
                ) from None
            if error.code in (502, 503, 504):
                raise Unreachable(text) from None
            raise EngineError(f"Ray's job server: {error.code} {' '.join(text.split())[-300:]}") from None
        except (OSError, ValueError) as error:
            raise Unreachable(str(error)) from None

    def version(self) -> str:
        """The version of Ray that runs there."""
        return str(self.call("GET", "/api/version").get("ray_version"))

    def job(self, job: str) -> dict[str, Any] | None:
        """What is known of a job, or None where there is none of that name."""
        try:
            return self.call("GET", f"/api/jobs/{job}")
        except EngineError as error:
            if " 404 " in str(error):
                return None
            raise

    def submit(self, job: str, command: str, environment: Mapping[str, str], about: Mapping[str, str]) -> None:
        """Hand over a command; it runs on the head, under that name."""
        body = {
            "submission_id": job,
            "entrypoint": command,
            "runtime_env": {"env_vars": dict(environment)},
            "metadata": dict(about),
        }
        self.call("POST", "/api/jobs/", body)

    def output(self, job: str) -> str:
        """All that a job has printed so far."""
        return str(self.call("GET", f"/api/jobs/{job}/logs").get("logs") or "")


def token() -> str:
    """The secret that Ray's servers ask for, from where Ray keeps it; empty if there is none."""
    if given := os.environ.get("RAY_AUTH_TOKEN"):
        return given
    path = Path(os.environ.get("RAY_AUTH_TOKEN_PATH") or "~/.ray/auth_token").expanduser()
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""


@contextlib.contextmanager
def tunnel(cluster: str) -> Iterator[JobServer]:
    """A way to the job server on the loopback of a cluster's head, for as long as it is needed.

    Raises:
        EngineError: no head is running, or it cannot be reached.
    """
    port = _free_port()
    command = [
        sys.executable,
        "-m",
        "ray.scripts.scripts",
        "dashboard",
        cluster,
        "--port",
        str(port),
        "--remote-port",
        "8265",
    ]
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        server = JobServer(f"http://127.0.0.1:{port}", token())
        try:
            _await(server, process, cluster)
            yield server
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 15)


def _await(server: JobServer, process: subprocess.Popen[str], cluster: str) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            server.version()
            return
        except Unreachable:
            if process.poll() is not None:
                break
            time.sleep(0.5)
    said = ""
    if process.poll() is not None and process.stdout is not None:
        said = " ".join(process.stdout.read().split())[-300:]
    raise EngineError(
        f"no head of {cluster} can be reached; start it with: ray up {cluster}" + (f" ({said})" if said else "")
    )


def follow(server: JobServer, job: str, shown: int, show: Callable[[str], None]) -> tuple[int, dict[str, Any]]:
    """Show a job's output, in whole lines, until the job is over; returns how much was shown, and what became of it.

    Raises:
        Unreachable: the tunnel broke; the job goes on without us.
    """
    while True:
        if (state := server.job(job)) is None:
            return shown, {"status": "FAILED", "message": RESTARTED}  # nor would it know what it printed
        text = server.output(job)
        whole = len(text) if state["status"] in OVER else text.rfind("\n") + 1
        if whole > shown:
            show(text[shown:whole])
            shown = whole
        if state["status"] in OVER:
            return shown, state
        time.sleep(2)


def readable(lines: Iterable[str]) -> Iterator[str]:
    """A head's output without what Ray prints for itself; a machine that is lost is one line.

    >>> list(readable(["Running entrypoint for job x: y", "a", "(raylet) Raylet is terminated.", "    [dump]", "b"]))
    ['a', 'a machine of the cluster was lost; its trials go on elsewhere', 'b']
    """
    dump = False
    for line in lines:
        plain = re.sub(r"\x1b\[[0-9;]*m", "", line)
        if plain.startswith("(raylet)") or "node with node id" in plain:
            if not dump:
                yield "a machine of the cluster was lost; its trials go on elsewhere"
            dump = True
        elif not (dump and (not plain.strip() or plain.startswith((" ", "\t")))):
            dump = False
            if not re.match(r"Running entrypoint for job|[0-9-]+ [0-9:,]+\s+\w+ \w+\.py:\d+ -- ", plain):
                yield line


def show(text: str) -> None:
    """Print a part of a job's output for people."""
    for line in readable(text.splitlines()):
        sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
