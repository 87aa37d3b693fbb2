"""Who may see the live page: whoever has the token, from this machine, under its own name, by GET, at two places."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from study.app import live_server
from study.app.live_server import LiveServer
from study.app.live_watch import LiveWatch
from study.storage.results_folder import ResultsFolder
from tests.study.app.test_live_watch import Built
from trainables.config.errors import BadInput


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LiveServer]:
    watch = LiveWatch(ResultsFolder(tmp_path / "r", create=True).folder.where, Built())
    with LiveServer(watch) as made:
        watch.start()
        thread = threading.Thread(target=made.serve_forever, args=(0.01,))
        thread.start()
        yield made
        watch.stop()
        made.shutdown()
        thread.join()


def ask(server: LiveServer, path: str, *, method: str = "GET", **headers: str) -> http.client.HTTPResponse:
    line = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=30)
    line.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})
    return line.getresponse()


def key(server: LiveServer) -> str:
    return f"{server.cookie}={server.token}"


def test_the_token_becomes_a_cookie_that_no_script_reads_and_opens_the_page(server: LiveServer) -> None:
    answer = ask(server, "/?token=" + server.token)
    assert answer.status == 303 and answer.headers["Location"] == "/"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and str(server.server_port) in cookie
    page = ask(server, "/", Cookie=cookie.partition(";")[0])
    assert page.status == 200 and page.read() == b"document"
    assert page.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Referrer-Policy"] == "no-referrer" and page.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/", "/events", "/study-results.json", "/../etc/passwd", "/?token=", "/?token=x"])
def test_without_the_token_nothing_is_said(server: LiveServer, path: str) -> None:
    for cookie in ("", "study-live=x", f"{server.cookie}=x", f"{server.cookie}=\u00e4", "=;=;,"):
        answer = ask(server, path, Cookie=cookie)
        assert answer.status == 403 and b"document" not in answer.read()


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "[::1", "192.168.1.7"]
)
def test_another_name_for_this_machine_is_refused(server: LiveServer, host: str) -> None:
    assert ask(server, "/", Cookie=key(server), Host=host).status in (400, 403)
    assert ask(server, "/?token=" + server.token, Host=host).status in (400, 403)


@pytest.mark.parametrize("host", ["localhost:80", "127.0.0.1:9", "localhost"])
def test_a_tunnel_may_have_another_port(server: LiveServer, host: str) -> None:
    assert ask(server, "/", Cookie=key(server), Host=host).status == 200


def test_another_site_is_refused_even_with_the_cookie(server: LiveServer) -> None:
    for origin in ("http://evil.example", "null"):
        assert ask(server, "/events", Cookie=key(server), Origin=origin).status == 403
    for site in ("cross-site", "same-site"):
        assert ask(server, "/events", Cookie=key(server), Sec_Fetch_Site=site).status == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE"])
def test_there_is_only_get(server: LiveServer, method: str) -> None:
    assert ask(server, "/", method=method, Cookie=key(server)).status == 501


FILES = ("/study-results.json", "/runs", "/..%2f..%2fetc/passwd", "//[", "/index.html", "/figures/a.csv")


@pytest.mark.parametrize("path", FILES)
def test_no_path_names_a_file(server: LiveServer, path: str) -> None:
    answer = ask(server, path, Cookie=key(server))
    assert answer.status in (400, 404) and b"format" not in answer.read()


def test_several_viewers_hear_of_the_page_and_a_version_at_hand_is_not_sent(server: LiveServer) -> None:
    lines = [ask(server, "/events", Cookie=key(server)) for _ in range(3)]
    for answer in lines:
        assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/event-stream")
        text = b"".join(answer.readline() for _ in range(4))
        assert b"retry: 2000" in text and b"event: page\nid: v" in text
    assert server.watch.page is not None
    again = ask(server, "/events", Cookie=key(server), Last_Event_ID=server.watch.page.version)
    assert b"event: words" in b"".join(again.readline() for _ in range(3))


def test_more_viewers_than_there_is_room_for_are_told(server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.viewers = threading.BoundedSemaphore(1)
    first = ask(server, "/events", Cookie=key(server))
    first.readline()
    assert ask(server, "/events", Cookie=key(server)).status == 503


def test_it_listens_on_this_machine_alone(server: LiveServer) -> None:
    assert server.server_address[0] == "127.0.0.1" and len(server.token) > 40
    assert live_server.LOOPBACK == "127.0.0.1"


def test_a_port_that_is_taken_is_one_sentence(server: LiveServer) -> None:
    with pytest.raises(BadInput, match=f"--port: got {server.server_port}; it is taken; leave --port out"):
        LiveServer(server.watch, server.server_port)


def test_the_address_that_a_browser_is_started_with_opens_the_page_once(server: LiveServer) -> None:
    """Every user of the machine can read with what words a process was started."""
    once = server.address_for_once.partition("?")[2]
    assert server.token not in once
    first = ask(server, f"/?{once}")
    assert first.status == 303
    cookie = first.headers["Set-Cookie"].partition(";")[0]
    again = ask(server, f"/?{once}")
    assert again.status == 403 and b"was opened before" in again.read() and "Set-Cookie" not in again.headers
    assert ask(server, "/", Cookie=cookie).status == 200
    assert ask(server, "/", Cookie=f"{server.cookie}={once.partition('=')[2]}").status == 403, "it is no cookie"


@pytest.mark.parametrize("other", ['theme={"dark":true}', "a b=c d", "x", "=;", 'q="', "\u00fc=1"])
def test_odd_cookies_of_other_pages_keep_nobody_out(server: LiveServer, other: str) -> None:
    for cookie in (f"{other}; {key(server)}", f"{key(server)}; {other}"):
        assert ask(server, "/", Cookie=cookie.encode().decode("latin-1")).status == 200
