"""Ray's scheduler is watched while Ray starts, too."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from study.execution import start_watch

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs /proc")


DRIVER = """
import os, signal, subprocess, sys, time
from study.execution import scheduler_watch, start_watch
how, server, quick = sys.argv[1:]
start_watch.__file__ = quick
with scheduler_watch.watched_from_outside() as outside, outside.while_it_starts():
    child = subprocess.Popen([server, "60"])
    while not os.path.exists(server + ".seen"):
        time.sleep(0.01)
    child.kill() if how != "well" else None
    os._exit(1) if how == "at once" else time.sleep(30 if how == "late" else 0)
child.kill()
print("it started")
"""


QUICK = """
import dataclasses, sys
from pathlib import Path
from types import SimpleNamespace
sys.path.insert(0, {folder!r})
import start_watch
own = start_watch.child_of
def child_of(driver, name):
    if (found := own(driver, name)) is not None:
        Path({beside!r}, name + ".seen").touch()
    return found
start_watch.child_of = child_of
start_watch.SERVERS = tuple(dataclasses.replace(s, noticed_within=0.3) for s in start_watch.SERVERS)
start_watch.main(int(sys.argv[1]), int(sys.argv[2]))
"""


@pytest.mark.e2e  # a process that waits for another, twice
@pytest.mark.parametrize(("name", "words"), [("raylet", "the raylet"), ("gcs_server", "the GCS")])
@pytest.mark.parametrize(("how", "code"), [("late", 5), ("at once", 1), ("well", 0)])
def test_while_ray_starts(tmp_path: Path, name: str, words: str, how: str, code: int) -> None:
    server, quick = tmp_path / name, tmp_path / "quick.py"
    shutil.copy(shutil.which("sleep") or "", server)
    quick.write_text(QUICK.format(folder=str(Path(start_watch.__file__).parent), beside=str(tmp_path)))
    run = subprocess.run(
        [sys.executable, "-c", DRIVER, how, str(server), str(quick)], capture_output=True, text=True, timeout=60
    )
    assert run.returncode == code, run.stderr
    if how == "well":
        assert run.stdout == "it started\n" and not run.stderr
    else:
        assert words in run.stderr and "the same command goes on from here" in run.stderr and not run.stdout


def test_each_time_more_connections_are_there_than_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ray's own may have come above those that were there; the kernel closes the highest number first."""
    made: list[str] = []

    def line_to(its_socket: str, driver: int, end_signal: int) -> SimpleNamespace:
        made.append(its_socket)
        return SimpleNamespace(close=made.pop)

    monkeypatch.setattr(start_watch, "line_to", line_to)
    monkeypatch.setattr(start_watch, "socket_of", lambda raylet: "its socket")
    watch = start_watch.Watch(1, 5)
    watch.tie_anew()
    assert not made, "no scheduler is known"
    watch._known["raylet"] = 2
    watch.tie_anew()
    for _ in range(2 * start_watch.MAX_LINES):
        watch.tie()
    assert len(made) == start_watch.MAX_LINES
    watch.untie()
    assert not made
    watch.tie_anew()
    assert len(made) == start_watch.MAX_LINES + start_watch.FIRST_LINES


def test_a_scheduler_that_has_ended_its_connections_is_dead_for_a_run_that_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The kernel closes what a dying process holds before it counts as dead, and the run ends in between."""
    own, its = socket.socketpair()
    with own, its:
        monkeypatch.setattr(start_watch, "is_alive", lambda pid: True)
        monkeypatch.setattr(start_watch, "socket_of", lambda raylet: "its socket")
        monkeypatch.setattr(start_watch, "line_to", lambda *_: own)
        watch = start_watch.Watch(1, 5)
        watch._known["raylet"] = 2
        watch.tie()
        assert watch.dead(tied=True, over=True) is None, "its connection stands: the run was ended by something else"
        its.close()
        assert watch.dead(tied=True, over=False) is None
        assert watch.dead(tied=True, over=True) == start_watch.SERVERS[0]
