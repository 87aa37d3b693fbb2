"""Which GPU a cluster file promises, and how much memory it has: known names of clouds, labels and products.

The tables are data: `accelerators.json` beside this file, with their date and the pages where newer ones are found.

Names are Ray's (`accelerator_type:T4`), so that what a file says and what a node that is there says can be compared.
What is not known for sure is "", never a guess: a slice or a share of a GPU has less memory than its name says.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

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


@dataclass(frozen=True)
class GpuWords:
    """What a cluster file says of the GPU of a type of node; any of it may be absent."""

    resources: tuple[str, ...] = ()
    """Names of Ray's resources."""
    label: str = ""
    """Ray's own label for it."""
    named: tuple[str, ...] = ()
    """What a cloud, a label or the driver calls it."""
    machines: tuple[str, ...] = ()
    """Types of machines that have it."""


def gpu_of(words: GpuWords) -> str:
    """The GPU: what resources or the label say, else by its name, else by the machine.

    >>> gpu_of(GpuWords(("GPU", "accelerator_type:L4"), machines=("g4dn.xlarge",)))
    'L4'
    """
    found = (
        *(name.removeprefix(PREFIX) for name in words.resources if name.startswith(PREFIX)),
        words.label,
        *map(gpu_of_name, words.named),
        *map(gpu_of_machine, words.machines),
    )
    return next((kind for kind in found if kind), "")
