"""The page in a real browser: no errors, no sideways scrolling on a phone, tables that sort, a theme that switches."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import hashlib
import json
import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from analysis import report
from analysis.chapter import sections
from study.spec import registry
from study.spec.study import Arm, Figure, Study
from tests.analysis.stores import fill, store_of
from tests.browser import FLAGS, tab
from tests.synthetic import records

PROBE = """
addEventListener("load", async function () {
  var root = document.documentElement, said = { inner: innerWidth };
  function all(selector) { return Array.from(document.querySelectorAll(selector)); }
  function later() { return new Promise(function (done) { setTimeout(done, 300); }); }
  function wide() {
    return all("body *").filter(function (e) {
      return e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".table, .frame, .skip, .vh, .read, svg");
    }).map(function (e) { return e.tagName + "." + e.className; }).slice(0, 5);
  }
  said.wide = wide();
  said.scroll = root.scrollWidth;
  said.height = root.scrollHeight;
  said.folded = !document.querySelector(".contents").open;
  said.undrawn = all(".study .plot svg").length;

  // a number leads to its trials, alone
  var number = document.querySelector(".q-num a"), row = document.getElementById(number.hash.slice(1));
  location.hash = number.hash;
  await later();
  said.landed = row.closest("details.study").open && row.getBoundingClientRect().height > 0;
  said.trials = Array.from(row.parentElement.rows).filter(function (r) { return !r.hidden; })
    .map(function (r) { return r.dataset.arm === row.dataset.arm; });

  // everything open
  all("details").forEach(function (d) { d.open = true; });
  await later();
  said.wideOpen = wide();
  said.scrollOpen = root.scrollWidth;
  var chart = document.querySelector(".curves"), plot = chart.querySelector(".plot");
  function lines() { return chart.querySelectorAll("path.ln").length; }
  function press(key) { plot.dispatchEvent(new KeyboardEvent("keydown", { key: key })); }
  said.lines = lines();
  said.named = Array.from(chart.querySelectorAll(".lab")).map(function (t) { return t.textContent; });
  said.last = chart.querySelector("tbody").textContent;
  plot.focus();
  press("Home");
  said.first = chart.querySelector("[data-epoch]").textContent;
  said.moved = chart.querySelector("tbody").textContent;
  press("ArrowRight");
  said.next = plot.getAttribute("aria-valuenow");
  chart.querySelector("[data-arm]").click();
  said.fewer = lines();
  chart.querySelector("[data-measure=loss]").click();
  said.log = chart.querySelector("[data-axis]").disabled === false;
  var places = Array.from(chart.querySelectorAll(".lab")).map(function (t) { return t.getBoundingClientRect(); });
  said.labels = places.length;
  said.overlap = places.some(function (a, i) {
    return places.some(function (b, j) { return i < j && a.top < b.bottom - 3 && b.top < a.bottom - 3; });
  });

  var table = document.querySelector("table.sortable"), head = table.tHead.rows[0].cells[0];
  var button = head.querySelector("button");
  function cells() { return Array.from(table.tBodies[0].rows).map(function (r) { return r.cells[0].textContent; }); }
  said.before = cells();
  button.click();
  said.up = cells();
  said.sort = head.getAttribute("aria-sort");
  button.click();
  said.down = cells();
  said.light = getComputedStyle(document.body).backgroundColor;
  document.querySelector("#theme input[value=dark]").click();
  said.dark = getComputedStyle(document.body).backgroundColor;
  var images = Array.from(document.images);
  images.forEach(function (i) { i.loading = "eager"; });
  var ok = await Promise.all(images.map(function (i) {
    return i.decode().then(function () { return true; }, function () { return false; });
  }));
  said.broken = ok.filter(function (x) { return !x; }).length;
  parent.postMessage(JSON.stringify(said), "*");
});
"""

FRAME = """<!doctype html><html><body style="margin:0"><script>
addEventListener("message", function (e) {
  document.documentElement.setAttribute("data-probe", e.data);
  document.dispatchEvent(new Event("probed"));
});
</script><iframe src="probed.html" style="border:0;width:%dpx;height:900px"></iframe></body></html>"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("page")
    store_of(folder / "results", [registry.load_study("scaling"), registry.load_study("input-range")], seeds=(0, 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sections, "all_concepts", lambda *_: [])
        yield report.build(str(folder / "results"), folder / "out")


def dom(browser: str, page: Path, profile: Path, *more: str) -> tuple[str, str]:
    """The document as it stands after its scripts have run, and what the browser complained of."""
    command = [
        browser,
        *FLAGS,
        "--enable-logging=stderr",
        f"--user-data-dir={profile}",
        "--virtual-time-budget=20000",
        *more,
        "--dump-dom",
    ]
    done = subprocess.run([*command, page.as_uri()], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout, "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)


async def answer_of(browser: str, frame: Path, profile: Path) -> str:
    """What the probe in a frame's page answers, once it has."""
    async with tab(browser, profile, width=1400) as page:
        await page.open(frame.as_uri())
        return str(await page.until("document.documentElement.getAttribute('data-probe')", event="probed"))


def probed(browser: str, page: Path, profile: Path, width: int) -> dict[str, Any]:
    """What the probe finds in a window of that width."""
    digest = base64.b64encode(hashlib.sha256(PROBE.encode()).digest()).decode()
    text = page.read_text().replace("script-src '", f"script-src 'sha256-{digest}' '")
    text = text.replace("</body>", f"<script>{PROBE}</script></body>")
    (page.parent / "probed.html").write_text(text)
    frame = page.parent / "frame.html"
    frame.write_text(FRAME % width)
    values = json.loads(asyncio.run(answer_of(browser, frame, profile)))
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
    assert found["wideOpen"] == [] and found["scrollOpen"] <= width, "with every fold open"
    assert found["broken"] == 0
    assert found["sort"] == "ascending" and found["up"] == sorted(found["before"])
    assert found["down"] == found["up"][::-1]
    assert found["light"] != found["dark"]
    assert found["folded"] == (width == 390)
    assert found["landed"] and found["trials"] == [True, True], "a number leads to the trials of its arm alone"


def test_the_curves_answer_to_keys_and_toggles(chromium: str, page: Path, tmp_path: Path) -> None:
    found = probed(chromium, page, tmp_path, 1280)
    assert found["undrawn"] == 0, "a chart in a fold waits until the fold opens"
    assert found["lines"] == 4, "two arms, training and validation"
    assert len(found["named"]) == 4, "each line has a name at its end"
    assert sum(name.endswith(", training") for name in found["named"]) == 2
    assert found["first"] == "Epoch 1" and found["next"] == "2" and found["moved"] != found["last"]
    assert found["fewer"] == 2 and found["log"]
    assert found["labels"] >= 2 and not found["overlap"]


def test_without_script_all_but_the_curves_is_there(chromium: str, page: Path, tmp_path: Path) -> None:
    still = page.parent / "still.html"
    still.write_text(re.sub(r"<script>.*?</script>", "", page.read_text(), flags=re.DOTALL))
    shown, complaints = dom(chromium, still, tmp_path)
    assert complaints == "" and 'class="ctl" hidden' in shown
    assert shown.count('class="eff s-sym"') == shown.count('class="eff s-lin"') > 0
    assert re.search(r'<td class="number"><a href="#[^"]+">[\d.]+ to [\d.]+</a></td>', shown)


MAX_CHAPTER_BYTES, MAX_STUDY_BYTES = 4_000_000, 1_000_000
"""Of a page without the files beside it."""
MAX_HEIGHT = 12_000
"""Pixels of a page 1440 wide, its details folded."""


async def barriers_of(browser: str, page: Path, profile: Path, widths: Iterable[int] = (1280, 390)) -> list[str]:
    """What axe-core finds on a page, in windows of some widths."""
    found = []
    async with tab(browser, profile) as shown:
        for width in widths:
            await shown.width(width)
            await shown.open(page.as_uri())
            found += [f"{width} px wide, {line}" for line in await shown.barriers()]
    return found


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of two studies: thirty arms with names of 64 letters without a space, and arms that stand still."""
    folder = tmp_path_factory.mktemp("crowd")
    arms = tuple(Arm(name=f"arm-{i:02d}-" + "WM" * 28, change={"lr": 0.001 * (i + 1)}) for i in range(30))
    drawn: tuple[Figure, ...] = ("curves", "lr", "parameters", "activations")
    title = "Thirty " + "WM" * 40
    crowd = Study(name="x" * 64, title=title, question="Which?", knobs=("lr",), epochs=3, arms=arms, figures=drawn)
    store = store_of(folder / "results", [crowd], (0, 1), endings={(arms[3].name, 1): ("diverged", 2)})
    few = (Arm(name="a"), Arm(name="b", change={"lr": 0.2}))
    still = dataclasses.replace(crowd, name="still", arms=few, baseline="a")
    fill(store, [dataclasses.replace(r, epochs=r.epochs.replace(val_loss=(2.0,) * 3)) for r in records(still, (0, 1))])
    store.studies.freeze(still)
    return report.build(str(folder / "results"), folder / "out")


def test_axe_finds_nothing(chromium: str, page: Path, crowd: Path, tmp_path: Path) -> None:
    for number, one in enumerate((page, crowd)):
        assert asyncio.run(barriers_of(chromium, one, tmp_path / str(number))) == []


def test_a_studys_files_have_its_claims(page: Path) -> None:
    files = re.findall(r'id="[^"]+-files".*?</details>', page.read_text(encoding="utf-8"), re.DOTALL)
    assert any('href="tables/claims.csv"' in fold for fold in files)
    assert (page.parent / "tables" / "claims.csv").is_file()


def test_a_page_of_studies_of_ones_own_can_be_mailed(page: Path, crowd: Path) -> None:
    assert max(one.stat().st_size for one in (page, crowd)) <= MAX_STUDY_BYTES


async def height_of(browser: str, page: Path, profile: Path) -> int:
    """How many pixels high a page is as it opens, 1440 wide."""
    async with tab(browser, profile) as shown:
        await shown.width(1440)
        await shown.open(page.as_uri())
        return int(await shown.ask("document.documentElement.scrollHeight"))


@pytest.mark.e2e
@pytest.mark.parametrize("results", ["chapter", "search-sgd-adam"])
def test_axe_finds_nothing_on_the_chapters_page_and_on_that_of_a_search(
    chromium: str, results: str, tmp_path: Path
) -> None:
    built = report.build(f"results/{results}", tmp_path / "out")
    assert built.stat().st_size <= (MAX_CHAPTER_BYTES if results == "chapter" else MAX_STUDY_BYTES)
    assert asyncio.run(height_of(chromium, built, tmp_path / "height")) <= MAX_HEIGHT
    assert asyncio.run(barriers_of(chromium, built, tmp_path / "profile", (1280,))) == []
