"""Nothing is left of a run, whichever of its processes dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from study.execution import orphans
from tests.waiting import wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are found by /proc")


def reapers(mark: str) -> set[int]:
    """Children of this process that were called with that mark; a child that ends meanwhile may hide others from it."""
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    seen = {int(pid) for _ in range(5) for pid in children.read_text().split()}
    return {pid for pid in seen if Path(f"/proc/{pid}").exists() and mark in Path(f"/proc/{pid}/cmdline").read_text()}


def test_where_the_reaper_itself_is_killed_the_driver_tidies_up(tmp_path: Path) -> None:
    folder = tmp_path / "scratch"
    folder.mkdir()
    with orphans.ended_with_driver(str(folder)):
        mark = os.environ[orphans.VARIABLE]
        left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        wait_until("the reaper is seen", lambda: reapers(mark), 20, every=0.01)
        (reaper,) = reapers(mark)
        os.kill(reaper, signal.SIGKILL)
    assert not folder.exists() and left.wait(timeout=10) != 0


def test_what_cannot_be_ended_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that waits for a dead disk outlives SIGKILL."""
    sent: list[int] = []
    monkeypatch.setattr(orphans, "marked_processes", lambda *_: {12_345})
    monkeypatch.setattr(os, "kill", lambda _, number: sent.append(number))
    orphans.end_processes("mark", patience=0.05)
    assert sent[0] == signal.SIGTERM and sent[-1] == signal.SIGKILL
