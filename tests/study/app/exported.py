"""Results folders to be exported: a study of two arms, one seed of which diverged; and the calls to a tool's server."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from study.spec.study import Arm, Effect, Study
from study.storage.results_folder import ResultsFolder
from tests.analysis.stores import store_of
from tests.waiting import wait_until

SEARCH = Path(__file__).parents[3] / "results" / "search-sgd-adam"

START = """
import sys
from importlib.metadata import entry_points
(entry,) = entry_points(group="console_scripts", name=sys.argv[1])
sys.argv = sys.argv[1:]
sys.exit(entry.load()())
"""
"""Starts an installed program wherever its script lies."""


def rates(**more: Any) -> Study:
    values: dict[str, Any] = {
        "name": "rates", "title": "Learning rates", "question": "Does a larger rate help?", "knobs": ("lr", "hidden"),
        "epochs": 4, "baseline": "slow", "base": {"hidden": (8,)}, "effect": Effect(arm="fast", metric="val_accuracy"),
        "arms": (Arm(name="slow", change={"lr": 0.001}), Arm(name="fast", change={"lr": 0.01}),
                 Arm(name="bare", change={"lr": 0.01, "hidden": ()})),
    }  # fmt: skip
    return Study(**{**values, **more})


def folder(where: Path, *studies: Study) -> ResultsFolder:
    """Three seeds an arm; seed 1 of `bare` diverged in its second epoch."""
    return store_of(where, studies or [rates()], endings={("bare", 1): ("diverged", 2)})


@contextlib.contextmanager
def serving(program: str, *words: str, cwd: Path) -> Iterator[str]:
    """A tool's own server on a free port of this machine; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", START, program, *words, "--host", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ})
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until(f"{program} answers", lambda: _answers(address), 120, of=server, every=0.2)
        yield address
    finally:
        server.terminate()
        server.communicate(timeout=60)


def ask(address: str, body: object = None) -> Any:
    """JSON from a server; NaN is none of JSON."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())


def _answers(address: str) -> bool:
    with contextlib.suppress(OSError):
        urllib.request.urlopen(address, timeout=5).close()
        return True
    return False
