"""Programs of ours as forks of one process that has imported what they use: most of what a short run costs is imports.

Each is a process of its own, with a session, an environment, a folder, an output and an end of its own, as
`python -m MODULE` starts it. Whoever tests how a command starts, starts it itself.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Protocol

IMPORTED = [
    "analysis.claims.verdicts",
    "study.app.run_studies",
    "study.cli.main",
    "study.cli.plan_text",
    "study.execution.inline_executor",
    "trainables.jobs.job_runner",
]
"""What a run in its own process imports, PyTorch and pandas with it: once, before the forks."""


class Program(Protocol):
    """A program that a test started: `subprocess.Popen` is one."""

    @property
    def pid(self) -> int: ...

    @property
    def returncode(self) -> int | None: ...

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...

    def send_signal(self, sig: int) -> None: ...

    def kill(self) -> None: ...


@dataclass(frozen=True)
class Start:
    """What a program is started with."""

    module: str
    words: list[str]
    environment: dict[str, str]
    folder: Path
    output: Path
    """Takes what it prints, after what is there."""


class Forked:
    """A program that was forked, with the names that `subprocess.Popen` has for it."""

    def __init__(self, process: BaseProcess) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0.0)
        return self._process.exitcode

    def send_signal(self, sig: int) -> None:
        if self._process.exitcode is None:
            os.kill(self.pid, sig)

    def kill(self) -> None:
        self._process.kill()


def start(module: str, words: list[str], environment: Mapping[str, str], folder: Path, output: Path) -> Forked:
    """Start `python -m module words...` as a fork."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(IMPORTED)
    output.touch()
    what = Start(module, words, dict(environment), folder, output)
    process = context.Process(target=_run, args=(what,), name=module, daemon=True)
    process.start()
    return Forked(process)


def _run(what: Start) -> None:
    """Within the fork: become the program, to its end."""
    os.setsid()
    with Path(os.devnull).open("rb") as nothing, what.output.open("ab") as output:
        for stream, number in ((nothing, 0), (output, 1), (output, 2)):
            os.dup2(stream.fileno(), number)
    for words in (sys.stdout, sys.stderr):
        words.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    os.environ.clear()
    os.environ.update(what.environment)
    os.chdir(what.folder)
    sys.argv = [what.module, *what.words]
    runpy.run_module(what.module, run_name="__main__", alter_sys=True)
