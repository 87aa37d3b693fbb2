"""What the tests do on the laptop: Ray's and our command line, and looking into the bucket."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.hosts import Net

PYTHON = "/root/venv/bin/python"
PROJECT = "/root/project"

LOOK = """
import json, sys
from study.store import Store
store = Store(sys.argv[1])
print(json.dumps({
    "checkpoints": store.folder.names("checkpoints", deep=True),
}))
"""


@dataclass
class Laptop:
    """A machine with the checkout, from which clusters are run."""

    net: Net
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

    def training(self, results: str) -> set[str]:
        """Trials that have left a checkpoint and are not over."""
        return {str(name).split("/")[1] for name in self.look(results)["checkpoints"]}

    def assert_same(self, results: str, undisturbed: Path) -> None:
        """`study diff` finds nothing between a folder and one of the real machine: the same to the last bit."""
        folder = self.net.home(self.name) / "undisturbed"
        shutil.copytree(undisturbed, folder)
        self.study("diff", "/root/undisturbed", results)

    def look(self, results: str) -> dict[str, Any]:
        """What a results folder holds; empty where there is none yet."""
        done = self.net.run(self.name, PYTHON, "-c", LOOK, results, check=False, cwd=PROJECT)
        if done.returncode:
            return {"checkpoints": []}
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found


def wait_until(what: str, so: Callable[[], object], seconds: float, log: Path | None = None) -> float:
    """Wait until something is so; returns how long it took.

    Raises:
        AssertionError: it was not, in time; with the end of the log.
    """
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if so():
            return time.monotonic() - began
        time.sleep(0.5)
    text = log.read_text(errors="replace")[-4000:] if log and log.exists() else ""
    raise AssertionError(f"not within {seconds:g} s: {what}\n{text}")
