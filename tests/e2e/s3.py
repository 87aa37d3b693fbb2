"""Amazon's S3, EC2 and IAM, played by moto in one of the namespaced machines."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from tests.e2e.hosts import Net

PORT = 5555
REGION = "us-west-2"
CREDENTIALS: dict[str, str] = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
}

SERVER = """
import pathlib, sys
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.responses.instances import InstanceResponse
from moto.server import main
given = InstanceResponse._get_param
def as_many_as_asked(self, name, *rest, **more):
    return given(self, "MaxCount" if name == "MinCount" else name, *rest, **more)
InstanceResponse._get_param = as_many_as_asked
start = InstanceResponse.run_instances
def unless_there_is_none(self):
    if self._get_param("InstanceMarketOptions.MarketType") == "spot" and pathlib.Path("/tmp/no-spot").exists():
        raise EC2ClientError("InsufficientInstanceCapacity", "There is no Spot capacity available.")
    return start(self)
InstanceResponse.run_instances = unless_there_is_none
main(sys.argv[1:])
"""
"""Amazon starts MaxCount instances where it has them, moto MinCount; Amazon may have no spot at all: here when told."""

CALL = """
import sys, time, urllib.request
for _ in range(600):
    try:
        urllib.request.urlopen(sys.argv[1], timeout=2).read()
        break
    except OSError:
        time.sleep(0.1)
else:
    sys.exit("moto did not come up")
"""


def endpoint(ip: str) -> str:
    """Where the server on that machine listens."""
    return f"http://{ip}:{PORT}"


def serve(net: Net, name: str, log: Path) -> str:
    """Start moto on a machine, wait until it answers, and return its address."""
    address = endpoint(net.hosts[name].ip)
    net.start(
        *(name, sys.executable, "-c", SERVER, "-H", "0.0.0.0", "-p", str(PORT)),
        log=log,
        MOTO_IAM_LOAD_MANAGED_POLICIES="true",
    )
    net.run(name, sys.executable, "-c", CALL, f"{address}/moto-api/data.json", timeout=600)
    return address


def make_bucket(net: Net, name: str, address: str, bucket: str) -> None:
    """An empty bucket, made from a machine."""
    where = {"LocationConstraint": REGION}
    boto(net, name, address, f"client('s3').create_bucket(Bucket={bucket!r}, CreateBucketConfiguration={where!r})")


def put(net: Net, name: str, address: str, bucket: str, key: str, path: str) -> None:
    """A file of a machine into the bucket."""
    boto(net, name, address, f"client('s3').upload_file({path!r}, {bucket!r}, {key!r})")


def written(log: Path, after: int = 0) -> set[str]:
    """Trials of which a record or a checkpoint was written, by the server's own log from that byte on."""
    with log.open("rb") as stream:
        stream.seek(after)
        text = stream.read().decode(errors="replace")
    return set(re.findall(r'"PUT /\S+?/(?:trials|checkpoints)/([0-9a-f]{20})\b', text))


def boto(net: Net, name: str, address: str, code: str) -> str:
    """Run a few lines with boto3's `client(service)` on a machine; returns what they print."""
    made = f"boto3.client(service, endpoint_url={address!r}, region_name={REGION!r})"
    lines = f"import boto3, json\ndef client(service): return {made}\n"
    return net.run(name, sys.executable, "-c", lines + code).stdout
