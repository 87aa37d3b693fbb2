"""What share of a GPU a job asks for: its tensors counted, against the memory of the smallest GPU there is.

Neither Ray nor torch here. The count is `trainables.memory`'s; how much memory a GPU has comes from the machine's own
`nvidia-smi` or, in a cluster, from the type of GPU that Ray names for each node.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Sequence

from trainables import memory
from trainables.data import DataSet
from trainables.errors import BadInput
from trainables.job import Job

SHARE = 0.25
"""Where the jobs or the GPU's memory are not known beforehand."""

GIGABYTES = {
    "K80": 12,
    "P4": 8,
    "P100": 16,
    "V100": 16,
    "T4": 16,
    "A10": 24,
    "A10G": 24,
    "L4": 24,
    "L40": 48,
    "L40S": 48,
    "A100": 40,
    "A100-40G": 40,
    "A100-80G": 80,
    "H20": 96,
    "H100": 80,
    "H200": 141,
    "B200": 180,
}
"""Memory of the types of GPU that Ray names; of those sold in several sizes the smallest."""


def share(jobs: Sequence[Job], data: DataSet, gpu_bytes: int | None, wish: float = 0.0) -> float:
    """The share of one GPU that the largest of some jobs needs.

    Args:
        jobs: none where a search has yet to propose them.
        data: what they train on.
        gpu_bytes: memory of the smallest GPU; None where nothing is known.
        wish: the user's own share, which holds; 0 for none.

    Raises:
        BadInput: a job is too large for the GPU, or the wish is no share.
    """
    if not 0 <= wish <= 1:
        raise BadInput("STUDY_GPU_SHARE", wish, "expected a share of one GPU, above 0 and up to 1")
    if wish:
        return wish
    if not jobs or gpu_bytes is None:
        return SHARE
    size = memory.Data(len(data.train_images), len(data.val_images), data.train_images.shape[1], len(data.classes))
    distinct = {(job.config.replace(seed=0, epochs=1), len(job.seeds)) for job in jobs}
    return memory.share(max(memory.need(config, seeds, size) for config, seeds in distinct), gpu_bytes)


def smallest(nodes: Iterable[dict[str, float]]) -> int | None:
    """Bytes of the smallest GPU among nodes, by Ray's names of their types; None if one has a GPU of a type unknown.

    >>> smallest([{"CPU": 4}, {"GPU": 1, "accelerator_type:T4": 1}, {"GPU": 8, "accelerator_type:H100": 1}])
    16000000000
    """
    found = []
    for node in nodes:
        if node.get("GPU"):
            kinds = [k.partition(":")[2] for k in node if k.startswith("accelerator_type:")]
            if not kinds or any(k not in GIGABYTES for k in kinds):
                return None
            found += [GIGABYTES[k] * 10**9 for k in kinds]
    return min(found, default=None)


def of_this_machine() -> int | None:
    """Bytes of the smallest GPU of this machine; None where there is none or nothing that could say so."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return None
    try:
        asked = [tool, "--query-gpu=memory.total", "--format=csv,noheader,nounits"]
        said = subprocess.run(asked, capture_output=True, text=True, timeout=20, check=True).stdout
        return min((int(line) * 2**20 for line in said.split()), default=None)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def check_graphs(wanted: bool, device: str) -> None:
    """Refuse CUDA graphs where nothing runs on CUDA.

    Raises:
        BadInput: says what they need.
    """
    if wanted and device != "cuda":
        raise BadInput("STUDY_CUDA_GRAPHS", 1, f"CUDA graphs need --device cuda, and this runs on {device}")
