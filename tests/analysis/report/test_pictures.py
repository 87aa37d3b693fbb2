"""Work that is spread over the cores leaves nothing running."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

PROGRAM = """
import os, pathlib, sys, time
from analysis.report import pictures
from study.planning import usable_cores
usable_cores.usable = lambda: 2
def job():
    pathlib.Path(sys.argv[1], str(os.getpid())).touch()
    time.sleep(600)
pictures.run_in_parallel([job, job])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")
def test_workers_end_with_a_report_that_is_killed(tmp_path: Path) -> None:
    report = subprocess.Popen([sys.executable, "-c", PROGRAM, str(tmp_path)], cwd=Path(__file__).parents[3])
    until = time.monotonic() + 60
    while len(list(tmp_path.iterdir())) < 2:
        assert report.poll() is None and time.monotonic() < until
        time.sleep(0.05)
    report.kill()
    report.wait()
    workers = [Path("/proc", p.name) for p in tmp_path.iterdir()]
    while any(w.exists() for w in workers):
        assert time.monotonic() < until, "they live on"
        time.sleep(0.05)
