"""`make site` builds the documents as a site that needs no network, with every command and every decision in it."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import typer

import study
from study.cli import main as cli
from tests import browser
from trainables.config.trial_config import KNOBS

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as `make site` builds it: a link that leads nowhere is an error."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_every_command_and_every_knob_is_in_the_reference(site: Path) -> None:
    commands: dict[str, object] = typer.main.get_command(cli.app).commands  # type: ignore[attr-defined]
    page = (site / "reference/command-line.html").read_text()
    assert [c for c in commands if f"study {c}</h2>" not in re.sub(r"<a class=\"headerlink.*?</a>", "", page)] == []
    knobs = (site / "reference/knobs.html").read_text()
    assert [k for k in KNOBS if f"<code>{k}</code>" not in knobs] == []


def test_study_files_and_python_are_in_the_reference(site: Path) -> None:
    page = (site / "reference/study-file.html").read_text()
    assert [f for f in ("from_seed", "family", "warm_start", "unequal_epochs") if f"<code>{f}</code>" not in page] == []
    page = (site / "reference/python.html").read_text()
    assert [n for n in study.__all__ if f"study.{n}<" not in page] == []


def test_the_reference_is_written_for_a_reader(site: Path) -> None:
    def of(page: str) -> str:
        return (site / f"reference/{page}.html").read_text()

    assert "{'" not in of("study-file") + of("knobs"), "defaults stand as a study file has them"
    assert "not-enough-seeds" in of("python")
    assert of("python").index('id="studyrun"') < of("python").index('id="studyarm"')
    assert "Args:" not in of("python")
    assert "STUDY_DATA_DIR" in of("command-line")
    assert "faults.html#exit-codes" in of("command-line")


def test_every_document_is_a_page(site: Path) -> None:
    pages = [path.relative_to(ROOT / "docs").with_suffix(".html") for path in (ROOT / "docs").rglob("*.md")]
    assert [str(page) for page in pages if not (site / page).is_file()] == []
    assert (site / "decisions/index.html").read_text().count(".html") > len(
        list((ROOT / "docs/decisions").glob("*.md"))
    )


def test_the_tutorial_is_offered_as_a_notebook(site: Path) -> None:
    link = re.search(r'<a [^>]*href="([^"]+)"[^>]*>\s*<code>tutorial.ipynb', (site / "tutorial.html").read_text())
    assert link is not None and 'download="tutorial.ipynb"' in link[0]
    offered = nbformat.read(site / link[1], as_version=4)
    nbformat.validate(offered)
    assert "study run width.yaml" in "".join(cell["source"] for cell in offered["cells"])


def test_it_fetches_nothing_from_elsewhere(site: Path) -> None:
    for page in ("index.html", "guides/faults.html"):
        loaded = re.findall(r"<(?:script|link|img)\b[^>]*?(?:src|href)=\"(https?:[^\"]+)", (site / page).read_text())
        assert loaded == []
    assert (site / "search/search_index.js").is_file(), "search without a server"


def test_every_picture_is_there_and_small(site: Path) -> None:
    for page in ("gallery.html", "guides/reading-the-report.html"):
        for source in re.findall(r"<img[^>]*? src=\"([^\"]+)", (site / page).read_text()):
            assert (site / page).parent.joinpath(source).stat().st_size < 200_000, source


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("asked", "page"),
    [
        ("damaged checkpoint", "decisions/own-records.html"),
        ("npz", "guides/data.html"),
        ("csv table", "guides/own-table.html"),
        ("resume", "guides/resuming.html"),
        ("share report", "guides/reading-the-report.html"),
        ("share a report", "guides/reading-the-report.html"),
        ("folder of images", "guides/data.html"),
        ("own model", "limits.html"),
        ("custom model", "limits.html"),
        ("cnn", "limits.html"),
        ("jupyter", "guides/python.html"),
        ("ctrl-c", "guides/resuming.html"),
        ("install", "index.html"),
        ("citation", "guides/reading-the-report.html"),
        ("confidence interval", "verdicts.html"),
    ],
)
def test_search_finds_a_page_without_a_server(site: Path, chromium: str, tmp_path: Path, asked: str, page: str) -> None:
    async def ask() -> str:
        async with browser.tab(chromium, tmp_path / "profile") as tab:
            await tab.open((site / "index.html").as_uri())
            await tab.ask("document.querySelector('.md-search__input').focus()")
            await tab.call("Input.insertText", text=asked)
            found = await tab.ask(
                "new Promise(done => { const look = () => {"
                " const found = [...document.querySelectorAll('.md-search-result__item a')].map(a => a.href).join(' ');"
                " if (found) done(found); else requestAnimationFrame(look); }; look(); })"
            )
            assert tab.complaints == []
            return str(found)

    found = asyncio.run(ask()).split()
    first = list(dict.fromkeys(link.partition("#")[0].partition("?")[0] for link in found))[:3]
    assert any(link.endswith(page) for link in first), first


@pytest.mark.e2e
def test_light_and_dark_follow_the_system_until_a_reader_chooses(site: Path, chromium: str, tmp_path: Path) -> None:
    """What the first page was shown in stayed for good, also when the system went dark."""
    schemes = []

    async def read() -> None:
        async with browser.tab(chromium, tmp_path / "profile") as tab:
            for scheme in ("light", "dark", "light"):
                wanted = [{"name": "prefers-color-scheme", "value": scheme}]
                await tab.call("Emulation.setEmulatedMedia", features=wanted)
                await tab.open((site / "index.html").as_uri())
                schemes.append(await tab.ask("document.body.getAttribute('data-md-color-scheme')"))
            await tab.ask("document.querySelector('label[for=__palette_2]').click()")  # from light to dark
            await tab.open((site / "limits.html").as_uri())
            schemes.append(await tab.ask("document.body.getAttribute('data-md-color-scheme')"))

    asyncio.run(read())
    assert schemes == ["default", "slate", "default", "slate"]
