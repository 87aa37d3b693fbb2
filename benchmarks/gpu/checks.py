"""What must hold on a GPU, as functions: stacked = one by one, replayed = eager, memory as counted, jobs side by side.

Each gives the number that it judged, or raises `Broken`. The tests call them
(`tests/trainables/training/test_loop_on_gpu.py`), and so does the benchmark where there is no pytest.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

import torch

from benchmarks.gpu.report import CheckResult
from benchmarks.gpu.setting import STACKED, PartSetting, attempts, beginning_processes, peak_bytes, recorder, wait
from tests.trainables.small import CLASSES, FEATURES, KNOB_CHANGES, SMALL, arrays
from trainables.config.trial_config import TrialConfig
from trainables.records.epoch_columns import EpochLog
from trainables.records.metrics import RECORDED, TIMES
from trainables.training import gpu_memory as memory
from trainables.training.device_arrays import Arrays, prepare_process
from trainables.training.loop import Training

LOSSES = ("train_loss", "val_loss", "train_loss_eval")
VAL_IMAGES = 40


class Broken(Exception):
    """What was to hold does not; the message says what was found."""


@dataclass(frozen=True)
class Check:
    """One of them, ready to run."""

    name: str
    run: Callable[[], float]
    unit: str


def all_checks(device: str, changes: Sequence[str] = STACKED) -> list[Check]:
    """Every check, for every knob or some."""
    far, bits = "largest relative difference", "updates replayed"
    found = [Check(f"stacked-is-one-by-one/{c}", partial(stacked_is_one_by_one, device, c), far) for c in changes]
    for change in changes:
        for seeds in (1, 3):
            name = f"replayed-is-eager/{change}-seeds-{seeds}"
            found.append(Check(name, partial(replayed_is_eager, device, change, seeds), bits))
    for graphs in (False, True):
        name = f"memory-within-count/{'replayed' if graphs else 'eager'}"
        found.append(Check(name, partial(memory_is_within_count, device, graphs=graphs), "bytes / bytes allowed"))
    found.append(Check("learns-what-a-cpu-learns", partial(learns_what_a_cpu_learns, device), far))
    found.append(Check("two-jobs-share-the-device", partial(two_jobs_share, device), "loss"))
    return found


def part(setting: PartSetting) -> Iterator[CheckResult]:
    """All of them."""
    return attempts(setting, {c.name: partial(_found, c) for c in all_checks(setting.device, setting.sizes.changes)})


def _found(check: Check) -> CheckResult:
    return CheckResult(check.name, value=check.run(), unit=check.unit)


def on(device: str, images: int = 96) -> Arrays:
    """The small data set of the tests, on the device."""
    a = arrays(images)
    return Arrays(a.train_x.to(device), a.train_y.to(device), a.val_x.to(device), a.val_y.to(device), a.classes)


def train(
    device: str, config: TrialConfig, seeds: Sequence[int], *, graphs: bool = False, images: int = 96
) -> Training:
    """Train to the end on the small data set."""
    config = config.replace(device=device)
    training = Training(config, seeds, on(device, images), recorder(device) if graphs else None)
    while not training.over:
        training.epoch()
    return training


def stacked_is_one_by_one(device: str, change: str) -> float:
    """Three stacked replicates learn what each learns alone, but for rounding."""
    config = SMALL.replace(**KNOB_CHANGES[change])
    together = train(device, config, (0, 1, 2))
    allowed = 2e-2 if config.precision == "bf16" else 1e-5
    worst = 0.0
    for r in range(3):
        alone = train(device, config, (r,)).history[0]
        worst = max(worst, _apart(together.history[r], alone))
    if not worst <= allowed:
        raise Broken(f"stacked and one by one differ by {worst:.2g} of a loss, {allowed:g} is allowed")
    return worst


def replayed_is_eager(device: str, change: str, seeds: int) -> float:
    """Updates from a graph give the numbers of eager ones to the last bit; how many were replayed."""
    config = SMALL.replace(batch_size=16).replace(**KNOB_CHANGES[change])
    eager, graphed = (train(device, config, range(seeds), graphs=g) for g in (False, True))
    apart = (eager.network.theta - graphed.network.theta).abs().max().item()
    if not torch.equal(eager.network.theta, graphed.network.theta):
        raise Broken(f"parameters of replayed and eager updates differ by up to {apart:.2g}")
    if [_numbers(h) for h in eager.history] != [_numbers(h) for h in graphed.history]:
        raise Broken("records of replayed and eager updates differ, though the parameters are equal")
    if graphed.replayed == 0:
        raise Broken("no update was replayed")
    return graphed.replayed


def learns_what_a_cpu_learns(device: str) -> float:
    """The device's validation loss is the CPU's, but for rounding."""
    worst = _apart(train(device, SMALL, (0,)).history[0], train("cpu", SMALL, (0,)).history[0])
    if not worst <= 1e-3:
        raise Broken(f"a loss differs from the CPU's by {worst:.2g}, 0.001 is allowed")
    return worst


def memory_is_within_count(device: str, *, graphs: bool) -> float:
    """A job's tensors take no more than is counted for it, spare part and CUDA's own share included."""
    config = TrialConfig(hidden=(500,), batch_size=256, epochs=2, dropout_hidden=0.2)
    seen = peak_bytes(device, partial(train, device, config, (0, 1, 2), graphs=graphs, images=4096))
    allowed = memory.process_bytes(memory.job_bytes(config, 3, memory.DataSize(4096, VAL_IMAGES, FEATURES, CLASSES)))
    if seen > allowed:
        raise Broken(f"{seen:,} bytes were in use, {allowed:,.0f} are allowed")
    return seen / allowed


def two_jobs_share(device: str) -> float:
    """Two processes at once, each with its own part of the memory, as Ray starts them: both learn the same."""
    with ProcessPoolExecutor(2, beginning_processes()) as pool:
        jobs = [pool.submit(_loss, device) for _ in range(2)]
        first, second = (job.result() for job in jobs)
    if first != second:
        raise Broken(f"two jobs side by side learnt {first!r} and {second!r}")
    return first


def _loss(device: str) -> float:
    prepare_process()
    if device == "cuda":
        torch.cuda.set_per_process_memory_fraction(0.25)
    loss = train(device, SMALL, (0,)).history[0]["val_loss"][-1]
    wait(device)
    return loss


def _apart(ours: EpochLog, others: EpochLog) -> float:
    """The largest difference of a loss, relative to the other's; infinite where one is no number."""
    pairs: list[tuple[float, float]] = [pair for name in LOSSES for pair in zip(ours[name], others[name], strict=True)]
    differences = [abs(a - b) / abs(b) for a, b in pairs]
    return max(math.inf if math.isnan(d) else d for d in differences)


def _numbers(log: EpochLog) -> list[tuple[float, ...]]:
    """All that was measured, but for times."""
    return [tuple(log[name]) for name in RECORDED if name not in TIMES]
