"""`cluster/local.yaml` for real: a study over two workers onto S3, and everything in it fails once.

One worker's Ray is killed while the other's link is cut until the head gives it up; the head is unplugged and started
again; at last a worker is unplugged for good.
"""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import checkout, gate, s3
from tests.e2e.hosts import Net
from tests.e2e.laptop import PYTHON, Laptop
from tests.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(2400)]

FILE = "cluster/local.yaml"
BUCKET = "studies"
WORKERS = ("w1", "w2")


def test_records_are_the_same_though_machines_fail(net: Net, undisturbed: Path) -> None:
    began = time.monotonic()

    def note(what: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s  {what}", flush=True)

    gate.close(net.image_home)
    for name in ("laptop", "head", *WORKERS, "s3"):
        net.add(name)
    net.give_key("laptop")
    home = net.home("laptop")
    checkout.furnish(home, epochs=checkout.EPOCHS)
    checkout.write_data(home / "data")  # nowhere else: it travels, and so does what the study imports
    s3_log = net.state / "s3.log"
    address = s3.serve(net, "s3", s3_log)
    s3.make_bucket(net, "laptop", address, BUCKET)
    results = f"s3://{BUCKET}/run?endpoint_override={address}&scheme=http"
    laptop = Laptop(net, f"{address}/{BUCKET}")
    note("five machines and a bucket")

    # All that differs from the file that we ship: addresses, and one trial at a time on each worker.
    def own(config: dict[str, Any]) -> None:
        config["provider"].update(head_ip=net.hosts["head"].ip, worker_ips=[net.hosts[w].ip for w in WORKERS])
        starts = config["worker_start_ray_commands"]
        config["worker_start_ray_commands"] = [c.replace("ray start", "ray start --num-cpus=1") for c in starts]
        config["metadata"]["study"]["worker_resources"] = {"CPU": 1}

    checkout.adapt(home, FILE, own)

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
