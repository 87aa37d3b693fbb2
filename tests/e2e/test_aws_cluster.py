"""`cluster.yaml` for real, on an EC2 that moto plays: 0 to 2 spot workers, one reclaimed, the fallback, back to 0."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import checkout, ec2, gate, s3
from tests.e2e.hosts import Net
from tests.e2e.laptop import Laptop
from tests.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(2400)]

FILE = "cluster.yaml"
BUCKET = "studies"
RESULTS = f"s3://{BUCKET}/run"


def test_spot_machines_come_are_reclaimed_and_go(net: Net, undisturbed: Path) -> None:
    began = time.monotonic()

    def note(what: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s  {what}", flush=True)

    net.add("cloud")
    address = s3.serve(net, "cloud", net.state / "moto.log")
    net.environ["AWS_ENDPOINT_URL"] = address
    gate.close(net.image_home)
    net.add("laptop")
    home = net.home("laptop")
    checkout.furnish(home, epochs=checkout.EPOCHS)
    s3.make_bucket(net, "laptop", address, BUCKET)
    checkout.write_data(home / "data")
    s3.put(net, "laptop", address, BUCKET, "data/digits.npz", "/root/data/digits.npz")
    (home / "data/digits.npz").unlink()  # it is in the bucket alone, which all machines read
    laptop = Laptop(net, f"{address}/{BUCKET}")
    with ec2.play(net, address, home, net.state / "watcher.log") as cloud:
        note("an account with a bucket")

        # All that differs from the file that we ship: the network is inside, the image is another, workers are two and
        # small and idle for a minute and a half only (less than the minute in which Ray takes a machine for dead would
        # give back the one that the lost trial is to go on at).
        def inside(config: dict[str, Any]) -> None:
            config["provider"].update(use_internal_ips=True, availability_zone="us-west-2a")
            config.update(idle_timeout_minutes=1.5, max_workers=2)
            for name in ("cpu-spot", "cpu-on-demand"):
                config["available_node_types"][name].update(resources={"CPU": 1})
            for entry in config["available_node_types"].values():
                entry["node_config"].update(SubnetIds=[cloud.subnet], ImageId=cloud.image)

        checkout.adapt(home, FILE, inside)
        request = ["machines.yaml", "--seeds", "2", "--results", RESULTS, "--data-dir", f"s3://{BUCKET}/data"]
        shown = laptop.study("submit", *request, "--dry-run")
        assert "2 x cpu-spot" in shown
        assert f"the head reads it from s3://{BUCKET}/data, handed once to each node" in shown
        note("dry run")

        laptop.ray("up", "-y", FILE)
        assert [i.kind for i in cloud.running()] == ["head"], "nothing but the head before there is work"
        note("ray up")

        log = net.state / "submit.log"
        submitted = laptop.start("study.cli", "submit", *request, log=log)
        wait_until("two spot workers train", lambda: len(laptop.training()) >= 2, 700, log)
        workers = cloud.running("cpu-spot")
        assert len(workers) == 2
        assert all(w.spot and w.type == "c7i.2xlarge" for w in workers)
        note("two spot workers train")

        cloud.empty_the_market()
        cloud.reclaim(workers[0])
        note("one is reclaimed, and there is no other")
        wait_until("the fallback is started", lambda: cloud.running("cpu-on-demand"), 300, log)
        (taken,) = cloud.running("cpu-on-demand")
        note("one on demand takes its place")
        assert not laptop.finished()
        gate.open_wide(net.home(taken.id))
        wait_until("a trial is over there, for it can be nowhere else", laptop.finished, 400, log)
        note("it trains")
        gate.open_wide(net.home(workers[1].id))
        assert submitted.wait(timeout=900) == 0, log.read_text()[-4000:]
        assert re.search(r"6 trials trained in .*, recorded in s3://studies/run", log.read_text())
        note("study done")

        kinds = sorted(str(i.kind) for i in cloud.instances.values())
        assert kinds == ["cpu-on-demand", "cpu-spot", "cpu-spot", "head"], "nothing more than was needed"
        laptop.assert_same(RESULTS, undisturbed)

        wait_until("idle workers are given back", lambda: [i.kind for i in cloud.running()] == ["head"], 400)
        note("idle workers are gone")
        laptop.ray("down", "-y", FILE)
        wait_until("everything is terminated", lambda: not cloud.running(), 200)
        note("ray down")
