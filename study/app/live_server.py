"""The live page over HTTP: on this machine alone, for whoever has the token, two places and nothing else.

Python's own server with a thread a viewer: two GETs need no framework (`docs/decisions/live-page.md`). No path of a
request ever names a file.
"""

from __future__ import annotations

import contextlib
import errno
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from study.app.live_watch import LiveWatch
from trainables.config.errors import BadInput

LOOPBACK = "127.0.0.1"
NAMES = (LOOPBACK, "localhost")
"""What a browser may call this machine; any other name has been bent to point here."""
MAX_VIEWERS = 32
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "frame-ancestors 'none'",  # the rest of its policy stands in the page
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class LiveServer(ThreadingHTTPServer):
    """Serves a watched folder; `address` is what to open.

    Raises:
        BadInput: the port is taken, or this user may not open it.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, watch: LiveWatch, port: int = 0) -> None:
        self.watch, self.token = watch, secrets.token_urlsafe(32)
        self._ticket, self._spending = secrets.token_urlsafe(32), threading.Lock()
        self.viewers = threading.BoundedSemaphore(MAX_VIEWERS)
        try:
            super().__init__((LOOPBACK, port), LiveHandler)
        except OSError as error:
            why = "it is taken" if error.errno == errno.EADDRINUSE else f"it cannot be opened: {error.strerror}"
            raise BadInput("--port", port, f"{why}; leave --port out for a free one") from None

    @property
    def address(self) -> str:
        """The URL with the token, for the first visit."""
        return f"http://{LOOPBACK}:{self.server_port}/?token={self.token}"

    @property
    def address_for_once(self) -> str:
        """One that opens the page once: every user of the machine can read what a browser is started with."""
        return f"http://{LOOPBACK}:{self.server_port}/?token={self._ticket}"

    def is_key(self, given: str) -> bool:
        """Whether the page is opened to whoever brings this."""
        with self._spending:
            once = secrets.compare_digest(given.encode(), self._ticket.encode())
            self._ticket = secrets.token_urlsafe(32) if once else self._ticket
        return once or self.is_token(given)

    def is_token(self, given: str) -> bool:
        """Whether it is the token."""
        return secrets.compare_digest(given.encode(), self.token.encode())

    @property
    def cookie(self) -> str:
        """The cookie's name: browsers send a cookie to every port of a machine, so each server has its own."""
        return f"study-live-{self.server_port}"


class LiveHandler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: LiveServer
    timeout = 60
    server_version = sys_version = ""

    def do_GET(self) -> None:
        """The page, or its events; refused without the token, and under a name that is not this machine's."""
        try:
            there, here = urlsplit(self.path), self._is_here()
        except ValueError:  # of urlsplit, for brackets that do not close
            return self._refuse(400, "this is no address")
        asked = parse_qs(there.query)
        if not here:
            return self._refuse(403, "this page answers to 127.0.0.1 and localhost alone")
        if there.path == "/" and "token" in asked:
            return self._welcome(asked["token"][0])
        if not self._is_known():
            return self._refuse(403, "open the address that study live has printed: it carries a token")
        if there.path == "/":
            return self._page()
        if there.path == "/events":
            have = self.headers.get("Last-Event-ID") or asked.get("have", [""])[0]
            return self._events(have)
        return self._refuse(404, "there is nothing here")

    def _is_here(self) -> bool:
        host = urlsplit(f"//{self.headers.get('Host', '')}")
        origin = self.headers.get("Origin")
        same_origin = origin is None or origin == f"http://{host.netloc}"
        return (
            host.hostname in NAMES
            and same_origin
            and self.headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin")
        )

    def _is_known(self) -> bool:
        # Other pages of this machine may have set cookies that no standard allows: only ours is looked at.
        given = (part.strip().partition("=") for part in self.headers.get("Cookie", "").split(";"))
        return any(name == self.server.cookie and self.server.is_token(value.strip('"')) for name, _, value in given)

    def _welcome(self, token: str) -> None:
        """The token moves from the address to a cookie that no script can read."""
        if not self.server.is_key(token):
            why = "this address is not that of the running study live, or was opened before"
            return self._refuse(403, f"{why}: open the one that it has printed")
        self._head(
            303,
            "text/plain; charset=utf-8",
            Location="/",
            **{
                "Set-Cookie": f"{self.server.cookie}={self.server.token}; HttpOnly; SameSite=Strict; Path=/",
                "Content-Length": "0",
            },
        )
        return None

    def _page(self) -> None:
        body = self.server.watch.document().encode()
        self._head(200, "text/html; charset=utf-8", **{"Content-Length": str(len(body))})
        self.wfile.write(body)

    def _events(self, have: str) -> None:
        if not self.server.viewers.acquire(blocking=False):
            return self._refuse(503, f"{MAX_VIEWERS} pages are open already")
        try:
            self._head(200, "text/event-stream; charset=utf-8")
            self.wfile.write(b"retry: 2000\n\n")
            for event, identity, data in self.server.watch.events(have):
                text = f"event: {event}\nid: {identity}\ndata: {data}\n\n" if event else ": still here\n\n"
                self.wfile.write(text.encode())
        finally:
            self.server.viewers.release()
        return None

    def _refuse(self, code: int, why: str) -> None:
        body = f"{why}\n".encode()
        self._head(code, "text/plain; charset=utf-8", **{"Content-Length": str(len(body))})
        self.wfile.write(body)

    def _head(self, code: int, kind: str, **more: str) -> None:
        self.send_response(code)
        for name, value in {"Content-Type": kind, **HEADERS, **more}.items():
            self.send_header(name, value)
        self.end_headers()

    def handle(self) -> None:
        """A viewer that has gone is none of our business."""
        with contextlib.suppress(ConnectionError, TimeoutError):
            super().handle()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
        """Say nothing."""
