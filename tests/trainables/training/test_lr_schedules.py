"""Schedules of the learning rate are those of torch."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import pytest
import torch

from trainables.config.trial_config import TrialConfig
from trainables.training.lr_schedules import learning_rate


def torch_rates(config: TrialConfig, losses: list[float]) -> list[float]:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=config.lr)
    schedule: Any
    mode: Any = config.plateau_threshold_mode
    if config.schedule == "plateau":
        schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(
            optimizer,
            factor=config.plateau_factor,
            patience=config.plateau_patience,
            threshold=config.plateau_threshold,
            threshold_mode=mode,
            cooldown=config.plateau_cooldown,
            min_lr=config.plateau_min_lr,
        )
    elif config.schedule == "step":
        schedule = torch.optim.lr_scheduler.StepLR(optimizer, config.step_size, config.step_gamma)
    else:
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, config.epochs, config.cosine_min_lr)
    rates = []
    for loss in losses:
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step(loss) if config.schedule == "plateau" else schedule.step()
    return rates


@pytest.mark.parametrize(
    "knobs",
    [
        {"schedule": "step", "step_size": 3, "step_gamma": 0.5},
        {"schedule": "cosine", "cosine_min_lr": 1e-4, "epochs": 20},
        {"schedule": "plateau", "plateau_factor": 0.5, "plateau_patience": 0, "plateau_threshold": 1e-3,
         "plateau_threshold_mode": "abs", "plateau_min_lr": 1e-5},
        {"schedule": "plateau", "plateau_patience": 2, "plateau_cooldown": 2},
    ],
    ids=["step", "cosine", "plateau-of-the-chapter", "plateau-relative"],
)  # fmt: skip
def test_rates_are_those_of_torch(knobs: dict[str, object]) -> None:
    config = TrialConfig.from_dict({"lr": 0.01, "epochs": 20, **knobs})
    losses = [1 / (1 + min(i, 4)) + 0.2 * (i > 4) + 0.001 * math.sin(3 * i) for i in range(20)]
    ours = [learning_rate(config, losses[:i]) for i in range(20)]
    assert ours == pytest.approx(torch_rates(config, losses), rel=1e-9)
    assert len(set(ours)) > 2


def test_constant_rate() -> None:
    assert learning_rate(TrialConfig(lr=0.3), [1.0, 2.0]) == 0.3


@pytest.mark.parametrize("so_many", [1, 3, 7])
def test_the_first_epoch_with_less_is_the_one_that_the_knob_tells_of(so_many: int) -> None:
    told = {f.name: f.metadata["doc"] for f in dataclasses.fields(TrialConfig) if f.metadata}
    step = TrialConfig(schedule="step", step_size=so_many)
    rates = [learning_rate(step, [1.0] * done) for done in range(so_many + 3)]
    assert rates.index(min(rates[: so_many + 1])) + 1 == so_many + 1 and "the one after has less" in told["step_size"]
    plateau = TrialConfig(schedule="plateau", plateau_patience=so_many)
    rates = [learning_rate(plateau, [1.0] * done) for done in range(so_many + 3)]
    assert rates.index(min(rates)) + 1 == so_many + 3 and "one more lowers the next" in told["plateau_patience"]
