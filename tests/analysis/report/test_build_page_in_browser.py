"""The page in a real browser: no errors, no sideways scrolling on a phone, tables that sort, a theme that switches."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from analysis import report
from analysis.chapter import sections
from study.spec import registry
from tests.analysis.stores import store_of

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--enable-logging=stderr",
)

PROBE = """
addEventListener("load", function () {
  var table = document.querySelector("table.sortable"), column = 0;
  function cells() {
    return Array.from(table.tBodies[0].rows).map(function (r) { return r.cells[column].textContent; });
  }
  var before = cells(), head = table.tHead.rows[0].cells[column], button = head.querySelector("button");
  button.click(); var up = cells(), sort = head.getAttribute("aria-sort");
  button.click(); var down = cells();
  var root = document.documentElement, toggle = document.getElementById("theme");
  var light = getComputedStyle(document.body).backgroundColor;
  toggle.click();
  var dark = getComputedStyle(document.body).backgroundColor;
  var wide = Array.from(document.querySelectorAll("body *")).filter(function (e) {
    return e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".table, .frame, .skip, svg");
  }).map(function (e) { return e.tagName + "." + e.className; });
  var images = Array.from(document.images);
  images.forEach(function (i) { i.loading = "eager"; });
  function decoded(i) { return i.decode().then(function () { return true; }, function () { return false; }); }
  Promise.all(images.map(decoded))
    .then(function (ok) {
      parent.postMessage(JSON.stringify({
        inner: innerWidth, scroll: root.scrollWidth, wide: wide.slice(0, 5), before: before, up: up, down: down,
        sort: sort, light: light, dark: dark, folded: !document.querySelector(".contents").open,
        images: ok.length, broken: ok.filter(function (x) { return !x; }).length
      }), "*");
    });
});
"""

FRAME = """<!doctype html><html><body style="margin:0"><script>
addEventListener("message", function (e) { document.documentElement.setAttribute("data-probe", e.data); });
</script><iframe src="probed.html" style="border:0;width:%dpx;height:900px"></iframe></body></html>"""


@pytest.fixture(scope="module")
def chromium() -> str:
    """The browser; where there is none, that is a failure in continuous checks and a reason to skip elsewhere."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None and os.environ.get("CI"):
        pytest.fail("no Chromium on this machine, and the page must be tested in one")
    if found is None:
        pytest.skip("no Chromium on this machine: install it to test the page in a browser")
    return found


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("page")
    store_of(folder / "results", [registry.load_study("scaling"), registry.load_study("dropout")], seeds=(0, 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sections, "all_concepts", lambda *_: [])
        yield report.build(str(folder / "results"), folder / "out")


def dom(browser: str, page: Path, profile: Path, *more: str) -> tuple[str, str]:
    """The document as it stands after its scripts have run, and what the browser complained of."""
    command = [browser, *FLAGS, f"--user-data-dir={profile}", "--virtual-time-budget=20000", *more, "--dump-dom"]
    done = subprocess.run([*command, page.as_uri()], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout, "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)


def probed(browser: str, page: Path, profile: Path, width: int) -> dict[str, Any]:
    """What the probe finds in a window of that width."""
    digest = base64.b64encode(hashlib.sha256(PROBE.encode()).digest()).decode()
    text = page.read_text().replace("script-src '", f"script-src 'sha256-{digest}' '")
    text = text.replace("</body>", f"<script>{PROBE}</script></body>")
    (page.parent / "probed.html").write_text(text)
    frame = page.parent / "frame.html"
    frame.write_text(FRAME % width)
    shown, complaints = dom(browser, frame, profile, "--window-size=1400,1000")
    found = re.search(r'data-probe="([^"]*)"', shown)
    assert found, f"the probe did not answer: {complaints}"
    values = json.loads(html.unescape(found[1]))
    assert isinstance(values, dict)
    return values


def test_no_errors_in_the_console(chromium: str, page: Path, tmp_path: Path) -> None:
    shown, complaints = dom(chromium, page, tmp_path)
    assert complaints == ""
    assert 'id="theme"' in shown and "<button" in shown


@pytest.mark.smoke
@pytest.mark.parametrize("width", [390, 1280])
def test_behaves(chromium: str, page: Path, tmp_path: Path, width: int) -> None:
    found = probed(chromium, page, tmp_path, width)
    assert found["inner"] == width
    assert found["wide"] == [] and found["scroll"] <= width
    assert found["images"] > 4 and found["broken"] == 0
    assert found["sort"] == "ascending" and found["up"] == sorted(found["before"])
    assert found["down"] == found["up"][::-1]
    assert found["light"] != found["dark"]
    assert found["folded"] == (width == 390)


def test_prints(chromium: str, page: Path, tmp_path: Path) -> None:
    paper = tmp_path / "page.pdf"
    command = [chromium, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", f"--print-to-pdf={paper}", page.as_uri()]
    subprocess.run(command, capture_output=True, timeout=300, check=True)
    assert paper.read_bytes()[:5] == b"%PDF-"
