"""A headless Chromium that a test can talk to: pages that go on, which `--dump-dom` cannot wait for."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PATIENCE = 300.0
AXE = Path(__file__).parent / "axe-core" / "axe.min.js"
"""Version 4.14.1 as its makers publish it, under the licence beside it (MPL 2.0)."""
ASK_AXE = """
;axe.run(document, {resultTypes: ["violations"]}).then(said => JSON.stringify(said.violations.flatMap(
  fault => fault.nodes.map(node => fault.id + ": " + fault.help + " at " + node.target.join(" ")))))
"""


class Tab:
    """A page, through the browser's debugging protocol."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket, self._numbers = socket, itertools.count(1)
        self.complaints: list[str] = []
        """What the browser wrote to its console."""

    async def call(self, method: str, **values: Any) -> dict[str, Any]:
        """Ask for something and wait for the answer."""
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": values})
        while True:
            said = await self._socket.receive_json(timeout=PATIENCE)
            self._hear(said)
            if said.get("id") == number:
                assert "error" not in said, said
                return dict(said["result"])

    def _hear(self, said: dict[str, Any]) -> None:
        if said.get("method") == "Log.entryAdded":
            self.complaints.append(said["params"]["entry"]["text"])
        if said.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(str(said["params"]["exceptionDetails"]))

    async def open(self, url: str) -> None:
        """Go there; until it has loaded."""
        for domain in ("Page", "Runtime", "Log"):
            await self.call(f"{domain}.enable")
        await self.call("Page.navigate", url=url)
        await self.ask(
            "document.readyState === 'complete' || new Promise(r => addEventListener('load', () => r(true)))"
        )

    async def ask(self, script: str) -> Any:
        """The value of an expression, or of its promise."""
        said = await self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in said, said["exceptionDetails"]
        return said["result"].get("value")

    async def until(self, condition: str, event: str = "report:shown") -> Any:
        """The first value of an expression that is true: asked now, then after each such event of the document."""
        return await self.ask(
            f"(() => {{ const now = () => ({condition}); return now() || new Promise(done => {{"
            f" document.addEventListener('{event}', function look() {{ const found = now(); if (!found) return;"
            f" document.removeEventListener('{event}', look); done(found); }}); }}); }})()"
        )

    async def width(self, width: int) -> None:
        """Make the window so wide."""
        await self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=1000, deviceScaleFactor=1, mobile=False
        )

    async def unfold(self, *, all_of_them: bool) -> None:
        """Open or close every fold of a page, and wait until what opened is drawn."""
        await self.ask(
            f"new Promise(r => {{ const open = {json.dumps(all_of_them)};"
            " document.querySelectorAll('details').forEach(d => d.open = open);"
            " setTimeout(() => r(true), 300); })"
        )

    async def barriers(self) -> list[str]:
        """What axe-core finds, in light and dark, folds closed and open: a line each, empty where nothing is found."""
        found = []
        for scheme in ("light", "dark"):
            media = [{"name": "prefers-color-scheme", "value": scheme}]
            await self.call("Emulation.setEmulatedMedia", features=media)
            for unfolded in (False, True):
                await self.unfold(all_of_them=unfolded)
                where = f"{scheme}, folds {'open' if unfolded else 'closed'}"
                found += [f"{where}: {line}" for line in json.loads(await self.ask(AXE.read_text() + ASK_AXE))]
        return found

    async def picture(self, path: Path) -> None:
        """A screenshot of the whole page."""
        said = await self.call("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(said["data"]))


@contextlib.asynccontextmanager
async def tab(chromium: str, profile: Path, *, width: int = 1280, height: int = 1000) -> AsyncIterator[Tab]:
    """A browser with one empty page."""
    command = [
        chromium,
        *FLAGS,
        "--remote-debugging-port=0",
        f"--user-data-dir={profile}",
        f"--window-size={width},{height}",
        "about:blank",
    ]
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    try:
        async with aiohttp.ClientSession() as session:
            page = await asyncio.wait_for(_page(process, session), PATIENCE)
            async with session.ws_connect(page, max_msg_size=0) as socket:
                yield Tab(socket)
    finally:
        process.kill()
        await process.wait()


async def _page(process: asyncio.subprocess.Process, session: aiohttp.ClientSession) -> str:
    """The address of the first page, from the line in which the browser says where it listens."""
    assert process.stderr is not None
    while found := await process.stderr.readline():
        if match := re.search(rb"DevTools listening on ws://([^/]+)/", found):
            async with session.get(f"http://{match[1].decode()}/json") as answer:
                return str(next(p for p in await answer.json() if p["type"] == "page")["webSocketDebuggerUrl"])
    raise AssertionError("the browser ended before it listened")
