"""A proxy in front of an S3 server that misbehaves as told: errors, cut connections, slowness. For tests of storage."""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

Fault = Literal["500", "503", "403", "cut", "half", "slow"]


@dataclass
class Proxy:
    """Where it listens, what it does to requests, and how many there were."""

    url: str
    fault: Callable[[str, str], Fault | None] = lambda method, path: None
    """Asked for each request, by method and path; None lets it through."""
    seen: list[tuple[str, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fail_first(self, times: int, fault: Fault, method: str, word: str = "") -> None:
        """The first so many requests with that method and with that word in the path fail."""
        left = [times]

        def decide(got: str, path: str) -> Fault | None:
            with self.lock:
                if got == method and word in path and left[0] > 0:
                    left[0] -= 1
                    return fault
            return None

        self.fault = decide

    def fail_at_random(self, seed: int, share: float = 0.15) -> None:
        """So many of all requests fail, in every way there is; which ones follows from the seed and their order."""
        rng = random.Random(seed)

        def decide(got: str, path: str) -> Fault | None:
            with self.lock:
                kinds: tuple[Fault, ...] = ("500", "503", "cut", "half")
                return rng.choice(kinds) if rng.random() < share else None

        self.fault = decide

    def count(self, method: str, word: str = "") -> int:
        """Requests so far with that method and with that word in the path."""
        return sum(m == method and word in p for m, p in self.seen)


@contextmanager
def proxy(host: str, port: int) -> Iterator[Proxy]:
    """A proxy to that server."""
    made = Proxy("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            chunked = self.headers.get("Transfer-Encoding", "").lower() == "chunked"
            body = _chunks(self.rfile) if chunked else self.rfile.read(length)
            with made.lock:
                made.seen.append((self.command, self.path))
            fault = made.fault(self.command, self.path)
            if fault == "cut":
                self.close_connection = True
                return
            if fault in ("500", "503", "403"):
                self._refuse(int(fault))
                return
            if fault == "slow":
                time.sleep(2)
            self._forward(host, port, body, chunked, half=fault == "half")

        def _refuse(self, code: int) -> None:
            name = {500: "InternalError", 503: "SlowDown", 403: "AccessDenied"}[code]
            text = f"<Error><Code>{name}</Code><Message>as told</Message></Error>".encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/xml")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(text)

        def _forward(self, host: str, port: int, body: bytes, chunked: bool, half: bool) -> None:
            headers = {k: v for k, v in self.headers.items() if not (chunked and k.lower() == "transfer-encoding")}
            if chunked:
                headers["Content-Length"] = str(len(body))
            link = http.client.HTTPConnection(host, port, timeout=30)
            link.request(self.command, self.path, body=body, headers=headers)
            answer = link.getresponse()
            data = answer.read()
            self.send_response(answer.status)
            for key, value in answer.getheaders():
                if key.lower() not in ("transfer-encoding", "connection", "content-length", "date", "server"):
                    self.send_header(key, value)
            size = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(data))
            self.send_header("Content-Length", size or "0")
            self.end_headers()
            if half:  # done there, half told here
                self.close_connection = True
                data = data[: len(data) // 2]
            self.wfile.write(data)
            link.close()

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _pass  # noqa: N815  # http.server's names

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _chunks(stream: object) -> bytes:
    body = b""
    while size := int(stream.readline().split(b";")[0], 16):  # type: ignore[attr-defined]
        body += stream.read(size)  # type: ignore[attr-defined]
        stream.readline()  # type: ignore[attr-defined]
    stream.readline()  # type: ignore[attr-defined]
    return body
