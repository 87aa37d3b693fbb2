"""`study submit --decide` on a cluster of two workers: the seeds, and the verdict, of the same purchase on one machine.

One worker's Ray is killed while both train. Asked again, it buys nothing.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e import checkout, gate, s3
from tests.e2e.hosts import Net
from tests.e2e.laptop import Laptop
from tests.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(2400)]

FILE = "cluster/local.yaml"
BUCKET = "studies"
WORKERS = ("w1", "w2")
MOST = ("--max-seeds", "6")


def write_open_study(folder: Path) -> Path:
    """A study of two arms with one claim, which the first five seeds decide."""
    values = {**checkout.STUDY, "name": "open", "arms": checkout.STUDY["arms"][:2]}
    sides = {"a": {"arm": "lr-0.3", "metric": "val_loss"}, "b": {"arm": "lr-0.1", "metric": "val_loss"}}
    part = {"form": "contrast", "low": -0.5, **sides}
    claim = {"id": "ahead", "statement": "A rate of 0.3 is not far behind.", "parts": [part]}
    path = folder / "open.yaml"
    path.write_text(yaml.safe_dump({**values, "claims": [claim]}))
    return path


def test_a_cluster_buys_the_seeds_that_one_machine_buys(net: Net, tmp_path: Path) -> None:
    checkout.write_data(tmp_path)
    alone = tmp_path / "alone"
    words = ["decide", str(write_open_study(tmp_path)), *MOST, "--results", str(alone), "--executor", "inline"]
    environ = {k: v for k, v in os.environ.items() if not k.startswith("RAY_")}
    study = [sys.executable, "-m", "study.cli"]
    subprocess.run([*study, *words, "--data-dir", str(tmp_path)], cwd=checkout.ROOT, env=environ, check=True)

    gate.close(net.image_home)
    for name in ("laptop", "head", *WORKERS, "s3"):
        net.add(name)
    net.give_key("laptop")
    home = net.home("laptop")
    write_open_study(home / checkout.furnish(home, epochs=checkout.EPOCHS).name)
    checkout.write_data(home / "data")
    s3_log = net.state / "s3.log"
    address = s3.serve(net, "s3", s3_log)
    s3.make_bucket(net, "laptop", address, BUCKET)
    results = f"s3://{BUCKET}/open?endpoint_override={address}&scheme=http"
    laptop = Laptop(net, f"{address}/{BUCKET}")

    def own(config: dict[str, Any]) -> None:
        config["provider"].update(head_ip=net.hosts["head"].ip, worker_ips=[net.hosts[w].ip for w in WORKERS])
        starts = config["worker_start_ray_commands"]
        config["worker_start_ray_commands"] = [c.replace("ray start", "ray start --num-cpus=1") for c in starts]
        config["metadata"]["study"]["worker_resources"] = {"CPU": 1}

    checkout.adapt(home, FILE, own)
    request = ["open.yaml", "--decide", *MOST, "--results", results, "--cluster", FILE]
    assert "only open claims get seeds" in laptop.study("submit", *request, "--dry-run")

    laptop.ray("up", "-y", FILE)
    log = net.state / "submit.log"
    submitted = laptop.start("study.cli", "submit", *request, log=log)
    wait_until("both workers train", lambda: len(laptop.training()) >= 2, 700, log)
    net.run("w1", "pkill", "-9", "raylet")
    for name in WORKERS:
        gate.open_wide(net.home(name))
    assert submitted.wait(timeout=900) == 0, log.read_text()[-4000:]
    assert "1 decided" in log.read_text() and "supported" in log.read_text()

    laptop.assert_same(results, alone)
    found, expected = (json.loads(laptop.study("claims", where, "--json")) for where in (results, "/root/undisturbed"))
    assert [(c["verdict"], c["decided_at"], c["p"]) for c in found] == [
        (c["verdict"], c["decided_at"], c["p"]) for c in expected
    ]
    assert found[0]["verdict"] == "supported"
    so_far = s3_log.stat().st_size
    assert "No claim is left that seeds could decide." in laptop.study("submit", *request)
    assert not s3.written(s3_log, so_far), "nothing is trained again"
    laptop.ray("down", "-y", FILE)
