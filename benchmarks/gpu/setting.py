"""Where a part runs and with which sizes; and what differs between a GPU and the CPU that stands for one."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch

from benchmarks.gpu.report import CheckResult, Machine, one_line
from tests.trainables.recording import FakeRecorder
from tests.trainables.small import KNOB_CHANGES
from trainables.config.trial_config import TrialConfig
from trainables.data.dataset import DataSet, subset
from trainables.data.sources import load_data_set
from trainables.jobs import cpu_info as processor
from trainables.records.tensor_summary import SUMMARY_EPOCHS
from trainables.training.cuda_graph import CudaGraphRecorder, GraphRecorder
from trainables.training.device_arrays import Arrays
from trainables.training.loop import Training

Found = TypeVar("Found")


@dataclass(frozen=True)
class Sizes:
    """How much work a part does."""

    hidden: int
    batches: tuple[tuple[int, int], ...]
    """Batch sizes, each with the number of training images of an epoch."""
    val_images: int
    seeds: tuple[int, ...]
    """Replicates in a stack."""
    processes: tuple[int, ...]
    rounds: int
    copy_bytes: int
    """Of the copy that measures the memory; far more than a cache holds."""
    changes: tuple[str, ...]
    """Knobs for which stacking and replaying are checked, by their names in the tests."""


STACKED = tuple(c for c in KNOB_CHANGES if "lbfgs" not in c)
"""What can be stacked and replayed."""

WHOLE = Sizes(
    hidden=1000,
    batches=((32, 12_288), (1024, 60_000), (10_000, 60_000)),
    val_images=10_000,
    seeds=(1, 5, 32),
    processes=(1, 2, 4, 8),
    rounds=5,
    copy_bytes=2**30,
    changes=STACKED,
)
"""On a GPU."""

TINY = Sizes(
    hidden=8,
    batches=((32, 80), (64, 128)),
    val_images=40,
    seeds=(1, 5, 32),
    processes=(1, 2),
    rounds=1,
    copy_bytes=2**16,
    changes=("momentum", "batch_norm", "dropout_hidden", "cosine", "l1", "precision"),
)
"""For a rehearsal: every line of code, and no figure that means anything."""


@dataclass(frozen=True)
class PartSetting:
    """What a part is given."""

    device: str
    sizes: Sizes
    data_dir: Path
    until: float
    """The monotonic clock's time, which all processes share, when the part must have ended."""

    def left(self) -> float:
        """Seconds."""
        return self.until - time.monotonic()

    def arrays(self, images: int) -> Arrays:
        """So many of Fashion-MNIST's training images on the device, and validation images."""
        data, val = _loaded(self.data_dir), self.sizes.val_images
        both = (data.train_images, data.val_images[:val]), (data.train_labels, data.val_labels[:val])
        rows = subset(data, min(images, len(data.train_images)))
        return Arrays.place(*both, len(data.classes), rows=rows, device=self.device)

    def config(self, arrays: Arrays, **knobs: Any) -> TrialConfig:
        """The default network, of this setting's width, without an end."""
        common = TrialConfig(hidden=(self.sizes.hidden,), epochs=1_000_000, device=self.device)
        return common.replace(train_images=len(arrays.train_x), **knobs)


@cache
def _loaded(data_dir: Path) -> DataSet:
    return load_data_set("fashion-mnist", data_dir)


def training(config: TrialConfig, seeds: int, arrays: Arrays, *, graphs: bool) -> Training:
    """Seeds 0, 1, ... stacked, eager or replayed."""
    return Training(config, tuple(range(seeds)), arrays, recorder(config.device) if graphs else None)


def steady(stack: Training) -> Training:
    """The training, its epochs numbered beyond all that the ladder names, after which the CPU summarises tensors."""
    stack.epochs_done = max(SUMMARY_EPOCHS)
    return stack


def recorder(device: str) -> GraphRecorder:
    """What captures updates: CUDA, or its stand-in on the CPU."""
    return CudaGraphRecorder() if device == "cuda" else FakeRecorder()


def beginning_processes() -> ForkServerContext:
    """How a part begins processes: each is a fork of one that has imported PyTorch, and has not touched the device."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["torch"])
    return context


def seconds(device: str, run: Callable[[], Found]) -> tuple[float, Found]:
    """Seconds of the clock until the device has done it, and what it gave."""
    wait(device)
    began = time.perf_counter()
    found = run()
    wait(device)
    return time.perf_counter() - began, found


def wait(device: str) -> None:
    """Until the device has done all that it was given."""
    if device == "cuda":
        torch.cuda.synchronize()


def tidy(device: str) -> None:
    """Give memory back that no tensor needs, so that one measurement does not starve the next."""
    if device == "cuda":
        with contextlib.suppress(RuntimeError):  # a device that is broken says so where it is used next
            torch.cuda.empty_cache()


def peak_bytes(device: str, run: Callable[[], object]) -> int:
    """The most bytes of tensors at once while it ran, beyond those there were; on the CPU by PyTorch's profiler."""
    if device == "cuda":
        torch.ones(64, 64, device=device).mm(
            torch.ones(64, 64, device=device)
        )  # the products' workspace is not the job's
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        run()
        wait(device)
        return torch.cuda.max_memory_allocated() - before
    from torch.autograd.profiler import profile  # `torch.profiler` is this and PyTorch's compiler, seconds of imports

    with profile(profile_memory=True) as seen:
        run()
    kineto: Any = seen.kineto_results
    events = [e for e in kineto.events() if e.name() == "[memory]"]
    changes = [e.nbytes() for e in sorted(events, key=lambda e: int(e.start_ns()))]
    return int(np.cumsum(changes).max(initial=0))


def attempts(setting: PartSetting, named: dict[str, Callable[[], CheckResult]]) -> Iterator[CheckResult]:
    """Each measurement; one that fails, or for which no time is left, says why, and the others go on."""
    for name, measure in named.items():
        if setting.left() <= 0:
            yield CheckResult(name, passed=False, reason="not begun: no time was left")
            continue
        try:
            yield measure()
        except Exception as error:
            yield CheckResult(name, passed=False, reason=one_line(error))
        tidy(setting.device)


def machine(device: str) -> Machine:
    """This one."""
    facts = processor.cpu_facts()
    name = facts.get("model name") or platform.processor() or platform.machine()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    about: Any = torch.cuda.get_device_properties(0) if device == "cuda" else None
    return Machine(
        card=about.name if about else name,
        card_bytes=about.total_memory if about else memory,
        compute_capability=f"{about.major}.{about.minor}" if about else "",
        multiprocessors=about.multi_processor_count if about else 0,
        l2_cache_bytes=getattr(about, "L2_cache_size", 0),
        cuda=str(torch.version.cuda or ""),
        torch=torch.__version__,
        numpy=np.__version__,
        python=platform.python_version(),
        system=f"{platform.system()} {platform.machine()}",
        processor=name,
        cores=len(os.sched_getaffinity(0)),
    )
