"""Trial epochs a second: PyTorch's plain loop, ours eager, replayed, stacked; and what the card's memory allows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from statistics import median

import torch
from torch import nn

from benchmarks.gpu.limit import copy_bandwidth, epoch_bytes
from benchmarks.gpu.report import CheckResult, one_line
from benchmarks.gpu.setting import PartSetting, seconds, steady, tidy, training
from trainables.config.trial_config import TrialConfig
from trainables.training import gpu_memory as memory
from trainables.training.device_arrays import Arrays

UNIT = "trial epochs a second"
PLAIN = "plain"


@dataclass(frozen=True)
class Side:
    """One way to train an epoch of so many seeds; answers with the first seed's validation accuracy."""

    name: str
    seeds: int
    epoch: Callable[[], float]


def part(setting: PartSetting) -> Iterator[CheckResult]:
    """All batch sizes, each with its share of the time."""
    bandwidth = copy_bandwidth(setting)
    yield CheckResult("copy-bandwidth", value=bandwidth / 1e9, unit="GB/s, read and written")
    batches = setting.sizes.batches
    for i, (batch, images) in enumerate(batches):
        until = time.monotonic() + setting.left() / (len(batches) - i)
        arrays = setting.arrays(images)
        try:
            yield from _batch(setting, batch, arrays, bandwidth, until)
        except Exception as error:
            yield CheckResult(f"batch-{batch}", passed=False, reason=one_line(error))


def _batch(setting: PartSetting, batch: int, arrays: Arrays, bandwidth: float, until: float) -> Iterator[CheckResult]:
    sides, failed = _ready(setting, batch, arrays, until)
    rates: dict[str, list[float]] = {s.name: [] for s in sides}
    accuracy: dict[str, float] = {}
    for _ in range(setting.sizes.rounds):  # by turns, so that a slow moment hits all
        for side in sides:
            if rates[side.name] and time.monotonic() > until:
                continue
            took, accuracy[side.name] = seconds(setting.device, side.epoch)
            rates[side.name].append(side.seeds / took)
    yield from failed
    config = setting.config(arrays, batch_size=batch)
    for side in sides:
        found, name = rates[side.name], f"batch-{batch}/{side.name}"
        note = f"{len(arrays.train_x)} training images, {len(found)} rounds; accuracy {accuracy[side.name]:.3f}"
        yield CheckResult(name, value=median(found), low=min(found), high=max(found), unit=UNIT, note=note)
        if PLAIN in rates:
            times = median(found) / median(rates[PLAIN])
            yield CheckResult(f"{name}/against-plain", value=times, unit="times the rate of PyTorch's plain loop")
        limit = side.seeds * bandwidth / epoch_bytes(config, side.seeds, arrays)
        note = f"the memory allows {limit:.4g} {UNIT}, unless its cache holds the parameters"
        yield CheckResult(
            f"{name}/of-memory-limit", value=median(found) / limit, unit="of the memory's limit", note=note
        )


def _ready(setting: PartSetting, batch: int, arrays: Arrays, until: float) -> tuple[list[Side], list[CheckResult]]:
    """Every side after its first epoch, which warms up and captures; and those that failed in it."""
    makers: dict[str, Callable[[], Side]] = {
        PLAIN: partial(_plain, setting, batch, arrays, fused=False),
        "plain-fused": partial(_plain, setting, batch, arrays, fused=True),
    }
    for seeds in setting.sizes.seeds:
        for graphs in (False, True):
            name = f"{'graphed' if graphs else 'eager'}-seeds-{seeds}"
            makers[name] = partial(_ours, setting, batch, arrays, name, seeds, graphs=graphs)
    sides, failed = [], []
    for name, make in makers.items():
        try:
            if time.monotonic() > until:
                raise TimeoutError("no time was left")
            side = make()
            side.epoch()
            sides.append(side)
        except Exception as error:
            failed.append(CheckResult(f"batch-{batch}/{name}", passed=False, reason=one_line(error)))
        tidy(setting.device)
    return sides, failed


def _ours(setting: PartSetting, batch: int, arrays: Arrays, name: str, seeds: int, *, graphs: bool) -> Side:
    stack = steady(training(setting.config(arrays, batch_size=batch), seeds, arrays, graphs=graphs))

    def epoch() -> float:
        stack.epoch()
        return stack.history[0]["val_accuracy"][-1]

    return Side(name, seeds, epoch)


def _plain(setting: PartSetting, batch: int, arrays: Arrays, *, fused: bool) -> Side:
    loop = PlainLoop(setting.config(arrays, batch_size=batch), arrays, fused=fused)
    return Side("plain-fused" if fused else PLAIN, 1, loop.epoch)


class PlainLoop:
    """What a careful person writes with `torch.nn`, autograd and `torch.optim.Adam`, images in the device's memory.

    It never asks the device for a number within an epoch, and measures both sets of images after it, as ours does.
    """

    def __init__(self, config: TrialConfig, arrays: Arrays, *, fused: bool) -> None:
        self._config, self._arrays = config, arrays
        torch.manual_seed(0)
        (width,), features = config.hidden, arrays.train_x.shape[1]
        layers = nn.Linear(features, width), nn.ReLU(), nn.Linear(width, arrays.classes)
        self._model = nn.Sequential(*layers).to(arrays.train_x.device)
        self._update = torch.optim.Adam(self._model.parameters(), lr=config.lr, fused=fused or None)

    def epoch(self) -> float:
        """Train an epoch and measure; the validation accuracy."""
        a, total = self._arrays, torch.zeros((), device=self._arrays.train_x.device)
        order = torch.randperm(len(a.train_x), device=a.train_x.device)
        for rows in order.split(self._config.batch_size):
            loss = nn.functional.cross_entropy(self._model(self._inputs(a.train_x[rows])), a.train_y[rows])
            self._update.zero_grad()
            loss.backward()
            self._update.step()
            total += loss.detach()
        found = torch.stack([total, *self._check(a.train_x, a.train_y), *self._check(a.val_x, a.val_y)])
        return float(found.tolist()[-1])

    def _inputs(self, images: torch.Tensor) -> torch.Tensor:
        return images.float() / self._config.input_divisor

    @torch.no_grad()
    def _check(self, images: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        loss, right = (torch.zeros((), device=images.device) for _ in range(2))
        for x, y in zip(images.split(memory.EVAL_ROWS), labels.split(memory.EVAL_ROWS), strict=True):
            logits = self._model(self._inputs(x))
            loss += nn.functional.cross_entropy(logits, y, reduction="sum")
            right += (logits.argmax(1) == y).sum()
        return loss / len(images), right / len(images)
