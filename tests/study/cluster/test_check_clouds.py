"""Node settings against the clouds' own models: what we ship is taken, and each fault has its field."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from study.cluster.check_clouds import GCP_SIZES, CloudNode, aws_faults, gcp_faults
from study.cluster.check_file import Problem
from study.cluster.cluster_file import read_first_document
from tests.study.cluster.test_check_file import FILES, node, worker

CHECKS = {"aws": aws_faults, "gcp": gcp_faults}
Change = Callable[[dict[str, Any]], object]


def found(provider: str, change: Change = lambda _: None) -> list[Problem]:
    values = read_first_document(FILES[provider])
    types = values["available_node_types"]
    values["available_node_types"] = types = {n: copy.deepcopy(e) for n, e in types.items()}  # YAML's are one
    change(values)
    nodes = [CloudNode(n, json.dumps(e["node_config"]), e["resources"].get("GPU", 0)) for n, e in types.items()]
    return [Problem.of(fault) for fault in CHECKS[provider](nodes)]


@pytest.mark.parametrize("provider", CHECKS)
def test_what_is_shipped_is_taken(provider: str) -> None:
    assert found(provider) == []


@pytest.mark.parametrize(
    ("provider", "change", "field"),
    [
        ("aws", lambda c: node(c).update(InstanceTyp="g4dn.xlarge"), "node_config.InstanceTyp"),
        ("aws", lambda c: node(c)["BlockDeviceMappings"][0]["Ebs"].update(VolumSize=5), "Ebs.VolumSize"),
        (
            "aws",
            lambda c: node(c)["InstanceMarketOptions"].update(MarketType="spott"),
            "InstanceMarketOptions.MarketType",
        ),
        ("aws", lambda c: worker(c, "cpu-spot")["resources"].update(GPU=1), "cpu-spot.resources.GPU"),
        ("gcp", lambda c: node(c).update(machinType="n1"), "node_config.machinType"),
        (
            "gcp",
            lambda c: node(c)["disks"][0]["initializeParams"].update(diskSizeGb=120),
            "initializeParams.diskSizeGb",
        ),
        ("gcp", lambda c: node(c).pop("guestAccelerators"), "resources.GPU"),
    ],
)
def test_a_fault_is_said_once_at_its_field(provider: str, change: Change, field: str) -> None:
    faults = found(provider, change)
    assert [fault.where.endswith(field) for fault in faults] == [True], faults


def test_keys_that_ray_reads_itself_are_no_faults_of_the_cloud() -> None:
    assert found("aws", lambda c: node(c).update(SubnetIds=["subnet-1"], KeyName="mine")) == []


@pytest.mark.parametrize("size", GCP_SIZES)
def test_a_misspelt_size_of_machine_is_told_its_right_name(size: str) -> None:
    wrong = size[:-1] + "q" if len(size) > 5 else size + "q"
    machine = lambda kind: lambda c: node(c).update(machineType=kind)  # noqa: E731
    assert found("gcp", machine(f"n1-{size}-4")) == []
    (fault,) = found("gcp", machine(f"n1-{wrong}-4"))
    assert fault.where.endswith("machineType") and "did you mean n1-" in fault.what
