"""On a real GPU: stacked = one by one, replayed = eager, memory as counted. Skipped where there is none."""

from __future__ import annotations

import pytest
import torch

from tests.trainables.small import KNOB_CHANGES, SMALL, arrays
from tests.trainables.training.test_loop import numbers
from trainables.config.trial_config import TrialConfig
from trainables.training import gpu_memory as memory
from trainables.training.cuda_graph import CudaGraphRecorder
from trainables.training.device_arrays import Arrays
from trainables.training.loop import Training

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU on this machine"),
]
STACKED = [c for c in KNOB_CHANGES if "lbfgs" not in c]


def on_gpu(images: int = 96) -> Arrays:
    a = arrays(images)
    return Arrays(a.train_x.cuda(), a.train_y.cuda(), a.val_x.cuda(), a.val_y.cuda(), a.classes)


def train(config: TrialConfig, seeds: tuple[int, ...], *, graphs: bool = False, images: int = 96) -> Training:
    training = Training(config.replace(device="cuda"), seeds, on_gpu(images), CudaGraphRecorder() if graphs else None)
    while not training.over:
        training.epoch()
    return training


@pytest.mark.parametrize("change", STACKED)
def test_stacked_is_one_by_one(change: str) -> None:
    config = SMALL.replace(**KNOB_CHANGES[change])
    together = train(config, (0, 1, 2))
    loose = 2e-2 if config.precision == "bf16" else 1e-5
    for r in range(3):
        alone = train(config, (r,)).history[0]
        for one, other in zip(together.history[r], alone, strict=True):
            for name in ("train_loss", "val_loss", "train_loss_eval"):
                assert getattr(one, name) == pytest.approx(getattr(other, name), rel=loose), name


@pytest.mark.parametrize("change", STACKED)
@pytest.mark.parametrize("seeds", [(0,), (0, 1, 2)])
def test_replayed_is_eager_to_the_last_bit(change: str, seeds: tuple[int, ...]) -> None:
    config = SMALL.replace(batch_size=16).replace(**KNOB_CHANGES[change])
    eager, graphed = train(config, seeds), train(config, seeds, graphs=True)
    assert torch.equal(eager.network.theta, graphed.network.theta)
    assert [numbers(h) for h in eager.history] == [numbers(h) for h in graphed.history]
    assert graphed._replay is not None and graphed._replay.replayed > 0


def test_a_gpu_learns_what_a_cpu_learns() -> None:
    cpu = Training(SMALL, (0,), arrays())
    while not cpu.over:
        cpu.epoch()
    gpu = train(SMALL, (0,))
    assert gpu.history[0][-1].val_loss == pytest.approx(cpu.history[0][-1].val_loss, rel=1e-3)


@pytest.mark.parametrize("graphs", [False, True])
def test_memory_is_within_what_was_counted(graphs: bool) -> None:
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    config = TrialConfig(hidden=(500,), batch_size=256, epochs=2, dropout_hidden=0.2)
    train(config, (0, 1, 2), graphs=graphs, images=4096)
    counted = memory.job_bytes(config, 3, memory.Data(4096, 40, 20, 4))
    assert torch.cuda.max_memory_allocated() - before <= counted * memory.SPARE + memory.CUDA_PROCESS_BYTES


def test_two_jobs_share_a_gpu() -> None:
    """As Ray starts them: two processes at once, each with its own part of the memory."""
    import multiprocessing

    with multiprocessing.get_context("spawn").Pool(2) as pool:
        first, second = pool.map(_loss, [0, 0])
    assert first == second


def _loss(seed: int) -> float:
    torch.cuda.set_per_process_memory_fraction(0.25)
    return train(SMALL, (seed,)).history[0][-1].val_loss
