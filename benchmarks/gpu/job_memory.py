"""A job's memory as it is, against the count by which jobs get their share of a GPU."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import torch

from benchmarks.gpu.report import CheckResult
from benchmarks.gpu.setting import PartSetting, attempts, peak_bytes, training
from trainables.training import gpu_memory as memory

EPOCHS = 2


def part(setting: PartSetting) -> Iterator[CheckResult]:
    """Stacks of several sizes, wide and special networks; then what CUDA itself takes."""
    wide = (setting.sizes.hidden,) * 2
    batch, largest = setting.sizes.batches[0][0], setting.sizes.batches[-1][0]
    jobs: dict[str, tuple[int, bool, dict[str, Any]]] = {
        f"seeds-{n}": (n, False, {"batch_size": batch}) for n in setting.sizes.seeds
    }
    jobs["seeds-5-graphed"] = (5, True, {"batch_size": batch})
    jobs["two-layers-large-batch"] = (5, False, {"hidden": wide, "batch_size": largest})
    jobs["batch-norm-dropout"] = (5, False, {"batch_norm": True, "dropout_hidden": 0.2, "batch_size": largest})
    jobs["bf16"] = (5, False, {"precision": "bf16", "batch_size": largest})
    yield from attempts(setting, {n: partial(_job, setting, n, *job) for n, job in jobs.items()})
    if setting.device == "cuda":
        yield _process(setting)


def _job(setting: PartSetting, name: str, seeds: int, graphs: bool, knobs: dict[str, Any]) -> CheckResult:
    """Data, network and two epochs."""
    images = dict(setting.sizes.batches)[knobs["batch_size"]]
    counts: list[int] = []

    def job() -> None:
        arrays = setting.arrays(images)
        config = setting.config(arrays, **knobs)
        size = memory.DataSize(len(arrays.train_x), len(arrays.val_x), arrays.train_x.shape[1], arrays.classes)
        counts.append(memory.job_bytes(config, seeds, size))
        stack = training(config, seeds, arrays, graphs=graphs)
        for _ in range(EPOCHS):
            stack.epoch()

    seen = peak_bytes(setting.device, job)
    counted = counts[0]
    note = f"{seen:,} bytes seen, {counted:,} counted, {memory.process_bytes(counted):,.0f} allowed with CUDA's own"
    fits = seen <= memory.process_bytes(counted)
    return CheckResult(name, fits, "" if fits else note, value=seen / counted, unit="bytes seen / counted", note=note)


def _process(setting: PartSetting) -> CheckResult:
    """What is in use beyond the allocator's own: CUDA's context, kernels, workspaces, and whoever else is there."""
    torch.cuda.empty_cache()
    free, whole = torch.cuda.mem_get_info()
    taken = whole - free - torch.cuda.memory_reserved()
    note = f"at most: other processes on the card are in it; {memory.CUDA_PROCESS_BYTES / 1e6:.0f} MB are assumed"
    return CheckResult(
        "cuda-itself",
        taken <= memory.CUDA_PROCESS_BYTES,
        "" if taken <= memory.CUDA_PROCESS_BYTES else "more than is assumed",
        value=taken / 1e6,
        unit="MB",
        note=note,
    )
