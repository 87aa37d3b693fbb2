"""The hand-written network against automatic differentiation."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from trainables.config.trial_config import TrialConfig
from trainables.models.fully_connected import FullyConnected
from trainables.models.parameter_layout import parameter_count

CASES: dict[str, dict[str, Any]] = {
    "plain": {},
    "none": {"hidden": ()},
    "two": {"hidden": (16, 12)},
    "sigmoid": {"hidden": (16, 12), "activation": "sigmoid"},
    "tanh": {"activation": "tanh", "hidden": (16,)},
    "identity": {"activation": "identity", "hidden": (16,)},
    "batch-norm": {"batch_norm": True, "hidden": (16, 12)},
    "no-bias": {"bias": False, "hidden": (16, 12)},
    "no-bias-batch-norm": {"bias": False, "batch_norm": True},
}


def twin(network: FullyConnected, row: int) -> nn.Sequential:
    """The same network in the usual modules, with the same parameters."""
    activations = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "identity": nn.Identity}
    config, parts = network.config, list[nn.Module]()

    def of(name: str) -> torch.Tensor:
        values = network.w[name]
        return (values[row] if network.replicates > 1 else values).clone()

    for i in range(1, network.layers + 1):
        w = of(f"W{i}")
        linear: Any = nn.Linear(w.shape[0], w.shape[1], bias=f"b{i}" in network.w)
        linear.weight.data = w.T.clone()
        if linear.bias is not None:
            linear.bias.data = of(f"b{i}")[0]
        parts.append(linear)
        if i < network.layers:
            if config.batch_norm:
                parts.append(nn.BatchNorm1d(w.shape[1]))
            parts.append(activations[config.activation]())
    return nn.Sequential(*parts)


def gradients(module: nn.Sequential) -> list[torch.Tensor]:
    found: list[Any] = []
    parts: list[Any] = list(module)
    for part in parts:
        if hasattr(part, "in_features"):
            found += [part.weight.grad.T, *([] if part.bias is None else [part.bias.grad[None]])]
        elif hasattr(part, "running_mean"):
            found += [part.weight.grad[None], part.bias.grad[None]]
    return found


@pytest.mark.parametrize("seeds", [(3,), (3, 4)], ids=["one", "stacked"])
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("rows", [32, 600], ids=["small-batch", "in-parts"])
def test_loss_and_gradient_are_those_of_autograd(case: str, rows: int, seeds: tuple[int, ...]) -> None:
    network = FullyConnected(TrialConfig.from_dict({"hidden": (16,), **CASES[case]}), 20, 4, seeds)
    x = torch.rand(len(seeds), rows, 20, generator=torch.Generator().manual_seed(1))
    labels = torch.randint(0, 4, (len(seeds), rows), generator=torch.Generator().manual_seed(2))
    target = nn.functional.one_hot(labels, 4).float()
    loss = torch.empty(len(seeds)) if len(seeds) > 1 else torch.empty(())
    modules = [twin(network, r) for r in range(len(seeds))]
    one = len(seeds) == 1
    network.loss_and_gradient(x[0] if one else x, target[0] if one else target, None, loss)
    for r, module in enumerate(modules):
        expected = nn.functional.cross_entropy(module(x[r]), labels[r])
        expected.backward()
        torch.testing.assert_close(loss.reshape(-1)[r], expected.detach())
        for slot, wanted in zip(network.slots, gradients(module), strict=True):
            got = network.g[slot.name][r] if len(seeds) > 1 else network.g[slot.name]
            torch.testing.assert_close(got, wanted, rtol=1e-4, atol=1e-6, msg=slot.name)
        module.eval()
        logits = network.forward(x[r])
        torch.testing.assert_close(logits[r] if len(seeds) > 1 else logits, module(x[r]).detach(), rtol=1e-4, atol=1e-5)


def test_dropout_masks_reach_the_gradient() -> None:
    network = FullyConnected(TrialConfig(hidden=(16,)), 20, 4, (0,))
    x, mask = torch.rand(8, 20), (torch.rand(8, 16) > 0.5).float() * 2
    target = nn.functional.one_hot(torch.arange(8) % 4, 4).float()
    loss = torch.empty(())
    module: Any = twin(network, 0)
    network.loss_and_gradient(x, target, [mask], loss)
    hidden = torch.relu(module[0](x)) * mask
    expected = nn.functional.cross_entropy(module[2](hidden), torch.arange(8) % 4)
    expected.backward()
    torch.testing.assert_close(loss, expected.detach())
    torch.testing.assert_close(network.g["W1"], module[0].weight.grad.T)


def test_initial_values_are_pytorchs_distribution_and_follow_the_seed() -> None:
    network = FullyConnected(TrialConfig(), 784, 10, (0,))
    bound = 784**-0.5
    w = network.w["W1"]
    assert w.abs().max() <= bound and abs(w.std().item() - bound / 3**0.5) < 1e-4
    assert network.w["b2"].abs().max() <= 1000**-0.5
    deeper = FullyConnected(TrialConfig(hidden=(1000, 1000)), 784, 10, (0,))
    assert torch.equal(deeper.w["W1"], w), "a tensor of equal shape begins equal in another configuration"
    assert not torch.equal(FullyConnected(TrialConfig(), 784, 10, (1,)).w["W1"], w)


def test_parameters_are_counted_without_padding() -> None:
    assert parameter_count(TrialConfig()) == 784 * 1000 + 1000 + 1000 * 10 + 10
    assert parameter_count(TrialConfig(hidden=())) == 7850
    assert parameter_count(TrialConfig(batch_norm=True)) == 795_010 + 2000
