"""Calls of Ray's job server through its public client: where they go, when they end, and what their answers mean."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path

import pytest

from study.cluster import job_server as jobs
from trainables.config.errors import BadInput, EngineError

JOB = {"type": "SUBMISSION", "submission_id": "mine", "entrypoint": "x", "status": "RUNNING"}


class AnsweringServer:
    """Answers every request alike, and knows what it was asked."""

    def __init__(self) -> None:
        self.code, self.seen = 200, list[tuple[str, str]]()

    def body(self, path: str) -> object:
        return {"version": "4", "ray_version": "2.60.0"} if path == "/api/version" else [JOB]


@pytest.fixture
def server() -> Iterator[tuple[AnsweringServer, jobs.JobServer]]:
    made = AnsweringServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.seen.append((self.path, self.headers.get("Authorization") or ""))
            data = json.dumps(made.body(self.path)).encode()
            self.send_response(made.code if self.path != "/api/version" else 200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: object) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=running.serve_forever, args=(0.05,), daemon=True).start()
    yield made, jobs.JobServer(f"http://127.0.0.1:{running.server_address[1]}", "secret")
    running.shutdown()
    running.server_close()


def test_calls_go_to_the_tunnel_with_the_token_whatever_the_laptop_has_set(
    server: tuple[AnsweringServer, jobs.JobServer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, asked = server
    (tmp_path / "netrc").write_text("default login somebody password else\n")
    elsewhere = {"RAY_ADDRESS": "http://127.0.0.1:9", "RAY_API_SERVER_ADDRESS": "http://127.0.0.1:9"}
    elsewhere |= {"HTTP_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9", "NO_PROXY": "example.org"}
    for name, value in {**elsewhere, "NETRC": str(tmp_path / "netrc")}.items():
        monkeypatch.setenv(name, value)
    before = {name: os.environ.get(name) for name in jobs.ENVIRONMENT_WITHOUT_PROXY}
    assert asked.job("mine") == jobs.JobState("RUNNING")
    assert asked.job("another") is None
    assert asked.version() == "2.60.0"
    assert {token for _, token in made.seen} == {"Bearer secret"}
    assert {name: os.environ.get(name) for name in jobs.ENVIRONMENT_WITHOUT_PROXY} == before


def test_each_call_with_a_token_looks_who_listens(
    server: tuple[AnsweringServer, jobs.JobServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tunnel may break later, and its port be taken."""
    made, asked = server
    monkeypatch.setattr(jobs, "is_ours", lambda port: not asked.url.endswith(f":{port}"))
    calls: list[Callable[[], object]] = [asked.version, lambda: asked.job("mine"), lambda: asked.output("mine")]
    for call in calls:
        with pytest.raises(jobs.Unreachable, match="another user"):
            call()
    assert made.seen == []
    assert jobs.JobServer(asked.url).version() == "2.60.0", "without a token there is none to lose"


@pytest.mark.parametrize("token", ["se\ncret", "s\u00e9cret", "secret\u2603"])
def test_a_token_that_no_header_takes_is_refused_and_not_shown(token: str) -> None:
    asked = jobs.JobServer("http://127.0.0.1:9", token)
    for call in (asked.version, lambda: asked.job("mine")):
        with pytest.raises(BadInput, match="characters that no header takes") as caught:
            call()
        assert "cret" not in str(caught.value)


@pytest.mark.parametrize("code", [401, 403])
def test_another_token_is_said(server: tuple[AnsweringServer, jobs.JobServer], code: int) -> None:
    made, asked = server
    made.code = code
    with pytest.raises(BadInput, match="the cluster has another") as caught:
        asked.job("mine")
    assert "secret" not in str(caught.value)


def test_a_refusal_is_one_line(server: tuple[AnsweringServer, jobs.JobServer]) -> None:
    made, asked = server
    made.code = 500
    with pytest.raises(EngineError, match=r"Ray's job server: .*500") as caught:
        asked.output("mine")
    assert "\n" not in str(caught.value)


def test_a_call_that_nobody_answers_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where a head is unplugged: the connection stands, and Ray's client alone would wait without end."""
    monkeypatch.setattr(jobs, "ANSWER_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        asked = jobs.JobServer(f"http://127.0.0.1:{silent.getsockname()[1]}")
        began = time.monotonic()
        with pytest.raises(jobs.Unreachable, match="no answer within"):
            asked.job("mine")
        with pytest.raises(jobs.Unreachable):
            asked.version()
        assert time.monotonic() - began < 10


def test_nobody_there_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(jobs.Unreachable):
        jobs.JobServer(f"http://127.0.0.1:{port}").job("mine")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("Running entrypoint for job", "dashboard/modules/job/job_supervisor.py"),
        ("node with node id", "core/src/ray/gcs/gcs_server"),
    ],
)
def test_ray_still_prints_what_is_left_out_of_a_jobs_output(text: str, where: str) -> None:
    """There is no public switch for these lines; where Ray words them anew, `readable` has to follow."""
    spec = find_spec("ray")
    assert spec is not None and spec.origin is not None
    assert text.encode() in (Path(spec.origin).parent / where).read_bytes()


ROW = "   0: 0100007F:{port:04X} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000 {uid:5d} 0 12345 1\n"
"""A line of the kernel's table."""


def test_the_token_goes_to_a_listener_of_this_user_alone(tmp_path: Path) -> None:
    me, port = os.getuid(), 40_000

    def table(*rows: tuple[int, str, int]) -> list[Path]:
        text = "  sl  local_address\n" + "".join(ROW.format(port=p, state=state, uid=uid) for p, state, uid in rows)
        (tmp_path / "tcp").write_text(text)
        return [tmp_path / "tcp", tmp_path / "none"]

    assert jobs.is_ours(port, table((port, "0A", me), (port + 1, "0A", me + 1), (port, "01", me + 1)))
    assert not jobs.is_ours(port, table((port, "0A", me + 1)))
    assert not jobs.is_ours(port, table((port, "0A", me), (port, "0A", me + 1)))
    assert not jobs.is_ours(port, table((port + 1, "0A", me)))
    assert jobs.is_ours(port, [tmp_path / "none"]), "a system that does not say"


@pytest.mark.skipif(not jobs.LISTENERS[0].exists(), reason="this system does not say who listens")
def test_a_listener_of_this_machine_is_found() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        assert not jobs.is_ours(port)
        listening.listen()
        assert jobs.is_ours(port)


def test_a_tunnel_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "TUNNEL_END_SECONDS", 0.05)
    words = ["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 60; done"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        jobs._end(process)
        assert process.wait(60) == -signal.SIGKILL


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-x\r\n", b'HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{"ray'])
def test_what_is_no_answer_of_ray_is_unreachable(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as there:

        def give() -> None:
            with there.accept()[0] as asked:
                asked.recv(4000)
                asked.sendall(answer)

        thread = threading.Thread(target=give)
        thread.start()
        server = jobs.JobServer(f"http://127.0.0.1:{there.getsockname()[1]}", "")
        with pytest.raises(jobs.Unreachable):
            server.version()
        thread.join()
