"""Ray's job server, through a tunnel that `ray dashboard` opens: hand over a command, read what it prints.

Through Ray's public client, but for the version and for what that client lacks: see `docs/decisions/job-client.md`.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from study.planning.environment import environment
from trainables.config.errors import BadInput, EngineError
from trainables.config.paths import expanded, home

if TYPE_CHECKING:
    from ray.job_submission import JobSubmissionClient

T = TypeVar("T")
FINAL_STATUSES = ("SUCCEEDED", "FAILED", "STOPPED")
RESTARTED = "the head has been restarted and knows nothing of it; the same command goes on from here"
TUNNEL_SECONDS = 90.0
"""Seconds until a tunnel must stand."""
ANSWER_SECONDS = 20.0
"""Seconds until a call must be answered."""
TUNNEL_END_SECONDS = 10.0
"""Seconds that a tunnel has to end by itself."""
LISTENERS = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
"""Where Linux says who listens; other systems do not say, and there nobody is asked."""
ENVIRONMENT_WITHOUT_PROXY = {
    "RAY_ADDRESS": "",
    "RAY_API_SERVER_ADDRESS": "",
    "NETRC": os.devnull,
    "NO_PROXY": "127.0.0.1",
    "no_proxy": "127.0.0.1",
}
"""The environment of a call: else Ray's client goes to another cluster, and `requests` to a proxy, or with the password
of a ~/.netrc in place of the token."""


class Unreachable(Exception):
    """The job server did not answer; perhaps it will, later."""


@dataclass(frozen=True)
class JobState:
    """What is known of a job."""

    status: str
    message: str = ""
    exit_code: int | None = None


@dataclass(frozen=True)
class JobServer:
    """A job server by its address.

    Each call raises
        Unreachable: no answer, or the server is starting or stopping.
        BadInput: the token is not the cluster's.
        EngineError: the server refuses.
    """

    url: str
    token: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """The headers of each request; no token goes to another user, who may take the port once a tunnel broke."""
        if not (self.token.isascii() and self.token.isprintable()):
            raise BadInput("token", "...", "it has characters that no header takes; expected letters and digits")
        port = urlsplit(self.url).port
        if self.token and port is not None and not is_ours(port):
            raise Unreachable("nobody, or another user, listens there")
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def version(self) -> str:
        """The version of Ray that runs there; the public client has no call for it."""
        request = urllib.request.Request(self.url + "/api/version", headers=self.headers)
        try:
            with (
                environment(ENVIRONMENT_WITHOUT_PROXY),
                urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer,
            ):
                version = json.loads(answer.read())["ray_version"]
                if not isinstance(version, str):
                    raise TypeError(f"it says that its version is {version!r}")
                return version
        except urllib.error.HTTPError as error:
            if error.code in (401, 403):
                raise _another_token() from None
            raise Unreachable(f"{error.code} {error.reason}") from None
        except (OSError, HTTPException, ValueError, KeyError, TypeError) as error:
            raise Unreachable(str(error)) from None

    def job(self, job: str) -> JobState | None:
        """What is known of a job, or None where there is none of that name."""
        listed = self._ask(lambda client: client.list_jobs())
        found = next((j for j in listed if j.submission_id == job), None)
        return found and JobState(found.status.value, found.message or "", found.driver_exit_code)

    def submit(self, job: str, command: str, environment: Mapping[str, str], about: Mapping[str, str]) -> None:
        """Hand over a command; it runs on the head, under that name."""
        self._ask(
            lambda client: client.submit_job(
                entrypoint=command,
                submission_id=job,
                runtime_env={"env_vars": dict(environment)},
                metadata=dict(about),
            )
        )

    def output(self, job: str) -> str:
        """Return all that a job has printed so far."""
        return self._ask(lambda client: client.get_job_logs(job)) or ""

    def _ask(self, ask: Callable[[JobSubmissionClient], T]) -> T:
        from ray.exceptions import AuthenticationError
        from ray.job_submission import JobSubmissionClient

        headers = self.headers
        try:
            with environment(ENVIRONMENT_WITHOUT_PROXY):
                return _within(ANSWER_SECONDS, lambda: ask(JobSubmissionClient(self.url, headers=headers, verify=True)))
        except AuthenticationError:
            raise _another_token() from None
        except RuntimeError as error:
            raise EngineError(f"Ray's job server: {' '.join(str(error).split())[-300:]}") from None
        except (OSError, ValueError) as error:  # of `requests` too, whose errors are such
            raise Unreachable(str(error)) from None


def _another_token() -> BadInput:
    return BadInput("token", "...", "the cluster has another; ~/.ray/auth_token must be the one it was made with")


def _within(seconds: float, ask: Callable[[], T]) -> T:
    """What a call returns; one that takes longer is left to end with its tunnel, for Ray's client waits without end.

    Raises:
        TimeoutError: it takes longer.
    """
    done: Future[T] = Future()

    def answer() -> None:
        try:
            done.set_result(ask())
        except BaseException as error:
            done.set_exception(error)

    threading.Thread(target=answer, daemon=True).start()
    try:
        return done.result(seconds)
    except TimeoutError:
        raise TimeoutError(f"no answer within {seconds:g} s") from None


def token() -> str:
    """The secret that Ray's servers ask for, from where Ray keeps it; empty if there is none."""
    if given := os.environ.get("RAY_AUTH_TOKEN"):
        return given.strip()
    named = os.environ.get("RAY_AUTH_TOKEN_PATH")
    path = Path(expanded("RAY_AUTH_TOKEN_PATH", named)) if named else home() / ".ray/auth_token"
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
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
            _await(server, port, process, cluster)
            yield server
        finally:
            _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    """End a tunnel with all that it started: by itself, else by force."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(TUNNEL_END_SECONDS)
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def is_ours(port: int, tables: Sequence[Path] = LISTENERS) -> bool:
    """Whether this user alone listens on a port of this machine, as far as the system says who does.

    The port of a tunnel stands in the list of processes, and whoever takes it first would be sent the token.
    """
    found: list[int] = []
    known = False
    for table in tables:
        with contextlib.suppress(OSError, ValueError, IndexError):
            rows = [line.split() for line in table.read_text().splitlines()[1:]]
            found += [int(r[7]) for r in rows if r[3] == "0A" and int(r[1].rpartition(":")[2], 16) == port]
            known = True
    return not known or (bool(found) and set(found) == {os.getuid()})


def _await(server: JobServer, port: int, process: subprocess.Popen[str], cluster: str) -> None:
    until = time.monotonic() + TUNNEL_SECONDS
    while time.monotonic() < until:
        try:
            if not is_ours(port):
                raise Unreachable("nobody, or another user, listens there")
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


@dataclass
class FollowedOutput:
    """What is known of a job's output so far, over all tunnels through which it is followed."""

    shown: int = 0
    """Characters."""
    answers: int = 0
    """Times that the server said what it has."""


def follow(server: JobServer, job: str, output: FollowedOutput, show: Callable[[str], None]) -> JobState:
    """Show the rest of a job's output, in whole lines, until the job is over; returns what became of it.

    `output` is kept up to date, so that whoever meets an error goes on from there.

    Raises:
        Unreachable: the tunnel broke; the job goes on without us.
    """
    while True:
        if (state := server.job(job)) is None:
            return JobState("FAILED", RESTARTED)  # nor would it know what it printed
        text = server.output(job)
        output.answers += 1
        whole = len(text) if state.status in FINAL_STATUSES else text.rfind("\n") + 1
        if whole > output.shown:
            show(text[output.shown : whole])
            output.shown = whole
        if state.status in FINAL_STATUSES:
            return state
        time.sleep(2)


def without_ray_lines(lines: Iterable[str]) -> Iterator[str]:
    """A head's output without what Ray prints for itself; a machine that is lost is one line.

    >>> printed = ["Running entrypoint for job x: y", "a", "(raylet) Raylet is terminated.", "    [dump]", "b"]
    >>> list(without_ray_lines(printed))
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


def print_output(text: str) -> None:
    """Print a part of a job's output for people."""
    for line in without_ray_lines(text.splitlines()):
        sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
