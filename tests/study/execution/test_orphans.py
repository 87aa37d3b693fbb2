"""Nothing is left of a run, whichever of its processes dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from study.execution import orphans

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are found by /proc")


def test_where_the_reaper_itself_is_killed_the_driver_tidies_up(tmp_path: Path) -> None:
    folder = tmp_path / "scratch"
    folder.mkdir()
    with orphans.ended_with_driver(str(folder)):
        mark = os.environ[orphans.VARIABLE]
        left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        (reaper,) = [
            pid
            for pid in map(int, Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())
            if mark in Path(f"/proc/{pid}/cmdline").read_text()
        ]
        os.kill(reaper, signal.SIGKILL)
    assert not folder.exists() and left.wait(timeout=10) != 0
