"""One run at a time; a dead holder is no holder; clocks decide nothing."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import platform
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from study.storage import lock
from study.storage.durable_files import Folder
from study.storage.this_machine import kernel
from trainables.config.errors import StoreError

HOLDER = """
import sys, time
from study.storage import lock
from study.storage.durable_files import Folder
with lock.hold(Folder(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def remote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """A folder that is treated as a bucket, and a lease that is quick where its holder lives."""
    for name, value in (("LEASE_BEAT_SECONDS", 0.05), ("LEASE_PATIENCE_SECONDS", 60.0), ("LEASE_SETTLE_SECONDS", 0.05)):
        monkeypatch.setattr(lock, name, value)
    folder = Folder(tmp_path)
    folder.local = False
    return folder


@pytest.fixture
def impatient(remote: Folder, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """As `remote`, but who stands still is soon taken for dead."""
    monkeypatch.setattr(lock, "LEASE_PATIENCE_SECONDS", 0.6)
    return remote


def holder(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    return process


def test_a_second_run_is_refused_at_once_and_a_killed_first_is_none(tmp_path: Path) -> None:
    first = holder(tmp_path)
    began = time.monotonic()
    with pytest.raises(lock.Locked, match=rf"in use by process {first.pid} .*--wait"), lock.hold(Folder(tmp_path)):
        pass
    assert time.monotonic() - began < 5
    first.kill()
    first.wait()
    with lock.hold(Folder(tmp_path)):
        assert json.loads((tmp_path / lock.NAME).read_text())["pid"] == os.getpid()
    with lock.hold(Folder(tmp_path)):
        pass


def test_a_holder_lives_until_its_process_ends(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    assert not lock.holder_lives(folder), "nobody ever held it"
    with lock.hold(folder):
        assert not lock.holder_lives(folder), "it is this process"
    first = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE)
    try:
        assert first.stdout is not None and first.stdout.readline() == b"held\n"
        assert lock.holder_lives(folder)
    finally:
        first.kill()
        first.communicate()
    assert not lock.holder_lives(folder)


def test_who_waits_goes_on_when_the_first_ends(tmp_path: Path) -> None:
    first = holder(tmp_path)
    threading.Timer(0.3, first.kill).start()
    with lock.hold(Folder(tmp_path), wait=True):
        assert first.wait() != 0


def test_a_lease_that_moves_is_alive(remote: Folder) -> None:
    with lock.hold(remote), pytest.raises(lock.Locked), lock.hold(remote):
        pass
    assert remote.read(lock.NAME) is None


def test_a_lease_that_stands_still_is_dead(impatient: Folder) -> None:
    remote = impatient
    remote.write(lock.NAME, json.dumps({"owner": "gone", "host": "elsewhere", "pid": 1, "beat": 7}).encode())
    with lock.hold(remote):
        there = json.loads(remote.read(lock.NAME) or b"")
        assert there["owner"] != "gone"


def test_a_dead_process_of_this_machine_is_not_waited_for(remote: Folder) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    note = {"owner": "gone", "host": platform.node(), "kernel": kernel(), "pid": gone.pid, "beat": 7}
    remote.write(lock.NAME, json.dumps(note).encode())
    with lock.hold(remote):
        assert json.loads(remote.read(lock.NAME) or b"")["owner"] != "gone"


@pytest.mark.parametrize("rubbish", [b"", b"{", b"[1]", b'{"pid": "x"}', b'{"pid": 1e400, "host": 3}'])
def test_a_lock_that_cannot_be_read_is_taken_over_in_time(impatient: Folder, rubbish: bytes) -> None:
    remote = impatient
    remote.write(lock.NAME, rubbish)
    with lock.hold(remote):
        assert json.loads(remote.read(lock.NAME) or b"")["pid"] == os.getpid()


def test_wall_clocks_that_jump_change_nothing(remote: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([1e9, 5.0, 4e9, -1.0] * 10_000)
    monkeypatch.setattr(time, "time", lambda: next(times))
    with lock.hold(remote), pytest.raises(lock.Locked), lock.hold(remote):
        pass


@pytest.mark.parametrize("half", [b"", b'{"owner": "5f'])
def test_a_lease_that_is_being_written_is_not_free(
    remote: Folder, monkeypatch: pytest.MonkeyPatch, half: bytes
) -> None:
    """As where storage empties a file before it writes it: whoever looks between the two sees half of it."""
    with lock.hold(remote):
        halves, read = [half], remote.read
        other = Folder(remote.where)
        other.local = False
        monkeypatch.setattr(other, "read", lambda name: halves.pop() if halves else read(name))
        with pytest.raises(lock.Locked, match=f"in use by process {os.getpid()} on"), lock.hold(other):
            pass
        assert not halves, "the half was read"


def test_a_lease_that_was_taken_away_is_told(remote: Folder) -> None:
    told = threading.Event()
    reasons: list[str] = []

    def lost(reason: str) -> None:
        reasons.append(reason)
        told.set()

    with lock.hold(remote, lost=lost):
        remote.write(lock.NAME, b'{"owner": "thief", "beat": 1}')
        assert told.wait(60) and "taken over" in reasons[0]
    assert json.loads(remote.read(lock.NAME) or b"")["owner"] == "thief"


LOCKLESS = (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS)


def without_locks(patch: pytest.MonkeyPatch, number: int) -> None:
    """As a network folder without locks answers."""

    def flock(_handle: int, _how: int) -> None:
        raise OSError(number, os.strerror(number))

    patch.setattr("fcntl.flock", flock)
    for name, value in (("LEASE_BEAT_SECONDS", 0.05), ("LEASE_PATIENCE_SECONDS", 60.0), ("LEASE_SETTLE_SECONDS", 0.05)):
        patch.setattr(lock, name, value)


@pytest.mark.parametrize("number", LOCKLESS, ids=lambda n: errno.errorcode[n])
def test_where_nothing_can_be_locked_a_lease_holds_and_says_who_holds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    without_locks(monkeypatch, number)
    mine = rf"in use by process {os.getpid()} on {re.escape(platform.node())}; let it end, or use --wait"
    with lock.hold(Folder(tmp_path)):
        assert json.loads((tmp_path / lock.NAME).read_text())["beat"] >= 1
        with pytest.raises(lock.Locked, match=mine), lock.hold(Folder(tmp_path)):
            pass
    assert not (tmp_path / lock.NAME).exists(), "a lease is given back"
    with lock.hold(Folder(tmp_path)):
        pass


@pytest.mark.parametrize("number", [errno.EIO, errno.EBADF, errno.ENOSPC], ids=lambda n: errno.errorcode[n])
def test_whatever_else_a_filesystem_answers_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    without_locks(monkeypatch, number)
    said = pytest.raises(StoreError, match=r"cannot lock .*; choose another folder")
    with said as caught, lock.hold(Folder(tmp_path)):
        pass
    assert os.strerror(number).lower() in str(caught.value) and "\n" not in str(caught.value)


def test_some_network_folders_say_that_a_lock_is_held_by_no_access(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / lock.NAME).write_text(json.dumps({"pid": 7, "host": "elsewhere"}))
    without_locks(monkeypatch, errno.EACCES)
    with pytest.raises(lock.Locked, match="in use by process 7 on elsewhere"), lock.hold(Folder(tmp_path)):
        pass


@pytest.mark.parametrize("note", [b"", b"{", b"[1]", b"\xff" * 2000])
def test_a_holder_whose_note_says_nothing_is_refused_all_the_same(tmp_path: Path, note: bytes) -> None:
    first = holder(tmp_path)
    (tmp_path / lock.NAME).write_bytes(note)
    with pytest.raises(lock.Locked, match="in use by another process; let it end"), lock.hold(Folder(tmp_path)):
        pass
    first.kill()
    first.wait()


def test_who_is_refused_does_not_touch_the_note_of_the_holder(tmp_path: Path) -> None:
    first = holder(tmp_path)
    for _ in range(3):
        with pytest.raises(lock.Locked, match=rf"process {first.pid} "), lock.hold(Folder(tmp_path)):
            pass
    first.kill()
    first.wait()


FORKING = """
import os, sys, time
from study.storage import lock
from study.storage.durable_files import Folder
with lock.hold(Folder(sys.argv[1])):
    child = os.fork()
    if child == 0:
        print(os.getpid(), flush=True)  # by now it has let go
        time.sleep(60)
        os._exit(0)
    sys.stdin.readline()
"""


@pytest.mark.parametrize("killed", [False, True])
def test_a_process_that_the_holder_forked_does_not_keep_the_lock(tmp_path: Path, *, killed: bool) -> None:
    """The kernel's lock belongs to all that inherit its handle: so what is forked lets go of it at once."""
    pipe = subprocess.PIPE
    first = subprocess.Popen([sys.executable, "-c", FORKING, str(tmp_path)], stdin=pipe, stdout=pipe, text=True)
    assert first.stdin is not None and first.stdout is not None
    child = int(first.stdout.readline())
    try:
        with pytest.raises(lock.Locked, match=f"process {first.pid} "), lock.hold(Folder(tmp_path)):
            pass
        if killed:
            first.kill()
        else:
            first.stdin.close()
        first.wait()
        with lock.hold(Folder(tmp_path)):
            os.kill(child, 0)  # it lives on
    finally:
        os.kill(child, signal.SIGKILL)


def test_a_process_of_another_machine_or_container_of_our_name_is_not_taken_for_dead(remote: Folder) -> None:
    """Two machines of one image have one name, and a container may have its machine's: our processes are not theirs."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    note = {"owner": "there", "host": platform.node(), "kernel": "another start", "pid": gone.pid, "beat": 7}
    remote.write(lock.NAME, json.dumps(note).encode())
    over = threading.Event()

    def beat() -> None:
        for n in range(8, 1000):
            if over.wait(0.2):
                return
            remote.write(lock.NAME, json.dumps({**note, "beat": n}).encode())

    beating = threading.Thread(target=beat)
    beating.start()
    try:
        with pytest.raises(lock.Locked, match=rf"in use by process {gone.pid} on"), lock.hold(remote):
            pass
    finally:
        over.set()
        beating.join()


def test_who_let_go_of_a_lock_holds_it_no_longer_though_the_process_lives(tmp_path: Path) -> None:
    """A notebook's process lives on after its run."""
    code = (
        "import sys; from pathlib import Path; from study.storage import lock\n"
        "from study.storage.durable_files import Folder\n"
        "with lock.hold(Folder(Path(sys.argv[1]))):\n"
        "    print('held', flush=True); input()\n"
        "print('free', flush=True); input()\n"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], **pipes) as other:  # type: ignore[call-overload]
        assert other.stdout.readline() == "held\n"
        assert lock.holder_lives(Folder(tmp_path))
        other.stdin.write("\n")
        other.stdin.flush()
        assert other.stdout.readline() == "free\n"
        assert not lock.holder_lives(Folder(tmp_path))
        other.communicate("\n")


def test_whoever_holds_a_lock_without_a_word_is_not_called_by_the_name_of_the_last_holder(tmp_path: Path) -> None:
    """Another user who may read the file may lock it."""
    with lock.hold(Folder(tmp_path)):
        note = json.loads((tmp_path / lock.NAME).read_text())
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    (tmp_path / lock.NAME).write_text(json.dumps({**note, "pid": gone.pid}))
    with (tmp_path / lock.NAME).open() as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with pytest.raises(lock.Locked, match="is in use by another process; let it end"), lock.hold(Folder(tmp_path)):
            pass
