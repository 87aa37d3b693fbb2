"""The pictures of README and gallery, from real runs: `make pictures` in the project's root; needs Chromium.

The terminal is a run of the demo's digits on this machine, at half of its epochs and at its end. The pages are those of
the records in the repository. What a picture shows of them changes only when the records or the page do.
"""

from __future__ import annotations

import asyncio
import base64
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from study.app import screen
from study.app.live_view import render
from study.app.snapshot import Snapshot
from study.cli.demo_command import write_digits
from study.storage.durable_files import Folder
from tests.browser import Tab, tab

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs/pictures"
COLUMNS, SEEDS = 100, 20
SEARCH_FIGURES = ("search-sgd-adam-adam-history", "search-sgd-adam-adam-parallel", "search-sgd-adam-adam-rungs")
PHONE = 390
QUALITY = 78

PAGES: tuple[tuple[str, str, str, int, int, str], ...] = (
    ("page-light", "chapter", "", 1280, 1120, "light"),
    ("page-dark", "chapter", "study-dropout", 1280, 1240, "dark"),
    ("page-phone", "chapter", "", PHONE, 780, "light"),
    ("page-search", "search-sgd-adam", "", 1280, 900, "light"),
)
"""Name, results folder, the fold to open, width and height in pixels, colours."""


def command(*words: str, folder: Path, columns: int = COLUMNS) -> subprocess.Popen[str]:
    """The `study` command, begun, as wide as the picture."""
    environment = {**os.environ, "COLUMNS": str(columns), "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    asked = [sys.executable, "-m", "study.cli", *words]
    return subprocess.Popen(
        asked, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )


def done(*words: str, folder: Path) -> str:
    """What the command says, when it has ended well."""
    process = command(*words, folder=folder)
    said, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"study {' '.join(words)}: exit code {process.returncode}\n{said}")
    return said


def terminal_lines(folder: Path) -> list[str]:
    """A run of the digits: its view when half of the epochs are done, then its end."""
    write_digits(folder / "digits-demo")
    words = ["run", "digits-demo/digits.yaml", "--seeds", str(SEEDS), "--data-dir", "digits-demo"]
    words += ["--executor", "inline"]
    process = command(*words, "--results", "results/digits", folder=folder)
    half: Snapshot | None = None
    while process.poll() is None:
        time.sleep(0.5)
        now = screen.read_snapshot(Folder(str(folder / "results/digits")))
        if now is not None and now.epochs[0] <= 0.6 * now.epochs[1] and now.running:
            half = now
    said, _ = process.communicate()
    if half is None or process.returncode:
        raise SystemExit(f"the run was not seen at half of its epochs; exit code {process.returncode}\n{said}")
    end = said.splitlines()
    end = end[next(i for i, line in enumerate(end) if line.startswith("arm ")) :]
    return [f"$ study {' '.join(words)}", "", *render(half, COLUMNS), "", "...", "", *end]


def terminal_svg(lines: Sequence[str]) -> str:
    """The lines as a terminal shows them; with the fonts of whoever looks, for nothing is fetched."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    for line in lines:
        console.print(Text(line), no_wrap=True, crop=True)
    svg = console.export_svg(title="study run", unique_id="terminal")
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    return re.sub(r"[ \t]+$", "", svg.replace("Fira Code, monospace", "ui-monospace, monospace"), flags=re.MULTILINE)


async def shoot(page: Tab, url: str, fold: str, width: int, height: int, colours: str) -> bytes:
    """A picture of a page as a window of that size shows it, as WebP."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width == PHONE}
    await page.call("Emulation.setDeviceMetricsOverride", **size)
    await page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": colours}])
    await page.open(url + (f"#{fold}" if fold else ""))
    if fold:
        await page.ask(f"scrollBy(0, document.getElementById('{fold}').getBoundingClientRect().top - 20)")
    await page.ask("new Promise(shown => requestAnimationFrame(() => requestAnimationFrame(() => shown(1))))")
    said = await page.call("Page.captureScreenshot", format="webp", quality=QUALITY)
    return base64.b64decode(said["data"])


async def pages(chromium: str, scratch: Path) -> None:
    """The report's page of each folder, as it is seen; `pages.json` keeps the sentence that stands below its title."""
    said: dict[str, str] = {}
    for folder in sorted({folder for _, folder, *_ in PAGES}):
        done("report", f"results/{folder}", "--out", str(scratch / folder), folder=ROOT)
    for name, folder, fold, width, height, colours in PAGES:
        async with tab(chromium, scratch / f"profile-{name}") as page:
            url = (scratch / folder / "index.html").as_uri()
            (PICTURES / f"{name}.webp").write_bytes(await shoot(page, url, fold, width, height, colours))
            sentence = await page.ask("document.querySelector('h1').nextElementSibling.textContent")
            said[name] = " ".join(str(sentence).split())
    (PICTURES / "pages.json").write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    """All of them."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("make pictures needs Chromium or Chrome, and finds none on the path")
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        where = Path(scratch)
        (PICTURES / "terminal.svg").write_text(terminal_svg(terminal_lines(where)), encoding="utf-8")
        done("export", "results/search-sgd-adam", "--to", "figures", "--out", str(where / "figures"), folder=ROOT)
        for figure in SEARCH_FIGURES:
            shutil.copy(where / f"figures/{figure}.svg", PICTURES)
        asyncio.run(pages(chromium, where))


if __name__ == "__main__":
    main()
