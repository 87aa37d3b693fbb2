"""`study live` in a real browser while a study trains: it follows, keeps what a reader chose, says how it ended."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.browser import Tab, tab

pytestmark = pytest.mark.e2e

STUDY = """\
name: tiny
title: A learning rate
question: Does a larger rate help?
knobs: [lr]
epochs: {epochs}
base: {{data: tiny, batch_size: 25, hidden: [8]}}
arms:
  - {{name: slow, change: {{lr: 0.01}}}}
  - {{name: fast, change: {{lr: 0.1}}}}
claims:
  - id: tiny-1
    statement: It learns.
    from_seed: {from_seed}
    parts: [{{form: level, quantity: {{arm: slow, metric: val_accuracy}}, low: 0.1}}]
"""
SHOWN, SAID = "report:shown", "report:said"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    chance = np.random.default_rng(0)
    images, labels = chance.integers(0, 256, (300, 4, 4), dtype=np.uint8), np.arange(300) % 3
    np.savez(
        tmp_path / "tiny.npz",
        train_images=images[:250], train_labels=labels[:250], val_images=images[250:], val_labels=labels[250:],
    )  # fmt: skip
    return tmp_path


def command(folder: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "study.cli", *words]


def run(folder: Path, epochs: int, seeds: int, from_seed: int = 0) -> subprocess.Popen[bytes]:
    (folder / "tiny.yaml").write_text(STUDY.format(epochs=epochs, from_seed=from_seed))
    words = ["run", str(folder / "tiny.yaml"), "--data-dir", str(folder), "--results", str(folder / "r")]
    words += ["--seeds", str(seeds), "--executor", "inline"]
    return subprocess.Popen(command(folder, *words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.fixture
def address(folder: Path) -> Iterator[str]:
    """Of a live page; one seed has been trained before."""
    assert run(folder, 60, 1).wait(300) == 0
    process = subprocess.Popen(command(folder, "live", str(folder / "r")), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    yield process.stdout.readline().strip()
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0, "Ctrl-C ends it, and that is no error"


async def followed(page: Tab, state: str) -> None:
    await page.until(f"document.getElementById('live').dataset.state === '{state}'", SAID)


def test_it_follows_a_run_to_its_end(chromium: str, folder: Path, address: str, tmp_path: Path) -> None:
    async def watched() -> None:
        async with tab(chromium, tmp_path / "profile") as page, tab(chromium, tmp_path / "other") as other:
            await page.open(address)
            await other.open(address)
            assert "token" not in await page.ask("location.href"), "the key does not stay in the address"
            await followed(page, "over")
            assert await page.ask("document.querySelectorAll('.all-trials tbody tr').length") == 2
            assert await page.barriers() == []
            await page.ask(
                "(() => { document.querySelector('.all-trials').closest('details').open = true;"
                " document.querySelector('.curves [data-arm]').click();"
                " document.querySelector('.all-trials th button').click();"
                " const s = document.querySelector('[data-filter]'); s.value = 'fast'; s.onchange();"
                " document.querySelector('.curves [data-measure=loss]').click();"
                " document.querySelector('.curves [data-arm=\"1\"]').focus(); })()"
            )
            assert "interval" not in await page.ask("document.querySelector('.curves > .note').textContent"), "one seed"
            process = run(folder, 60, 4)
            await page.until("document.querySelectorAll('.all-trials tbody tr').length === 8")
            await followed(page, "over")
            await page.until("!document.querySelector('.so-far')")
            rows = "Array.from(document.querySelectorAll('.all-trials tbody tr')).filter(r => !r.hidden)"
            assert await page.ask(f"{rows}.map(r => r.dataset.arm)") == ["fast"] * 4, "the filter stays"
            assert await page.ask("document.querySelector('.all-trials').closest('details').open"), "the fold too"
            assert (
                await page.ask("document.querySelector('.all-trials [aria-sort]').getAttribute('aria-sort')")
                == "ascending"
            )
            assert await page.ask("document.querySelector('.curves [data-arm]').checked") is False
            assert await page.ask("document.querySelector('.curves [data-measure]:checked').dataset.measure") == "loss"
            assert await page.ask("document.querySelector('.curves [data-unit]').textContent") == "loss, nats"
            said = await page.ask("document.querySelector('.curves > .note').textContent")
            assert "interval of its mean" in said, "a band has come in, and the note says what it is"
            assert await page.ask("document.activeElement.dataset.arm") == "1", "the keyboard goes on where it was"
            await other.until("document.querySelectorAll('.all-trials tbody tr').length === 8")
            assert page.complaints == other.complaints == []
            assert process.wait(300) == 0

    asyncio.run(watched())


def test_a_run_under_way_and_interrupted(chromium: str, folder: Path, address: str, tmp_path: Path) -> None:
    async def watched() -> None:
        async with tab(chromium, tmp_path / "profile") as page:
            await page.open(address)
            process = run(folder, 100_000, 1, from_seed=1)  # after other epochs it is another claim
            await page.until(
                "Array.from(document.querySelectorAll('.all-trials td')).some(c => c.textContent === 'running')"
            )
            assert "Verdicts are so far" in await page.ask("document.getElementById('live').textContent")
            first = await page.ask("JSON.parse(document.querySelector('[data-curves]').dataset.curves).arms.length")
            assert first >= 1 and await page.ask("document.querySelectorAll('.curves path.ln').length") >= 2
            process.send_signal(signal.SIGINT)
            await followed(page, "interrupted")
            said = "document.querySelector('#live-command {}').textContent"
            assert await page.ask(said.format("span")) == "This goes on:"
            assert (await page.ask(said.format("code"))).startswith("study run "), "the command alone, to be pasted"
            assert page.complaints == []
            assert process.wait(60) == 130

    asyncio.run(watched())


def test_it_says_that_the_line_is_lost_and_finds_it_again(chromium: str, folder: Path, tmp_path: Path) -> None:
    """The server ends, and another one at the same place answers to the same key."""
    from study.app.live_server import LiveServer
    from study.app.live_watch import LiveWatch

    assert run(folder, 5, 1).wait(300) == 0

    async def watched() -> None:
        import threading

        watch = LiveWatch(str(folder / "r"))
        server = LiveServer(watch)
        watch.start()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        async with tab(chromium, tmp_path / "profile") as page:
            await page.open(server.address)
            await followed(page, "over")
            port, token = server.server_port, server.token
            server.shutdown()
            server.server_close()
            watch.stop()
            await followed(page, "lost")
            watch = LiveWatch(str(folder / "r"))
            server = LiveServer(watch, port)
            server.token = token
            watch.start()
            threading.Thread(target=server.serve_forever, daemon=True).start()
            await followed(page, "over")
            server.shutdown()
            server.server_close()
            watch.stop()

    asyncio.run(watched())


def test_damage_is_said_in_the_page(chromium: str, folder: Path, address: str, tmp_path: Path) -> None:
    async def watched() -> None:
        async with tab(chromium, tmp_path / "profile") as page:
            await page.open(address)
            await followed(page, "over")
            head = folder / "r" / "study-results.json"
            text = head.read_text()
            head.write_text("{")
            os.utime(head)
            (folder / "r" / "runs" / "x.json").write_text("{")
            await page.until("document.body.textContent.includes('This folder cannot be shown')")
            head.write_text(text)
            (folder / "r" / "runs" / "x.json").unlink()
            await page.until("document.querySelector('.curves')")
            assert page.complaints == []

    asyncio.run(watched())
