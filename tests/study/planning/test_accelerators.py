"""Types of GPU by the names that clouds and Kubernetes give them, against what EC2 says of its own."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from study.cluster.cluster_file import read_cluster
from study.planning import accelerators
from study.planning.accelerators import (
    GPU_GIGABYTES,
    gpu_of_machine,
    gpu_of_name,
)

ROOT = Path(__file__).parents[3]


def amazons() -> dict[str, Any]:
    """Instance types as EC2 describes them, from the package that plays EC2 in other tests."""
    import moto

    file = Path(moto.__file__).parent / "ec2/resources/instance_types.json.gz"
    found: dict[str, Any] = json.loads(gzip.decompress(file.read_bytes()))
    return {name: kind["GpuInfo"]["Gpus"][0] for name, kind in found.items() if (kind.get("GpuInfo") or {}).get("Gpus")}


def test_amazons_instances_have_the_gpus_that_the_table_says() -> None:
    known = {name: gpu for name, gpu in amazons().items() if gpu_of_machine(name)}
    assert {"g4dn.xlarge", "g5.xlarge", "g6.xlarge", "p4d.24xlarge", "p5.48xlarge"} <= set(known)
    for name, gpu in known.items():
        kind = gpu_of_machine(name)
        assert kind.partition("-")[0] == gpu["Name"], name
        assert GPU_GIGABYTES[kind] * 1e9 <= gpu["MemoryInfo"]["SizeInMiB"] * 2**20 * 1.001, f"{name} has less than that"


def test_a_slice_of_a_gpu_is_not_taken_for_a_whole_one() -> None:
    slices = [name for name, gpu in amazons().items() if name.startswith(("g6f", "gr6f"))]
    assert slices
    assert {gpu_of_machine(name) for name in slices} == {""}


def test_the_tables_say_of_which_day_they_are() -> None:
    assert dt.date.fromisoformat(accelerators.TABLE_AS_OF) <= dt.datetime.now(dt.UTC).date()


def test_all_that_the_tables_name_has_a_memory() -> None:
    assert set(accelerators.MACHINES.values()) <= set(GPU_GIGABYTES)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("nvidia-tesla-t4", "T4"),
        ("nvidia-tesla-a100", "A100"),
        ("nvidia-a100-80gb", "A100-80G"),
        ("nvidia-l4", "L4"),
        ("nvidia-h100-mega-80gb", "H100"),
        ("nvidia-h200-141gb", "H200"),
        ("t4", "T4"),
        ("l40s", "L40S"),
        ("Tesla-V100-SXM2-16GB", "V100"),
        ("NVIDIA-A100-PCIE-40GB", "A100"),
        ("NVIDIA-A10G-SHARED", ""),
        ("tpu-v5-lite-podslice", ""),
        ("", ""),
    ],
)
def test_names(text: str, kind: str) -> None:
    assert gpu_of_name(text) == kind


@pytest.mark.parametrize("file", ["cluster.yaml", "cluster/gcp.yaml", "cluster/kuberay.yaml"])
def test_the_files_tell_their_gpus(file: str) -> None:
    cluster = read_cluster(ROOT / file)
    assert {kind.gpu for kind in cluster.workers if kind.gpus} == {"T4"}
    assert {kind.gpu for kind in cluster.workers if not kind.gpus} == {""}
