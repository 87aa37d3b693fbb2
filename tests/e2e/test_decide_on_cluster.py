"""`study submit --decide` on a cluster of two workers: the seeds, and the verdict, of the same purchase on one machine.

One worker's Ray is killed while both train. Asked again, it buys nothing.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.e2e import checkout, gate, local_cluster, s3
from tests.e2e.hosts import Net
from tests.e2e.local_cluster import FILE, WORKERS
from tests.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(2400)]

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


def bought_here(folder: Path) -> Path:
    """The results folder of the same purchase on this machine, in one process."""
    checkout.write_data(folder)
    words = ["decide", str(write_open_study(folder)), *MOST, "--results", str(folder / "alone"), "--executor", "inline"]
    environ = {k: v for k, v in os.environ.items() if not k.startswith("RAY_")}
    command = [sys.executable, "-m", "study.cli", *words, "--data-dir", str(folder)]
    subprocess.run(command, cwd=checkout.ROOT, env=environ, check=True)
    return folder / "alone"


def test_a_cluster_buys_the_seeds_that_one_machine_buys(net: Net, tmp_path: Path) -> None:
    alone = bought_here(tmp_path)
    cluster = local_cluster.make(net)
    laptop, results = cluster.laptop, cluster.url("open")
    write_open_study(cluster.home / "project")
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
    so_far = cluster.s3_log.stat().st_size
    assert "No claim is left that seeds could decide." in laptop.study("submit", *request)
    assert not s3.written(cluster.s3_log, so_far), "nothing is trained again"
    laptop.ray("down", "-y", FILE)
