"""Every optimiser against torch.optim."""

from __future__ import annotations

import pytest
import torch

from tests.trainables.small import CLASSES, FEATURES
from trainables.config.trial_config import TrialConfig
from trainables.models.fully_connected import FullyConnected
from trainables.training import optimizers as optim

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
