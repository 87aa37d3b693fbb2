"""`cluster/local.yaml` for real: a study over two workers onto S3, and everything in it fails once.

One worker's Ray is killed while the other's link is cut until the head gives it up; the head is unplugged and started
again; at last a worker is unplugged for good.
"""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from tests.e2e import gate, local_cluster, s3
from tests.e2e.hosts import Net
from tests.e2e.laptop import PYTHON
from tests.e2e.local_cluster import FILE, WORKERS
from tests.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(2400)]


def test_records_are_the_same_though_machines_fail(net: Net, undisturbed: Path) -> None:
    began = time.monotonic()

    def note(what: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s  {what}", flush=True)

    cluster = local_cluster.make(net)
    laptop, s3_log, results = cluster.laptop, cluster.s3_log, cluster.url("run")
    note("five machines and a bucket")

    request = ["machines.py", "--seeds", "2", "--results", results, "--cluster", FILE]
    shown = laptop.study("submit", *request, "--dry-run")
    assert "6 trials of 1 CPU each" in shown
    assert "2 x worker" in shown
    assert re.search(r"files +machines\.py \(.*\), machine_values\.py \(.*\): with the command", shown)
    assert re.search(r"data +digits\.npz \([\d.]+ kB\): packed into s3://", shown)
    assert "dry run: nothing was started" in shown
    note("dry run")

    laptop.ray("up", "-y", FILE)
    note("ray up")
    log = net.state / "submit.log"
    submitted = laptop.start("study.cli", "submit", *request, log=log)
    wait_until("both workers train", lambda: len(laptop.training()) >= 2, 700, log)
    note("both workers train")
    assert re.search(r"^sent +digits\.npz", log.read_text(), re.MULTILINE)
    assert not (net.home("w1") / "data").exists(), "own data come through Ray alone"

    before = [raylet(net, w) for w in WORKERS]
    net.run("w1", "pkill", "-9", "raylet")
    note("raylet of w1 killed")
    net.link("w2", "down")
    note("link of w2 cut")
    wait_until("the head gives w2 up", lambda: given_up(net, "w2"), 400, log)
    note("the head has given w2 up")
    net.link("w2", "up")
    note("link of w2 mended")
    wait_until("Ray runs anew on both workers", lambda: all_new(net, before), 400, log)
    note("both are back")

    assert not laptop.finished()
    gate.open_for(net.home("w1"), 1)
    wait_until("a trial is over", laptop.finished, 300, log)
    before = [raylet(net, w) for w in WORKERS]
    finished = laptop.finished()
    net.kill("head")
    note("head unplugged, 1 of 6 trials on record")
    assert len(finished) == 1
    net.boot("head")
    laptop.ray("up", "-y", FILE)
    note("head started again, ray up")
    wait_until("who follows is told", lambda: submitted.poll() is not None, 400, log)
    assert submitted.returncode == 1 and "the same command goes on" in log.read_text()
    wait_until("Ray runs anew on both workers", lambda: all_new(net, before), 400, log)
    note("both are back")
    so_far, log = s3_log.stat().st_size, net.state / "again.log"
    submitted = laptop.start("study.cli", "submit", *request, log=log)
    wait_until("both workers train", lambda: len(s3.written(s3_log, so_far)) >= 2, 400, log)
    note("both workers train")

    net.kill("w2")
    note("w2 unplugged")
    gate.open_wide(net.home("w1"))
    assert submitted.wait(timeout=900) == 0, log.read_text()[-4000:]
    note("study done")
    assert not s3.written(s3_log, so_far) & finished, "no finished trial again"

    laptop.assert_same(results, undisturbed)
    assert "6 trials on record" in laptop.study("status", results)
    assert "nothing to train" in laptop.study("submit", *request)
    laptop.ray("down", "-y", FILE)
    assert "raylet" not in net.run("head", "ps", "-eo", "comm").stdout
    note("ray down")


def raylet(net: Net, name: str) -> str:
    """Who Ray is on a machine: the process id of its raylet; empty where there is none."""
    return net.run(name, "pgrep", "-x", "raylet", check=False).stdout.strip()


def given_up(net: Net, name: str) -> bool:
    """Whether the head counts a machine among the dead."""
    words = ("list", "nodes", "--filter", "state=DEAD", "--format", "json")
    listed = net.run("head", PYTHON, "-m", "ray.scripts.scripts", *words, check=False, RAY_AUTH_MODE="token").stdout
    return f'"node_ip": "{net.hosts[name].ip}"' in listed


def all_new(net: Net, before: list[str]) -> bool:
    """Whether Ray runs on every worker, and is another than before."""
    return all(raylet(net, w) not in ("", old) for w, old in zip(WORKERS, before, strict=True))
