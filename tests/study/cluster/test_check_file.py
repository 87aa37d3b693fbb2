"""Every cluster file that we ship would work, as far as that can be known here; and each check catches its fault."""

from __future__ import annotations

import copy
import datetime as dt
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from study.cluster.check_file import find_problems, refuse_problems
from study.cluster.cluster_file import read_first_document
from trainables.config.errors import BadInput

ROOT = Path(__file__).parents[3]
FILES = {
    "aws": ROOT / "cluster.yaml",
    "local": ROOT / "cluster/local.yaml",
    "gcp": ROOT / "cluster/gcp.yaml",
    "kuberay": ROOT / "cluster/kuberay.yaml",
}


@pytest.fixture(autouse=True)
def _token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A laptop on which `ray get-auth-token --generate` has been run."""
    (tmp_path / ".ray").mkdir()
    (tmp_path / ".ray/auth_token").write_text("x")
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.mark.parametrize("file", FILES.values(), ids=FILES.keys())
def test_the_files_have_no_problem(file: Path) -> None:
    assert [str(p) for p in find_problems(file, root=ROOT)] == []


def test_what_ray_up_needs_of_each_cloud_is_there_and_pinned() -> None:
    from importlib.util import find_spec

    modules = ("boto3", "botocore", "googleapiclient", "google.auth", "google.oauth2", "cryptography.hazmat.backends")
    assert [m for m in modules if find_spec(m) is None] == []
    pins = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "constraints.txt").read_text(), re.MULTILINE))
    wanted = re.findall(r"extra=\(([^)$@]+)\)", (ROOT / "cluster/setup.sh").read_text())
    assert {name for names in wanted for name in names.split()} >= {"boto3", "google-api-python-client", "cryptography"}
    assert {name for names in wanted for name in names.split()} <= pins, "nodes get the versions that were tested"


def test_setup_script_is_valid_shell_and_private() -> None:
    script = ROOT / "cluster/setup.sh"
    done = subprocess.run(["bash", "-n", str(script)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "umask 077" in script.read_text()


Change = Callable[[dict[str, Any]], object]


def worker(config: dict[str, Any], name: str = "gpu-spot") -> dict[str, Any]:
    entry: dict[str, Any] = config["available_node_types"][name]
    return entry


def node(config: dict[str, Any], name: str = "gpu-spot") -> dict[str, Any]:
    entry: dict[str, Any] = worker(config, name)["node_config"]
    return entry


def start(config: dict[str, Any], old: str, new: str, who: str = "head") -> str:
    key = f"{who}_start_ray_commands"
    assert any(old in c for c in config[key])
    config[key] = [c.replace(old, new) for c in config[key]]
    return key


FAULTS: list[tuple[str, str, Change, str]] = [
    ("aws", "an unknown key at the top", lambda c: c.update(max_worker=3), "max_worker: Ray has no such setting; did"),
    ("aws", "a wrong type", lambda c: c.update(idle_timeout_minutes="five"), "idle_timeout_minutes: got 'five'"),
    (
        "aws",
        "an unknown key of a node type",
        lambda c: worker(c).update(max_wokers=3),
        "gpu-spot.max_wokers: Ray has no such setting; did you mean max_workers?",
    ),
    ("aws", "half a resource", lambda c: worker(c)["resources"].update(CPU=1.5), "got 1.5; expected a whole number"),
    (
        "aws",
        "a zone elsewhere",
        lambda c: c["provider"].update(availability_zone="us-west-2a,eu-west-1a"),
        "provider.availability_zone: eu-west-1a is not in us-west-2",
    ),
    (
        "aws",
        "a GPU that is not there",
        lambda c: worker(c, "cpu-spot")["resources"].update(GPU=1),
        "cpu-spot.resources.GPU: got 1; c7i.2xlarge has none; expected 0",
    ),
    (
        "aws",
        "a mount of nothing",
        lambda c: c["file_mounts"].update({"~/x": None}),
        "file_mounts.~/x: got nothing; expected the path",
    ),
    ("aws", "no such provider", lambda c: c["provider"].update(type="awz"), "provider.type"),
    ("aws", "an unknown key of the provider", lambda c: c["provider"].update(availabilty_zone="a"), "availabilty_zone"),
    ("aws", "no region", lambda c: c["provider"].pop("region"), "provider.region"),
    ("aws", "no login", lambda c: c["auth"].pop("ssh_user"), "ssh_user"),
    ("aws", "more at least than at most", lambda c: worker(c).update(min_workers=9), "min_workers 9"),
    (
        "aws",
        "more at least than together",
        lambda c: (worker(c).update(min_workers=8), c.update(max_workers=4)),
        "4 is less",
    ),
    ("aws", "an unknown head", lambda c: c.update(head_node_type="boss"), "boss"),
    ("aws", "trials on the head", lambda c: worker(c, "head").update(resources={"CPU": 2}), "the head runs no trials"),
    (
        "aws",
        "a typo in node_config",
        lambda c: node(c).update(InstanceTyp="g4dn.xlarge"),
        "node_config.InstanceTyp: EC2 has no such setting; did you mean InstanceType?",
    ),
    ("aws", "a wrong type in node_config", lambda c: node(c).update(ImageId=7), "ImageId: got 7; expected text"),
    ("aws", "an unknown instance", lambda c: node(c).update(InstanceType="g4dn.xxlarge"), "g4dn.xxlarge"),
    ("aws", "an unknown market", lambda c: node(c)["InstanceMarketOptions"].update(MarketType="spott"), "spott"),
    ("aws", "a typo deep down", lambda c: node(c)["BlockDeviceMappings"][0]["Ebs"].update(VolumSize=5), "VolumSize"),
    ("aws", "no role for a worker", lambda c: node(c).pop("IamInstanceProfile"), "IamInstanceProfile"),
    ("aws", "a quote left open", lambda c: c["setup_commands"].append("echo 'x"), "not valid shell"),
    (
        "aws",
        "a missing `done`",
        lambda c: worker(c).update(worker_setup_commands=["for i in 1; do :"]),
        "not valid shell",
    ),
    (
        "aws",
        "a mount that is not there",
        lambda c: c["file_mounts"].update({"~/x": "no-such-folder"}),
        "no-such-folder",
    ),
    ("aws", "an unknown flag", lambda c: start(c, "--num-cpus=0", "--num-cpu=0"), "No such option"),
    ("aws", "a flag of the worker", lambda c: start(c, "--address", "--adress", "worker"), "--address"),
    ("aws", "no ray start", lambda c: start(c, "ray start", "ray begin"), "no `ray start`"),
    ("aws", "no token", lambda c: start(c, "RAY_AUTH_MODE=token ", "", "worker"), "RAY_AUTH_MODE"),
    ("aws", "a dashboard for everyone", lambda c: start(c, "host=127.0.0.1", "host=0.0.0.0"), "loopback"),
    (
        "aws",
        "usage statistics",
        lambda c: (start(c, "--disable-usage-stats", ""), start(c, "ENABLED=0", "ENABLED=1")),
        "usage",
    ),
    ("aws", "two Pythons", lambda c: c["metadata"]["study"].update(python="3.12"), "STUDY_PYTHON=3.11"),
    ("aws", "no price", lambda c: c["metadata"]["study"]["prices"]["hourly"].pop("gpu-spot"), "gpu-spot"),
    (
        "aws",
        "a price below nothing",
        lambda c: c["metadata"]["study"]["prices"]["hourly"].update(head=-1),
        "from 0 upwards",
    ),
    ("aws", "prices of no day", lambda c: c["metadata"]["study"]["prices"].update(as_of="lately"), "as 2026-01-31"),
    ("aws", "a date without quotes", lambda c: c["metadata"].update(made=dt.date(2026, 1, 31)), "quote dates"),
    ("aws", "no cap", lambda c: c["metadata"]["study"].pop("cap"), "metadata.study.cap"),
    ("aws", "no block of ours", lambda c: c.pop("metadata"), "metadata.study"),
    (
        "aws",
        "a judge of an older version",
        lambda c: c["head_start_ray_commands"].append(
            "export RAY_AUTOSCALER_UTILIZATION_SCORER=study.spot.score; true"
        ),
        "study.spot.score is not there; ours is study.cluster.spot_fallback.score",
    ),
    ("gcp", "a typo in node_config", lambda c: node(c).update(machinType="n1"), "did you mean machineType?"),
    (
        "gcp",
        "an unknown machine",
        lambda c: node(c).update(machineType="n1-standrad-4"),
        "got 'n1-standrad-4'; did you mean n1-standard-4?",
    ),
    ("gcp", "a GPU that is not there", lambda c: node(c).pop("guestAccelerators"), "resources.GPU: got 1; expected 0"),
    ("gcp", "a typo deep down", lambda c: node(c)["disks"][0]["initializeParams"].update(diskSizeGB="9"), "diskSizeGB"),
    (
        "gcp",
        "a wrong type",
        lambda c: node(c)["disks"][0]["initializeParams"].update(diskSizeGb=120),
        "expected text (a number in quotes)",
    ),
    ("gcp", "an unknown model", lambda c: node(c)["scheduling"].update(provisioningModel="SPOTT"), "SPOTT"),
    ("gcp", "a GPU that should move", lambda c: node(c)["scheduling"].pop("onHostMaintenance"), "onHostMaintenance"),
    ("gcp", "no account", lambda c: node(c).pop("serviceAccounts"), "serviceAccounts"),
    ("gcp", "no project", lambda c: c["provider"].pop("project_id"), "project_id"),
    ("local", "no key", lambda c: c["auth"].pop("ssh_private_key"), "ssh_private_key"),
    ("local", "the head twice", lambda c: c["provider"]["worker_ips"].append(c["provider"]["head_ip"]), "twice"),
    (
        "local",
        "more at least than together",
        lambda c: c.update(max_workers=1),
        "1 is less than all min_workers together, 2",
    ),
    ("local", "no head", lambda c: c["provider"].pop("head_ip"), "head_ip"),
    ("local", "a key of the cloud", lambda c: c["provider"].update(region="x"), "provider.region"),
]


@pytest.mark.parametrize(
    ("provider", "change", "said"), [(p, c, s) for p, _, c, s in FAULTS], ids=[f"{p}: {n}" for p, n, _, _ in FAULTS]
)
def test_each_fault_is_found(provider: str, change: Change, said: str, tmp_path: Path) -> None:
    config = copy.deepcopy(read_first_document(FILES[provider]))
    change(config)
    file = tmp_path / "cluster.yaml"
    file.write_text(yaml.safe_dump(config))
    flags = said in ("No such option", "--address")  # the slow check, only where it is the one that is meant
    problems = [str(p) for p in find_problems(file, root=ROOT, ray_flags=flags)]
    assert any(said in p for p in problems), problems
    with pytest.raises(BadInput) as caught:
        refuse_problems(file, root=ROOT, ray_flags=flags)
    lines = str(caught.value).splitlines()
    assert all(re.match(rf"{re.escape(str(file))}, line \d+: \S", line) for line in lines), lines
    assert {line.partition(": ")[2] for line in lines} == set(problems), "all of them at once"


def test_no_token_on_the_laptop_says_how_to_make_one(tmp_path: Path) -> None:
    (tmp_path / ".ray/auth_token").unlink()
    assert [str(p) for p in find_problems(FILES["aws"], root=ROOT, ray_flags=False)] == [
        f"file_mounts.~/.ray/auth_token: ~/.ray/auth_token is not there (seen from {ROOT}); "
        "make it with: (umask 077; ray get-auth-token --generate)"
    ]


@pytest.mark.parametrize("provider", FILES)
@pytest.mark.parametrize("value", [None, [], "x", 7])
def test_any_part_of_another_kind_is_a_line_and_not_a_traceback(
    provider: str, value: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "study.cluster.check_ray_up.subprocess.run", lambda *_, **__: subprocess.CompletedProcess([], 0, "", "")
    )
    documents = list(yaml.load_all(FILES[provider].read_text(), yaml.CSafeLoader))
    file = tmp_path / "cluster.yaml"
    spec = documents[0].get("spec", {})
    places = [
        documents[0],
        spec,
        spec.get("rayClusterSpec", {}),
        documents[0].get("provider", {}),
        documents[0]["metadata"],
    ]
    for place in places:
        for key in list(place):
            before, place[key] = place[key], value
            file.write_text(yaml.dump_all(documents, Dumper=yaml.CSafeDumper))
            place[key] = before
            for problem in find_problems(file, root=ROOT, ray_flags=False):
                assert "\n" not in str(problem)
