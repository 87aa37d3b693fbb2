"""The page as a browser prints it: what stands together stays together, and a table that goes on has its head again."""

from __future__ import annotations

import asyncio
import base64
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from analysis import report
from study.spec.study import Arm, Study
from tests.analysis.stores import store_of
from tests.browser import tab

PAPER_PIXELS = 695
"""Between the margins of a page of A4."""


def studies() -> list[Study]:
    """Six, of two to twelve arms, so that pages end at many places."""
    return [
        Study(
            name=f"s{n}", title=f"Study {n}", question="Which?", knobs=("lr",), epochs=3,
            arms=tuple(Arm(name=f"arm-{i}", change={"lr": 0.001 * (i + 1) + n}) for i in range(2 * n + 2)),
        )
        for n in range(6)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("paper")
    store_of(folder / "results", studies(), seeds=range(5))
    return report.build(str(folder / "results"), folder / "out")


async def printed(browser: str, page: Path, profile: Path) -> tuple[bytes, list[str]]:
    """The page with all its folds open as a PDF, and its headings."""
    async with tab(browser, profile) as shown:
        await shown.open(page.as_uri())
        await shown.unfold(all_of_them=True)
        said = await shown.call("Page.printToPDF", printBackground=False, preferCSSPageSize=True)
        heads = "Array.from(document.querySelectorAll('h2, h3, h4, h5, summary, caption')).map(h => h.innerText)"
        return base64.b64decode(said["data"]), list(await shown.ask(heads))


def plain(text: str) -> str:
    return " ".join(text.split())


def test_a_table_that_goes_on_has_its_head_again_and_no_heading_ends_a_page(
    chromium: str, page: Path, tmp_path: Path
) -> None:
    """Of 64 pages of the chapter 12 had the head of their table, and a chart's heading stood at the end of some."""
    content, headings = asyncio.run(printed(chromium, page, tmp_path / "profile"))
    assert content[:5] == b"%PDF-"
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext on this machine: install poppler-utils to read what was printed")
    paper = tmp_path / "page.pdf"
    paper.write_bytes(content)
    done = subprocess.run(["pdftotext", "-layout", str(paper), "-"], capture_output=True, text=True, check=True)
    pages = [text for text in done.stdout.split("\f") if text.strip()]
    trials = [text for text in pages if len(re.findall(r"finished +3 of 3", text)) > 1]
    assert len(trials) > 6, "some tables of trials go on"
    assert all("Processor" in text for text in trials), "the head of the last column"
    alone = {plain(line) for heading in headings for line in heading.splitlines()} | {"Gap, points", "Effects"}
    for text in pages:
        *_, last = (line for line in text.splitlines() if line.strip())
        assert plain(last) not in alone and not last.strip().startswith("Change against"), text[-400:]


def test_everything_fits_the_width_of_the_paper_with_all_folds_open(chromium: str, page: Path, tmp_path: Path) -> None:
    """A table of fourteen columns was half as wide again, and the browser shrank every page to two thirds."""

    async def width() -> object:
        async with tab(chromium, tmp_path) as shown:
            await shown.width(PAPER_PIXELS)
            await shown.open(page.as_uri())
            await shown.unfold(all_of_them=True)
            await shown.call("Emulation.setEmulatedMedia", media="print")
            return await shown.ask("document.documentElement.scrollWidth")

    found = asyncio.run(width())
    assert isinstance(found, int) and found <= PAPER_PIXELS


async def on_paper(browser: str, page: Path, profile: Path, expression: str) -> object:
    """What an expression gives where the page is laid out for printing."""
    async with tab(browser, profile) as shown:
        await shown.open(page.as_uri())
        await shown.ask("document.querySelector('details.study').open = true")
        await shown.call("Emulation.setEmulatedMedia", media="print")
        return await shown.ask(expression)


def test_a_study_on_paper_has_a_heading_and_no_room_below_that_would_be_a_page(
    chromium: str, page: Path, tmp_path: Path
) -> None:
    """Without the sign of the fold the heading fell into its column: a letter a line."""
    study = "document.querySelector('details.study[open]')"
    width = f"{study}.querySelector('summary h3').getBoundingClientRect().width"
    wide = asyncio.run(on_paper(chromium, page, tmp_path / "a", width))
    assert isinstance(wide, int | float) and wide > 200
    below = asyncio.run(on_paper(chromium, page, tmp_path / "b", f"getComputedStyle({study}).paddingBottom"))
    assert below == "0px"


CHART = """
(async () => {
  const plot = document.querySelector(".plot"), size = () => plot.querySelector("svg").getAttribute("viewBox");
  dispatchEvent(new Event("beforeprint"));
  const paper = size();
  dispatchEvent(new Event("afterprint"));
  return [paper, size() !== paper];
})()
"""


def test_a_chart_is_drawn_for_paper_and_then_for_the_screen_again(chromium: str, page: Path, tmp_path: Path) -> None:
    """It had the size of the screen, and left half a page white before it."""

    async def sizes() -> object:
        async with tab(chromium, tmp_path) as shown:
            await shown.open(page.as_uri())
            await shown.unfold(all_of_them=True)
            return await shown.ask(CHART)

    assert asyncio.run(sizes()) == ["0 0 690 260", True]


def test_a_studys_heading_and_answer_stand_on_the_page_of_its_chart(chromium: str, page: Path, tmp_path: Path) -> None:
    """Three studies of the chapter ended a page with their answer, and began the next with their chart."""
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext on this machine: install poppler-utils to read what was printed")

    async def paper(room: int) -> bytes:
        """With so many pixels above the studies, so that pages end elsewhere."""
        async with tab(chromium, tmp_path / str(room)) as shown:
            await shown.open(page.as_uri())
            await shown.ask("document.querySelectorAll('details.study').forEach(study => { study.open = true; })")
            await shown.ask(f"document.getElementById('studies').style.setProperty('padding-top', '{room}px')")
            said = await shown.call("Page.printToPDF", printBackground=False, preferCSSPageSize=True)
            return base64.b64decode(said["data"])

    for room in (0, 150, 300):
        file = tmp_path / f"{room}.pdf"
        file.write_bytes(asyncio.run(paper(room)))
        done = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, text=True, check=True)
        pages = done.stdout.removesuffix("\f").split("\f")
        assert all(text.strip() for text in pages), "no page is empty"
        heads = [len(re.findall(r"\d arms, 5 seeds", text)) for text in pages]
        assert sum(heads) == 6 and heads == [len(re.findall("Validation accuracy ends", text)) for text in pages]
