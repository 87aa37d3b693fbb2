"""`cluster/local.yaml` for real: a study over two workers onto S3, one worker's Ray killed, the other unplugged."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import checkout, s3
from tests.e2e.hosts import Net
from tests.e2e.laptop import Laptop, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(2400)]

FILE = "cluster/local.yaml"
BUCKET = "studies"


def test_records_are_the_same_though_machines_fail(net: Net, undisturbed: Path) -> None:
    began = time.monotonic()

    def note(what: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s  {what}", flush=True)

    checkout.write_data(net.image_home / "data")
    for name in ("laptop", "head", "w1", "w2", "s3"):
        net.add(name)
    net.give_key("laptop")
    home = net.home("laptop")
    checkout.furnish(home, epochs=checkout.EPOCHS)
    address = s3.serve(net, "s3", net.state / "s3.log")
    s3.make_bucket(net, "laptop", address, BUCKET)
    results = f"s3://{BUCKET}/run?endpoint_override={address}&scheme=http"
    laptop = Laptop(net)
    note("five machines and a bucket")

    # All that differs from the file that we ship: addresses, and one trial at a time on each worker.
    def own(config: dict[str, Any]) -> None:
        config["provider"].update(head_ip=net.hosts["head"].ip, worker_ips=[net.hosts[w].ip for w in ("w1", "w2")])
        starts = config["worker_start_ray_commands"]
        config["worker_start_ray_commands"] = [c.replace("ray start", "ray start --num-cpus=1") for c in starts]
        config["metadata"]["study"]["worker_resources"] = {"CPU": 1}

    checkout.adapt(home, FILE, own)

    request = ["machines.yaml", "--seeds", "2", "--results", results, "--cluster", FILE]
    shown = laptop.study("submit", *request, "--dry-run")
    assert "6 trials of 1 CPU each" in shown
    assert "2 x worker" in shown
    assert "dry run: nothing was started" in shown
    note("dry run")

    laptop.ray("up", "-y", FILE)
    note("ray up")
    log = net.state / "submit.log"
    submitted = laptop.start("study.cli", "submit", *request, log=log)
    wait_until("both workers train", lambda: len(laptop.training(results)) >= 2, 700, log)
    note("both workers train")

    net.run("w1", "pkill", "-9", "raylet")
    note("raylet of w1 killed")
    time.sleep(5)
    net.kill("w2")
    note("w2 unplugged")
    assert submitted.wait(timeout=900) == 0, log.read_text()[-4000:]
    note("study done")
    assert "6 trials trained and recorded" in log.read_text()

    laptop.assert_same(results, undisturbed)
    assert "6 trials on record" in laptop.study("status", results)
    assert "nothing to train" in laptop.study("submit", *request)
    laptop.ray("down", "-y", FILE)
    assert "raylet" not in net.run("head", "ps", "-eo", "comm").stdout
    note("ray down")
