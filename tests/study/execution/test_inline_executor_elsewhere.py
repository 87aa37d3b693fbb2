"""A system that is not Linux: no /proc, no affinity, no forks. A stand-in for a Mac, which no test here runs on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SHIM = """
import io, os, pathlib, sys

del os.sched_getaffinity
real = io.open


def refused(file, *given, **more):
    if isinstance(file, (str, os.PathLike)) and os.fspath(file).startswith(("/proc", "/sys/fs")):
        raise FileNotFoundError(2, "no such file", os.fspath(file))
    return real(file, *given, **more)


io.open = refused
pathlib.Path.open.__globals__["io"].open = refused


def no_fork(*_):
    raise AssertionError("a fork")


os.fork = no_fork
"""


@pytest.mark.e2e
def test_the_demo_needs_nothing_of_linux(tmp_path: Path) -> None:
    start = SHIM + "from study.cli.main import entry\nsys.argv = ['study', 'demo', 'digits']\nentry()"
    done = subprocess.run([sys.executable, "-c", start], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "15 trials trained" in done.stdout and "in this process" in done.stderr
    assert (tmp_path / "results/digits/report/index.html").is_file()
