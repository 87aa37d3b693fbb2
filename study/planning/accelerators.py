"""Which GPU a cluster file promises, and how much memory it has: known names of clouds, labels and products.

The tables are data: `accelerators.json` beside this file, with their date and the pages where newer ones are found.

Names are Ray's (`accelerator_type:T4`), so that what a file says and what a node that is there says can be compared.
What is not known for sure is "", never a guess: a slice or a share of a GPU has less memory than its name says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_TABLE = json.loads((Path(__file__).parent / "accelerators.json").read_text())

TABLE_AS_OF: str = _TABLE["as_of"]
"""The day on which the tables were written."""

GPU_GIGABYTES: dict[str, int] = _TABLE["gigabytes"]
"""Memory of the types of GPU that Ray names; of those sold in several sizes the smallest."""

MACHINES: dict[str, str] = {**_TABLE["amazon_families"], **_TABLE["google_series"]}
"""The GPU of machines that have one type: Amazon's families, before the dot; Google's series, before the last dash."""

PREFIX = "accelerator_type:"

MACHINE_LABELS = ("node.kubernetes.io/instance-type", "karpenter.k8s.aws/instance-family")
GPU_LABELS = ("cloud.google.com/gke-accelerator", "karpenter.k8s.aws/instance-gpu-name", "nvidia.com/gpu.product")
"""Labels of Kubernetes nodes that a `nodeSelector` may ask for."""


def gpu_of_machine(kind: str) -> str:
    """The GPU of a cloud's type of machine.

    >>> gpu_of_machine("g4dn.xlarge"), gpu_of_machine("a2-ultragpu-1g"), gpu_of_machine("n1-standard-4")
    ('T4', 'A100-80G', '')
    """
    return MACHINES.get(kind.partition(".")[0]) or MACHINES.get(kind.rpartition("-")[0], "")


def gpu_of_name(text: str) -> str:
    """The GPU that a cloud, a label or the driver names so.

    >>> gpu_of_name("projects/p/zones/z/acceleratorTypes/nvidia-tesla-t4"), gpu_of_name("NVIDIA-A100-SXM4-80GB")
    ('T4', 'A100-80G')
    >>> gpu_of_name("NVIDIA-A100-SXM4-40GB-MIG-1g.5gb"), gpu_of_name("gtx-1080")
    ('', '')
    """
    words = re.split(r"[-_ ]", text.rpartition("/")[2].upper())
    if {"MIG", "SHARED"} & set(words):
        return ""
    found = next((w for w in words if w in GPU_GIGABYTES), "")
    return "A100-80G" if found == "A100" and {"80GB", "80G"} & set(words) else found


def gpu_of_node_type(entry: Mapping[str, Any]) -> str:
    """The GPU of an entry of `available_node_types`: what its resources or labels say, else by its cloud's settings."""
    return next((kind for kind in _said(entry, entry.get("node_config") or {}) if kind), "")


def gpu_of_worker_group(group: Mapping[str, Any]) -> str:
    """The GPU of a worker group of a RayJob: what its resources or labels say, else by what its pods select."""
    wanted = group["template"]["spec"].get("nodeSelector") or {}
    found = [
        *_said(group, {}),
        *(gpu_of_name(str(wanted[label])) for label in GPU_LABELS if label in wanted),
        *(gpu_of_machine(str(wanted[label])) for label in MACHINE_LABELS if label in wanted),
    ]
    return next((kind for kind in found if kind), "")


def _said(entry: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[str]:
    yield from (key.removeprefix(PREFIX) for key in entry.get("resources") or {} if key.startswith(PREFIX))
    yield str((entry.get("labels") or {}).get("ray.io/accelerator-type", ""))
    yield from (gpu_of_name(str(a.get("acceleratorType"))) for a in config.get("guestAccelerators") or ())
    yield gpu_of_machine(str(config.get("InstanceType") or config.get("machineType") or ""))
