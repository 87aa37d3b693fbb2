"""What the tests do on the laptop: Ray's and our command line, and looking into the bucket."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.hosts import Net

PYTHON = "/root/venv/bin/python"
PROJECT = "/root/project"

LIST = "import sys, urllib.request as u; sys.stdout.buffer.write(u.urlopen(sys.argv[1], timeout=60).read())"
"""Names in a bucket: without our code, for it is asked again and again while machines need the processor."""


@dataclass
class Laptop:
    """A machine with the checkout, from which clusters are run."""

    net: Net
    bucket: str
    """Its address on the server, for looking."""
    name: str = "laptop"

    def run(self, *words: str, check: bool = True, timeout: float = 600) -> str:
        """A Python module with its arguments, in the project's folder; returns what it printed."""
        return self.net.run(self.name, PYTHON, "-m", *words, check=check, timeout=timeout, cwd=PROJECT).stdout

    def ray(self, *words: str, check: bool = True, timeout: float = 900) -> str:
        """Ray's command line."""
        return self.run("ray.scripts.scripts", *words, check=check, timeout=timeout)

    def study(self, *words: str, check: bool = True, timeout: float = 600) -> str:
        """Our command line."""
        return self.run("study.cli", *words, check=check, timeout=timeout)

    def start(self, *words: str, log: Path) -> subprocess.Popen[bytes]:
        """A Python module with its arguments, not waited for."""
        return self.net.start(self.name, PYTHON, "-m", *words, log=log, cwd=PROJECT)

    def training(self) -> set[str]:
        """Trials that have left a checkpoint and are not over."""
        return self._trials(r"/checkpoints/([0-9a-f]{20})/") - self.finished()

    def finished(self) -> set[str]:
        """Trials whose records lie loose in the bucket."""
        return self._trials(r"/trials/([0-9a-f]{20})-")

    def _trials(self, pattern: str) -> set[str]:
        listed = self.net.run(self.name, PYTHON, "-I", "-S", "-c", LIST, f"{self.bucket}?list-type=2").stdout
        return set(re.findall(rf"<Key>[^<]*{pattern}", listed))

    def assert_same(self, results: str, undisturbed: Path) -> None:
        """`study diff` finds nothing between a folder and one of the real machine: the same to the last bit."""
        folder = self.net.home(self.name) / "undisturbed"
        shutil.copytree(undisturbed, folder)
        self.study("diff", "/root/undisturbed", results)
