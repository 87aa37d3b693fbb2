"""`cluster/local.yaml` for real: `ray up`, a study over two workers onto S3, one worker's Ray killed and one unplugged."""

from __future__ import annotations

import subprocess
import time

import pytest

from tests.e2e import checkout, s3
from tests.e2e.hosts import Net
from tests.e2e.laptop import Laptop, wait_until

pytestmark = pytest.mark.e2e

FILE = "cluster/local.yaml"


def test_records_are_the_same_though_machines_fail(net: Net) -> None:
    began = time.monotonic()

    def note(what: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s  {what}", flush=True)

    for name in ("laptop", "head", "w1", "w2", "s3"):
        net.add(name)
        checkout.write_data(net.home(name) / "data")
    net.give_key("laptop")
    home = net.home("laptop")
    checkout.furnish(home, epochs=60)
    address = s3.serve(net, "s3", net.state / "s3.log")
    bucket = "studies"
    s3.boto(net, "laptop", address, f"client('s3').create_bucket(Bucket={bucket!r}, CreateBucketConfiguration={{'LocationConstraint': {s3.REGION!r}}})")
    where = f"s3://{bucket}/{{}}?endpoint_override={address}&scheme=http"
    laptop = Laptop(net)
    note("machines and bucket")

    # All that differs from the file that we ship: addresses, and one trial at a time on each worker.
    def own(config: dict) -> None:
        config["provider"].update(head_ip=net.hosts["head"].ip, worker_ips=[net.hosts["w1"].ip, net.hosts["w2"].ip])
        config["worker_start_ray_commands"] = [c.replace("ray start", "ray start --num-cpus=1") for c in config["worker_start_ray_commands"]]

    checkout.adapt(home, FILE, own)

    request = ["machines.yaml", "--seeds", "2", "--results", where.format("run")]
    shown = laptop.study("submit", *request, "--cluster", FILE, "--dry-run")
    assert "dry run: nothing was started" in shown
    assert "6 trials of 1 CPU each" in shown
    assert "no head" in laptop.study("submit", *request, "--cluster", FILE, check=False)
    note("dry run")

    up = laptop.ray("up", "-y", FILE)
    note("ray up")
    log = net.state / "submit.log"
    submitted = net.start("laptop", "/root/venv/bin/python", "-m", "study.cli", "submit", *request, "--cluster", FILE, log=log, cwd="/root/project")
    try:
        wait_until("both workers train", lambda: len({n.split("/")[1] for n in laptop.look(where.format("run"))["checkpoints"]}) >= 2, 180, log)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{up[-3000:]}\n{net.run('head', 'bash', '-c', 'tail -n 60 /tmp/ray/session_latest/logs/monitor*', check=False).stdout[-6000:]}") from None
    note("both workers train")

    net.run("w1", "pkill", "-9", "raylet")
    note("raylet of w1 killed")
    time.sleep(8)
    net.kill("w2")
    note("w2 unplugged")
    assert submitted.wait(timeout=400) == 0, log.read_text()[-4000:]
    note("study done")
    text = log.read_text()
    assert "6 trials trained and recorded" in text

    disturbed = laptop.look(where.format("run"))
    assert len(disturbed["digests"]) == 6
    assert "6 trials on record" in laptop.study("status", where.format("run"))
    assert "nothing to train" in laptop.study("submit", *request, "--cluster", FILE)
    note("status")
    laptop.ray("down", "-y", FILE)
    note("ray down")

    laptop.study("run", "machines.yaml", "--seeds", "2", "--results", "/root/quiet", "--cpus", "2")
    assert laptop.look("/root/quiet")["digests"] == disturbed["digests"]
    note("the same, undisturbed, bit for bit")
    left = net.run("head", "bash", "-c", "ps ax | grep -c [r]aylet || true").stdout.strip()
    assert left == "0"
