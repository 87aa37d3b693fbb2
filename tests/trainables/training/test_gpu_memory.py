"""The count of a job's memory, held against what PyTorch's allocator saw on a CPU that works as a GPU would."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch.profiler import ProfilerActivity, profile

from trainables.config.errors import BadInput
from trainables.config.trial_config import TrialConfig
from trainables.models import fully_connected as model
from trainables.training import device_arrays, loop
from trainables.training import gpu_memory as memory
from trainables.training import optimizers as optim

DATA = memory.DataSize(2000, 1200, 60, 10)


def peak(config: TrialConfig, seeds: int) -> int:
    """The most bytes of tensors at once in the first two epochs."""
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 255, (3200, DATA.features), dtype=np.uint8), rng.integers(0, DATA.classes, 3200)
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as seen:
        a, b, c, d = (torch.from_numpy(v).clone() for v in (x[:2000], y[:2000], x[2000:], y[2000:]))
        training = loop.Training(config, tuple(range(seeds)), device_arrays.Arrays(a, b, c, d, DATA.classes))
        training.epoch()
        training.epoch()
    kineto: Any = seen.profiler
    events = [e for e in kineto.kineto_results.events() if e.name() == "[memory]"]
    changes = [e.nbytes() for e in sorted(events, key=lambda e: int(e.start_ns()))]
    return int(np.cumsum(changes).max())


@pytest.mark.parametrize(
    ("seeds", "knobs"),
    [
        (1, {"hidden": (300,), "optimizer": "adadelta", "weight_decay": 0.1}),
        (1, {"hidden": (100,), "optimizer": "lbfgs", "batch_size": 700}),
        (3, {"hidden": (100,), "batch_norm": True, "dropout_hidden": 0.2, "batch_size": 700, "l1": 0.1}),
        (3, {"hidden": (200, 100), "precision": "bf16", "batch_size": 700}),
    ],
)
def test_the_count_is_what_was_measured(seeds: int, knobs: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "_PART_ROWS", 10**9)
    monkeypatch.setattr(optim, "_PIECE_FLOATS", 10**9)
    monkeypatch.setattr(loop, "_EVAL_ROWS", memory.EVAL_ROWS)
    config = TrialConfig(epochs=9, **knobs)
    assert 0.999 <= memory.job_bytes(config, seeds, DATA) / peak(config, seeds) <= 1.05


def test_a_share_is_a_whole_part_of_a_gpu_and_no_more_than_eight_share_one() -> None:
    assert memory.gpu_fraction(0, 10**12) == 0.125
    assert memory.gpu_fraction(4_000_000_000, 16_000_000_000) == 0.3333
    for tensors in (10**8, 10**9, 5 * 10**9):
        part = memory.gpu_fraction(tensors, 16 * 10**9)
        assert (tensors + memory.CUDA_PROCESS_BYTES) / part <= 16.01e9
    with pytest.raises(BadInput, match=r"smallest GPU has 4\.0"):
        memory.gpu_fraction(4_000_000_000, 4_000_000_000)


def test_more_of_anything_needs_more() -> None:
    least = memory.job_bytes(TrialConfig(), 1, DATA)
    for change in ({"hidden": (2000,)}, {"batch_size": 700}, {"dropout_input": 0.5}):
        assert memory.job_bytes(TrialConfig(**change), 1, DATA) > least
    assert memory.job_bytes(TrialConfig(), 2, DATA) > least
    assert memory.job_bytes(TrialConfig(train_images=500), 1, DATA) < least
