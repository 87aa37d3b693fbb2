"""The machines of `cluster/local.yaml`, ready for `ray up`: a laptop, a head, two workers, a server with a bucket."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e import checkout, gate, s3
from tests.e2e.hosts import Net
from tests.e2e.laptop import Laptop

FILE = "cluster/local.yaml"
BUCKET = "studies"
WORKERS = ("w1", "w2")


@dataclass(frozen=True)
class LocalCluster:
    """What a test needs of them."""

    laptop: Laptop
    home: Path
    """Of the laptop, as this machine sees it; the checkout is its `project`, own data are in its `data`."""
    address: str
    """Of the server."""
    s3_log: Path

    def url(self, name: str) -> str:
        """A results folder in the bucket."""
        return f"s3://{BUCKET}/{name}?endpoint_override={self.address}&scheme=http"


def make(net: Net) -> LocalCluster:
    """Start the machines, with trials that wait at the gate; `ray up` is left to the test."""
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

    # All that differs from the file that we ship: addresses, and one trial at a time on each worker.
    def own(config: dict[str, Any]) -> None:
        config["provider"].update(head_ip=net.hosts["head"].ip, worker_ips=[net.hosts[w].ip for w in WORKERS])
        starts = config["worker_start_ray_commands"]
        config["worker_start_ray_commands"] = [c.replace("ray start", "ray start --num-cpus=1") for c in starts]
        config["metadata"]["study"]["worker_resources"] = {"CPU": 1}

    checkout.adapt(home, FILE, own)
    return LocalCluster(Laptop(net, f"{address}/{BUCKET}"), home, address, s3_log)
