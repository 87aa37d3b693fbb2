"""The death of one of Ray's servers has a sentence and the code 5, while Ray starts too. Without Ray."""

from __future__ import annotations

import errno
import fcntl
import os
import resource
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from study.execution import scheduler_watch, start_watch
from study.planning.executor import StopRequest
from tests.waiting import wait_until
from trainables.config.errors import EngineError, StoreError, StudyError

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs /proc")


@pytest.mark.parametrize(("blocks", "files"), [(1, 100), (10_000, 0)])
def test_a_server_that_died_of_a_full_disk_says_so(blocks: int, files: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_TMPDIR", "/scratch/study-x")
    disk = {"f_bavail": blocks, "f_frsize": 4096, "f_files": 100, "f_favail": files}
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(**disk))
    said = start_watch.server_died("its scheduler, the raylet")
    assert "no space is left in /scratch/study-x" in said and "set TMPDIR" in said and "goes on" not in said
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(**disk | {"f_bavail": 10_000, "f_favail": 50}))
    assert "the same command goes on" in start_watch.server_died("its scheduler, the raylet")


LISTENING = """
import ctypes, os, socket, sys
ctypes.CDLL(None).prctl(15, b"raylet", 0, 0, 0)  # its name
path = sys.argv[1].partition("=")[2]
place = socket.socket(socket.AF_UNIX)
place.bind(path + ".new")
place.listen(1000)
os.rename(path + ".new", path)  # who sees it may connect
there = []
while True:
    there.append(place.accept())
"""
AS_RAY = """
import ctypes, socket, subprocess, sys, time
from pathlib import Path
from study.execution import scheduler_watch, start_watch
path, program, when, watching = sys.argv[1:]
if watching:  # a program that takes its time, as on a busy machine
    start_watch.__file__ = watching
c = ctypes.PyDLL(None)  # its calls hold the interpreter, as Ray's do
with scheduler_watch.watched_from_outside() as outside:
    raylet = subprocess.Popen([sys.executable, "-c", program, "--raylet_socket_name=" + path])
    while not Path(path).exists():
        time.sleep(0.01)
    c.signal(5, ctypes.cast(c.abort, ctypes.c_void_p))  # as Ray's C++ does: a handler of its own
    with outside.tied() if when == "connecting" else scheduler_watch.while_it_takes_data():
        own = socket.socket(socket.AF_UNIX)
        own.connect(path)
        subprocess.Popen(["sh", "-c", f"sleep 0.3; kill -9 {raylet.pid}"])
        c.read(own.fileno(), ctypes.create_string_buffer(1), 1)
        c.sleep(30)  # Ray leaves at once: who is first there is up to the kernel, and no test
        c._exit(1)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone sends a signal for a connection that is closed")
@pytest.mark.parametrize(("when", "busy"), [("connecting", False), ("connecting", True), ("taking the data", False)])
def test_while_rays_own_code_holds_the_interpreter_its_end_needs_none(tmp_path: Path, when: str, busy: bool) -> None:
    watching = tmp_path / "slow.py" if busy else None
    if watching is not None:
        program = Path(start_watch.__file__).read_text()
        watching.write_text(program.replace("    main(int", "    time.sleep(1.5)\n    main(int"))
    run = subprocess.run(
        [sys.executable, "-c", AS_RAY, str(tmp_path / "s"), LISTENING, when, str(watching or "")],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == EngineError.exit_code, run.stderr
    assert run.stderr == f"error: {start_watch.server_died('its scheduler, the raylet')}\n"


def test_a_scheduler_that_is_not_there_is_no_end_of_the_run() -> None:
    with scheduler_watch.watched_from_outside() as outside, outside.tied():
        reached = True
    assert reached, "and its signal ends nothing"


def test_many_open_files_do_not_keep_it_from_being_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a notebook, say; `select.select` takes none of a number of 1,024 or more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2048:
        pytest.skip("this user may not open so many files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2048), hard))
    try:
        with scheduler_watch.watched_from_outside() as outside:
            high = fcntl.fcntl(outside._from, fcntl.F_DUPFD, 1500)
            monkeypatch.setattr(outside, "_from", high)
            try:
                with outside.tied():
                    reached = True
            finally:
                os.close(high)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert reached


def test_without_a_ray_of_our_own_nothing_is_watched() -> None:
    with scheduler_watch.while_it_takes_data():
        assert not scheduler_watch._OUTSIDE


@pytest.mark.parametrize("name", ["raylet", "gcs_server"])
def test_after_it_has_started_the_run_is_asked_to_end(tmp_path: Path, name: str) -> None:
    server = tmp_path / name
    shutil.copy(shutil.which("sleep") or "", server)
    child = subprocess.Popen([str(server), "60"])
    wait_until("it has its name", lambda: start_watch.child_of("self", name), 20, of=child, every=0.01)
    told = threading.Event()

    class Told(StopRequest):
        def because(self, reason: str, kind: type[StudyError] = StoreError) -> None:
            super().because(reason, kind)
            told.set()

    stop = Told()
    watch = scheduler_watch.SchedulerWatch(stop, every=0.01)
    watch.begin()
    child.kill()
    assert told.wait(20) and stop.asked
    watch.end()  # else it would end this process
    assert stop.kind is EngineError and "has ended" in stop.reason
    child.wait()


def test_where_no_process_can_be_started_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was told as words that standard output did not take."""

    def full(*_: object, **__: object) -> None:
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr(subprocess, "Popen", full)
    said = pytest.raises(EngineError, match="may not start more processes; raise `ulimit -u`")
    with said, scheduler_watch.watched_from_outside():
        pass
