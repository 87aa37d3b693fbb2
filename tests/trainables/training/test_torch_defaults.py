"""What a notebook has told torch changes no trial, and is as it was after a run."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch

from trainables.config.trial_config import TrialConfig
from trainables.training.device_arrays import Arrays, training_process
from trainables.training.loop import Training
from trainables.training.torch_defaults import pin_defaults

BACKENDS: Any = torch.backends

SEEN: dict[str, Callable[[], Any]] = {
    "dtype": torch.get_default_dtype,
    "device": torch.get_default_device,
    "deterministic": torch.get_deterministic_debug_mode,
    "benchmark": lambda: BACKENDS.cudnn.benchmark,
    "cudnn": lambda: BACKENDS.cudnn.deterministic,
    "mkldnn": lambda: BACKENDS.mkldnn.enabled,
    "precision": torch.get_float32_matmul_precision,
    "cuda": lambda: BACKENDS.cuda.matmul.fp32_precision,
    "one": lambda: BACKENDS.mkldnn.matmul.fp32_precision,
    "bf16": lambda: BACKENDS.cuda.matmul.allow_bf16_reduced_precision_reduction,
    "anomaly": torch.is_anomaly_enabled,
    "grad": torch.is_grad_enabled,
    "inference": torch.is_inference_mode_enabled,
    "autocast": lambda: torch.is_autocast_enabled("cpu"),
    "random": lambda: (torch.get_rng_state().tolist(), random.getstate()),
}


@contextlib.contextmanager
def set_and_back(change: Callable[[Any], Any], value: Any, before: Any) -> Iterator[None]:
    change(value)
    try:
        yield
    finally:
        change(before)


def flag(holder: Any, name: str, value: bool) -> Any:
    return lambda: set_and_back(lambda v: setattr(holder, name, v), value, getattr(holder, name))


ODD: dict[str, Callable[[], Any]] = {
    "float64": lambda: set_and_back(torch.set_default_dtype, torch.float64, torch.float32),
    "meta": lambda: set_and_back(torch.set_default_device, "meta", None),
    "within meta": lambda: torch.device("meta"),
    "medium": lambda: set_and_back(torch.set_float32_matmul_precision, "medium", "highest"),
    "high": lambda: set_and_back(torch.set_float32_matmul_precision, "high", "highest"),
    "allow_tf32": flag(BACKENDS.cuda.matmul, "allow_tf32", True),
    "bf16": flag(BACKENDS.cuda.matmul, "allow_bf16_reduced_precision_reduction", False),
    "deterministic": lambda: set_and_back(torch.set_deterministic_debug_mode, 1, 0),
    "benchmark": flag(BACKENDS.cudnn, "benchmark", True),
    "cudnn": flag(BACKENDS.cudnn, "deterministic", True),
    "mkldnn": flag(BACKENDS.mkldnn, "enabled", False),
    "anomaly": lambda: torch.autograd.set_detect_anomaly(True),
    "no_grad": torch.no_grad,
    "inference": torch.inference_mode,
    "autocast": lambda: torch.autocast("cpu", dtype=torch.bfloat16),
}


def trained() -> list[float]:
    """Losses of a little network, to the last bit."""
    chance = np.random.default_rng(0)
    images, labels = chance.integers(0, 256, (64, 48), dtype=np.uint8), chance.integers(0, 3, 64)
    arrays = Arrays.place((images[:48], images[48:]), (labels[:48], labels[48:]), 3)
    training = Training(TrialConfig(hidden=(32,), epochs=2, batch_size=16, dropout_hidden=0.2), (1,), arrays)
    while not training.over:
        training.epoch()
    columns = training.history[0]
    return [*columns["train_loss"], *columns["val_loss"]]


@pytest.mark.parametrize("odd", ODD)
def test_a_trial_in_such_a_process_has_the_same_numbers_and_the_process_its_own_settings_again(odd: str) -> None:
    with training_process():
        usual, within = trained(), {k: v() for k, v in SEEN.items()}
    with ODD[odd]():
        before = {k: v() for k, v in SEEN.items()}
        assert any(before[k] != within[k] for k in SEEN if k not in ("random", "cuda", "one"))
        with training_process():
            seen = {k: v() for k, v in SEEN.items()}
            assert trained() == usual
        assert {k: v() for k, v in SEEN.items()} == before
    for name in set(SEEN) - {"random", "cuda", "one"}:
        assert seen[name] == within[name]


def test_two_precisions_that_torch_puts_into_no_word_are_pinned_and_given_back() -> None:
    one = BACKENDS.mkldnn.matmul
    before = one.fp32_precision
    one.fp32_precision = "bf16"
    try:
        with training_process():
            assert torch.get_float32_matmul_precision() == "highest" and one.fp32_precision in ("none", "ieee")
        assert one.fp32_precision == "bf16"
    finally:
        torch.set_float32_matmul_precision("highest")
        one.fp32_precision = before


def test_a_worker_too_trains_under_these_whatever_was_imported_there() -> None:
    torch.set_default_dtype(torch.float64)
    torch.set_float32_matmul_precision("medium")
    try:
        pin_defaults()
        assert torch.get_default_dtype() == torch.float32 and torch.get_float32_matmul_precision() == "highest"
    finally:
        torch.set_default_dtype(torch.float32)
        torch.set_float32_matmul_precision("highest")
