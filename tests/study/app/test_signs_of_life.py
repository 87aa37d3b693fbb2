"""A run goes on for whoever looks, whatever its clock says and whosever process it is."""

from __future__ import annotations

import platform
import time
from dataclasses import replace

import pytest

from study.app import signs_of_life
from study.app.signs_of_life import SignsOfLife
from study.app.snapshot import Snapshot


def elsewhere(behind: float, host: str = "another", pid: int = 0) -> Snapshot:
    """What a run on another machine wrote just now, by a clock that is so many seconds behind ours."""
    now = time.time() - behind
    there = Snapshot("small", now - 60, now, (1, 2), (0, 1), 0, 0, 3.0, "", (), "", (), (), "")
    return replace(there, state="running", host=host, pid=pid)


def test_whoever_looks_again_and_again_hears_of_a_silence() -> None:
    now = [0.0]
    signs, run = SignsOfLife(lambda: now[0]), elsewhere(7200.0)
    assert not signs.goes_on(run) and signs.goes_on(replace(run, now=run.now + 2))
    now[0] = signs_of_life.SILENT_SECONDS + 1
    assert not signs.goes_on(replace(run, now=run.now + 2)) and signs.goes_on(replace(run, now=run.now + 4))
    assert not signs.goes_on(replace(run, now=run.now + 6, state="interrupted"))


def test_another_users_run_on_this_machine_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system does not let us send its process anything, but says that it is there."""

    def kill(pid: int, number: int) -> None:
        raise PermissionError if pid == 7 else ProcessLookupError

    monkeypatch.setattr("study.app.signs_of_life.os.kill", kill)
    there = elsewhere(1.0, host=platform.node(), pid=7)
    assert SignsOfLife().goes_on(there) and not SignsOfLife().goes_on(replace(there, pid=8))
