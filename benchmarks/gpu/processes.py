"""Several processes on one GPU, each with a stack of five seeds: trial epochs a second of all together."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import torch

from benchmarks.gpu.report import CheckResult, one_line
from benchmarks.gpu.setting import PartSetting, beginning_processes, steady, training, wait
from trainables.training.device_arrays import prepare_process

SEEDS = 5
EPOCHS = 3
WAYS = ("eager", "graphed")

Span = tuple[float, float]
"""When an epoch's work began and ended, by the monotonic clock, which all processes share."""


def part(setting: PartSetting) -> Iterator[CheckResult]:
    """One process, then more; each number starts anew."""
    alone: dict[str, float] = {}
    batch, images = setting.sizes.batches[0]
    note = f"batch {batch}, {images} training images, stacks of {SEEDS} seeds, all processes together"
    for count in setting.sizes.processes:
        try:
            spans = _at_once(setting, count)
        except Exception as error:
            yield CheckResult(f"processes-{count}", passed=False, reason=one_line(error))
            continue
        for way, found in zip(WAYS, zip(*spans, strict=True), strict=True):
            took = max(end for _, end in found) - min(begin for begin, _ in found)
            rate = count * EPOCHS * SEEDS / took
            name = f"processes-{count}/{way}"
            yield CheckResult(name, value=rate, unit="trial epochs a second", note=note)
            if way in alone:
                yield CheckResult(f"{name}/against-one", value=rate / alone[way], unit="times the rate of one process")
            elif count == 1:
                alone[way] = rate


def _at_once(setting: PartSetting, count: int) -> list[list[Span]]:
    """By process, by way of training; start-up and first epochs are left out."""
    if setting.left() <= 0:
        raise TimeoutError("no time was left")
    context = beginning_processes()
    ready = context.Barrier(count)
    with ProcessPoolExecutor(count, context, initializer=_give, initargs=(ready,)) as pool:
        return list(pool.map(_work, [setting] * count, [count] * count))


_ready: Any = None


def _give(ready: Any) -> None:
    global _ready  # noqa: PLW0603  # a worker's arguments come by pickle, and a barrier does not
    _ready = ready


def _work(setting: PartSetting, count: int) -> list[Span]:
    """Both ways; all processes begin each at the same moment, and one that fails lets the others go."""
    try:
        return [_way(setting, count, graphs=way == "graphed") for way in WAYS]
    except BaseException:
        _ready.abort()
        raise


def _way(setting: PartSetting, count: int, *, graphs: bool) -> Span:
    prepare_process()
    if setting.device == "cuda":
        torch.cuda.set_per_process_memory_fraction(0.95 / count)
    batch, images = setting.sizes.batches[0]
    arrays = setting.arrays(images)
    stack = steady(training(setting.config(arrays, batch_size=batch), SEEDS, arrays, graphs=graphs))
    stack.epoch()
    wait(setting.device)
    _ready.wait(max(1.0, setting.left()))
    began = time.monotonic()
    for _ in range(EPOCHS):
        stack.epoch()
    wait(setting.device)
    return began, time.monotonic()
