"""Two runs on one bucket at once, on a real S3 server (moto's): one has it, the other is refused or waits."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from moto.server import ThreadedMotoServer

from study.storage import lock
from study.storage.durable_files import Folder

HOLDER = """
import platform, sys, time
from study.storage import lock
from study.storage.durable_files import Folder
lock.LEASE_BEAT_SECONDS, lock.LEASE_SETTLE_SECONDS = 0.2, 0.1
if len(sys.argv) > 2:
    platform.node = lambda: sys.argv[2]
with lock.hold(Folder(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """The URL of a prefix in an empty bucket."""
    import boto3

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("AWS_ACCESS_KEY_ID", "testing"), ("AWS_SECRET_ACCESS_KEY", "testing")):
            patch.setenv(name, value)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        boto3.client("s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1").create_bucket(
            Bucket="studies"
        )
        yield f"s3://studies/run?endpoint_override=http://{host}:{port}&scheme=http&region=us-east-1"
    server.stop()


@pytest.fixture
def folder(bucket: str, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """The bucket, with a lock that is quick where somebody lives, and patient on a machine that is slow."""
    for name, value in (("LEASE_BEAT_SECONDS", 0.2), ("LEASE_PATIENCE_SECONDS", 60.0), ("LEASE_SETTLE_SECONDS", 0.3)):
        monkeypatch.setattr(lock, name, value)
    made = Folder(bucket)
    made.delete(lock.NAME)
    return made


def holder(bucket: str, *host: str) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    process = subprocess.Popen([sys.executable, "-c", HOLDER, bucket, *host], stdin=pipe, stdout=pipe, text=True)
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    return process


def test_the_second_is_refused_while_the_first_lives_and_goes_on_when_it_has_ended(bucket: str, folder: Folder) -> None:
    first = holder(bucket)
    with pytest.raises(lock.Locked, match=rf"in use by process {first.pid} .*--wait"), lock.hold(folder):
        pass
    order: list[str] = []

    def wait() -> None:
        with lock.hold(folder, wait=True):
            order.append("second in")

    waiting = threading.Thread(target=wait)
    waiting.start()
    waiting.join(1.0)
    order.append("first out")
    first.communicate("")
    waiting.join(60)
    assert first.returncode == 0 and order == ["first out", "second in"]
    assert folder.read(lock.NAME) is None, "who ends lets go"


def test_the_place_of_a_machine_that_died_is_taken(
    bucket: str, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "LEASE_PATIENCE_SECONDS", 1.0)
    first = holder(bucket, "another-machine")
    first.kill()
    first.communicate()
    left = folder.read(lock.NAME)
    assert left is not None and b"another-machine" in left
    with lock.hold(folder):
        now = folder.read(lock.NAME)
        assert now is not None and b"another-machine" not in now


def test_of_several_that_begin_in_one_moment_no_two_are_in_at_once(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "LEASE_SETTLE_SECONDS", 2.0)
    together, inside, most, refused = threading.Barrier(4), [0], [0], [0]
    guard = threading.Lock()

    def run() -> None:
        together.wait()
        try:
            with lock.hold(folder):
                with guard:
                    inside[0] += 1
                    most[0] = max(most[0], inside[0])
                threading.Event().wait(1.0)
                with guard:
                    inside[0] -= 1
        except lock.Locked:
            refused[0] += 1

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert most[0] == 1 and refused[0] >= 1
