"""What share of a GPU a job asks for: its tensors counted, against the memory of the smallest GPU there is.

Neither Ray nor torch here. The count is `trainables.training.gpu_memory`'s; how much memory a GPU has comes from the
machine's own `nvidia-smi` or, in a cluster, from the type of GPU that Ray or the cluster's file names for each node.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from study.planning.accelerators import GPU_GIGABYTES, PREFIX
from trainables.config.errors import BadInput
from trainables.data.dataset import DataSet
from trainables.jobs.job import Job
from trainables.training import gpu_memory

DEFAULT_GPU_SHARE = 0.25
"""Where the jobs or the GPU's memory are not known beforehand."""


@dataclass(frozen=True)
class GpuShare:
    """The share of a GPU that each job asks for, and for people why."""

    amount: float
    why: str


def data_size_of(data: DataSet) -> gpu_memory.DataSize:
    """What a job's memory depends on."""
    return gpu_memory.DataSize(
        len(data.train_images), len(data.val_images), data.train_images.shape[1], len(data.classes)
    )


def gpu_share(jobs: Sequence[Job], data: gpu_memory.DataSize, gpu_bytes: int | None, wish: float = 0.0) -> float:
    """The share of one GPU that the largest of some jobs needs.

    Args:
        jobs: none where a search has yet to propose them.
        data: the size of what they train on.
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
        return DEFAULT_GPU_SHARE
    return gpu_memory.gpu_fraction(_largest(jobs, data), gpu_bytes)


def expected_share(
    jobs: Sequence[Job],
    searches: bool,
    data: gpu_memory.DataSize,
    nodes: Mapping[str, Mapping[str, float]],
    wish: float,
) -> GpuShare:
    """What a run on nodes of such types will ask for.

    Args:
        jobs: what is known before it begins.
        searches: whether there are searches, which propose theirs as they go.
        data: the size of what they train on.
        nodes: name and resources of each type of node.
        wish: as for `gpu_share`.

    Raises:
        BadInput: as `gpu_share`.
    """
    gpu = smallest_gpu_bytes(nodes.values())
    amount = gpu_share(jobs, data, gpu, wish)
    if wish:
        return GpuShare(amount, "as STUDY_GPU_SHARE says")
    if gpu is None:
        unknown = ", ".join(
            n for n, resources in nodes.items() if resources.get("GPU") and smallest_gpu_bytes([resources]) is None
        )
        how = "write it into its resources, as accelerator_type:T4: 1, or on Kubernetes into its nodeSelector"
        return GpuShare(amount, f"assumed, because the type of GPU of {unknown or 'the nodes'} is not known: {how}")
    if searches:
        return GpuShare(max(amount, DEFAULT_GPU_SHARE), "assumed, because a search chooses its jobs as it goes")
    if not jobs:
        return GpuShare(amount, "nothing is left to count")
    need = (
        f"the largest job needs {gpu_memory.process_bytes(_largest(jobs, data)) / 1e9:.1f} GB of the {gpu / 1e9:g} GB"
    )
    return GpuShare(amount, f"{need} of the smallest GPU, and {gpu_memory.MAX_JOBS_PER_GPU} share one at most")


def _largest(jobs: Sequence[Job], data: gpu_memory.DataSize) -> int:
    distinct = {(job.config.replace(seed=0, epochs=1), len(job.seeds)) for job in jobs}
    return max(gpu_memory.job_bytes(config, seeds, data) for config, seeds in distinct)


def smallest_gpu_bytes(nodes: Iterable[Mapping[str, float]]) -> int | None:
    """Bytes of the smallest GPU among nodes, by Ray's names of their types; None if one has a GPU of a type unknown.

    >>> smallest_gpu_bytes([{"CPU": 4}, {"GPU": 1, "accelerator_type:T4": 1}, {"GPU": 8, "accelerator_type:H100": 1}])
    16000000000
    """
    found = []
    for node in nodes:
        if node.get("GPU"):
            kinds = [k.removeprefix(PREFIX) for k in node if k.startswith(PREFIX)]
            if not kinds or any(k not in GPU_GIGABYTES for k in kinds):
                return None
            found += [GPU_GIGABYTES[k] * 10**9 for k in kinds]
    return min(found, default=None)


def gpu_bytes_here() -> int | None:
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


def missing_here() -> str:
    """What keeps this machine from giving CUDA, asked before Ray or PyTorch is started; empty where nothing does."""
    if metadata.version("torch").endswith("+cpu"):
        return "the PyTorch that is installed here was built without CUDA"
    if os.environ.get("CUDA_VISIBLE_DEVICES", "0") in ("", "-1"):
        return "CUDA_VISIBLE_DEVICES hides every GPU"
    if not list(Path("/dev").glob("nvidia[0-9]*")) and gpu_bytes_here() is None:
        return "there is no GPU on this machine"
    return ""


def check_graphs(wanted: bool, device: str) -> None:
    """Refuse CUDA graphs where nothing runs on CUDA.

    Raises:
        BadInput: says what they need.
    """
    if wanted and device != "cuda":
        raise BadInput("STUDY_CUDA_GRAPHS", 1, f"CUDA graphs need --device cuda, and this runs on {device}")
