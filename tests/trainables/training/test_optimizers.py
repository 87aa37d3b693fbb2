"""Every optimiser against torch.optim, and every schedule against torch's."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch

from tests.trainables.small import CLASSES, FEATURES
from trainables.config.trial_config import TrialConfig
from trainables.models.fully_connected import FullyConnected
from trainables.training import optimizers as optim
from trainables.training.lr_schedules import learning_rate

PEERS = {
    "sgd": ({}, torch.optim.SGD, {}),
    "sgd-momentum": ({"optimizer": "sgd", "momentum": 0.9}, torch.optim.SGD, {"momentum": 0.9}),
    "adam": ({}, torch.optim.Adam, {}),
    "adamw": ({}, torch.optim.AdamW, {}),
    "adagrad": ({}, torch.optim.Adagrad, {}),
    "adadelta": ({}, torch.optim.Adadelta, {}),
    "rmsprop": ({}, torch.optim.RMSprop, {}),
}


@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("name", PEERS)
def test_updates_are_those_of_torch(name: str, decay: float) -> None:
    changes, peer, options = PEERS[name]
    config = TrialConfig.from_dict(
        {"optimizer": name.split("-")[0], "hidden": (16,), "lr": 0.05, "weight_decay": decay, **changes}
    )
    network = FullyConnected(config, FEATURES, CLASSES, (0,))
    ours = optim.make_optimizer(network)
    theirs = torch.nn.Parameter(network.theta.view(-1).clone())
    other = peer([theirs], lr=0.05, weight_decay=decay, **options)
    chance = torch.Generator().manual_seed(0)
    for _ in range(30):
        g = torch.randn(theirs.shape, generator=chance)

        def fill(g: torch.Tensor = g) -> torch.Tensor:
            network.grad.view(-1).copy_(g)
            return torch.zeros(())

        theirs.grad = g.clone()
        other.step()
        ours.step([0.05], fill)
    torch.testing.assert_close(network.theta.view(-1), theirs.detach(), rtol=2e-5, atol=2e-6)


def test_lbfgs_uses_its_knobs() -> None:
    network = FullyConnected(
        TrialConfig(hidden=(), optimizer="lbfgs", lbfgs_max_iter=3, lr=0.5), FEATURES, CLASSES, (0,)
    )
    calls = []

    def fill() -> torch.Tensor:
        calls.append(1)
        network.grad.copy_(network.theta)
        return network.theta.square().sum() / 2

    before = network.theta.square().sum()
    optim.make_optimizer(network).step([0.5], fill)
    assert len(calls) == 3 and network.theta.square().sum() < before


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
