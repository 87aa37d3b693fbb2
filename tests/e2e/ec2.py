"""Amazon's EC2 with machines in it: what moto says is running is booted here, what it says is terminated is unplugged.

The test process does the booting, since that needs the real machine's root; a watcher in the cloud's machine tells it
what moto says. Ray's own key pair opens the machines.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.hosts import Net
from tests.e2e.s3 import CREDENTIALS, REGION, boto

SUBNET = "10.77.128.0/20"
"""Within the machines' own network, so that moto's addresses are addresses here."""

WATCH = """
import json, sys, time
import boto3
ec2 = boto3.client("ec2", endpoint_url=sys.argv[1], region_name=sys.argv[2])
while True:
    try:
        found = [i for r in ec2.describe_instances()["Reservations"] for i in r["Instances"]]
    except Exception as error:
        print(json.dumps([]), file=sys.stderr)
        found = None
    if found is not None:
        print(json.dumps([{
            "id": i["InstanceId"], "ip": i.get("PrivateIpAddress"),
            "state": i["State"]["Name"], "type": i["InstanceType"],
            "spot": i.get("InstanceLifecycle") == "spot",
            "kind": {t["Key"]: t["Value"] for t in i.get("Tags", [])}.get("ray-user-node-type"),
        } for i in found]), flush=True)
    time.sleep(1)
"""

PREPARE = """
iam, ec2 = client("iam"), client("ec2")
trust = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
for name in ("study-head", "study-worker"):
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    iam.create_instance_profile(InstanceProfileName=name)
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
vpc = ec2.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=SUBNET, AvailabilityZone="us-west-2a")["Subnet"]["SubnetId"]
image = ec2.describe_images()["Images"][0]["ImageId"]
print(json.dumps({"subnet": subnet, "image": image}))
"""


@dataclass
class Instance:
    """One instance as moto knows it."""

    id: str
    ip: str
    state: str
    type: str
    spot: bool
    kind: str | None


@dataclass
class Cloud:
    """The played cloud: its account, and the instances in it so far."""

    net: Net
    address: str
    subnet: str
    image: str
    instances: dict[str, Instance] = field(default_factory=dict)
    trouble: list[str] = field(default_factory=list)

    def running(self, kind: str | None = None) -> list[Instance]:
        """Instances that run now, of one node type or of all."""
        return [i for i in self.instances.values() if i.state == "running" and kind in (None, i.kind)]

    def empty_the_market(self) -> None:
        """From now on there is no spot instance to be had."""
        (self.net.state / "host/cloud/tmp/no-spot").touch()

    def reclaim(self, instance: Instance) -> None:
        """Take a spot instance away, as Amazon does, but without the two minutes."""
        boto(self.net, "cloud", self.address, f"client('ec2').terminate_instances(InstanceIds=[{instance.id!r}])")


@contextmanager
def play(net: Net, address: str, laptop: Path, log: Path) -> Iterator[Cloud]:
    """An account with what the guide asks for, and machines behind its instances, until the end of the block.

    Args:
        net: has a machine `cloud`, on which moto listens at `address`.
        laptop: the home folder in which Ray leaves the key pair that it makes.
        log: for the watcher's complaints.
    """
    made = json.loads(boto(net, "cloud", address, f"SUBNET = {SUBNET!r}\n{PREPARE}").splitlines()[-1])
    cloud = Cloud(net, address, made["subnet"], made["image"])
    command = net.command("cloud", sys.executable, "-u", "-c", WATCH, address, REGION, environ=CREDENTIALS)
    with log.open("ab") as stream:
        watcher = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stream, text=True, start_new_session=True
        )
    thread = threading.Thread(target=_mirror, args=(cloud, watcher, laptop), daemon=True)
    thread.start()
    try:
        yield cloud
    finally:
        os.killpg(watcher.pid, signal.SIGKILL)
        thread.join(timeout=60)
        watcher.wait()
        assert watcher.stdout is not None
        watcher.stdout.close()
    assert not cloud.trouble, cloud.trouble


def _mirror(cloud: Cloud, watcher: subprocess.Popen[str], laptop: Path) -> None:
    assert watcher.stdout is not None
    for line in watcher.stdout:
        for values in json.loads(line):
            instance = Instance(**values)
            try:
                _apply(cloud, instance, laptop)
            except (AssertionError, OSError, subprocess.SubprocessError) as error:
                cloud.trouble.append(f"{instance.id}: {error}")
            cloud.instances[instance.id] = instance


def _apply(cloud: Cloud, instance: Instance, laptop: Path) -> None:
    host = cloud.net.hosts.get(instance.id)
    if instance.state in ("pending", "running") and host is None and instance.ip:
        pem = next((laptop / ".ssh").glob("ray-autoscaler*.pem"))
        public = subprocess.run(["ssh-keygen", "-y", "-f", str(pem)], check=True, capture_output=True, text=True).stdout
        cloud.net.add(instance.id, instance.ip, key=public)
    elif instance.state in ("shutting-down", "terminated", "stopped") and host is not None and host.pid is not None:
        cloud.net.kill(instance.id)
