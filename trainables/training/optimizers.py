"""Optimisers over the flat parameter vector: PyTorch's fused kernels where it has them, cache-sized pieces where not.

`torch.optim` keeps its state per parameter and spends 30 to 100 microseconds a step on bookkeeping, a tenth of a whole
step at batch 32; the kernels below it are called directly. The tests hold every update against `torch.optim`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from trainables.config.trial_config import TrialConfig
from trainables.models.fully_connected import FullyConnected

_PIECE_FLOATS = 65_536
"""Floats that stay in a core's cache while several passes go over them."""


@dataclass(frozen=True)
class OptimizerState:
    """All that one replicate needs to go on."""

    tensors: Mapping[str, Tensor]
    """What an optimiser remembers, by the names of its rule's memory, and `steps`."""
    inner: object = None
    """What an optimiser of PyTorch's own gives and takes, unopened; None where there is none."""


class Optimizer(Protocol):
    """What the loop needs of an optimiser."""

    def step(self, rates: Sequence[float], gradient: Callable[[], Tensor]) -> None:
        """One update; `gradient` fills the network's gradient and returns the loss; `rates` has one entry a
        replicate.
        """

    def state(self, replicate: int) -> OptimizerState:
        """Return all that one replicate needs to go on."""

    def load(self, replicate: int, state: OptimizerState) -> None:
        """Let one replicate go on from `state`; raises KeyError where that is another optimiser's."""


def make_optimizer(network: FullyConnected) -> Optimizer:
    """The optimiser that the network's configuration names, with PyTorch's defaults for all that is not a knob."""
    if network.config.optimizer == "lbfgs":
        return _Lbfgs(network)
    return _Elementwise(network)


class _Elementwise:
    """An optimiser that treats every parameter alike, so that one pass over the flat vector is a step."""

    def __init__(self, network: FullyConnected) -> None:
        self._config, self._network = network.config, network
        names, self._update = _RULES[network.config.optimizer]
        if network.config.optimizer == "sgd" and not network.config.momentum:
            names = ()
        self._memory = {name: torch.zeros_like(network.theta) for name in names}
        self._steps = [torch.zeros((), device=network.device) for _ in range(network.replicates)]
        whole = [self._rows(slice(None))]
        self._whole, self._each = whole, [self._rows(slice(r, r + 1)) for r in range(network.replicates)]

    def _rows(self, rows: slice) -> tuple[Tensor, Tensor, dict[str, Tensor], Tensor]:
        flat = {name: m[rows].view(-1) for name, m in self._memory.items()}
        return (
            self._network.theta[rows].view(-1),
            self._network.grad[rows].view(-1),
            flat,
            self._steps[rows.start or 0],
        )

    def step(self, rates: Sequence[float], gradient: Callable[[], Tensor]) -> None:
        gradient()
        for s in self._steps:
            s.add_(1)
        if len(set(rates)) == 1:
            self._update(*self._whole[0], rates[0], self._config)
        else:
            for part, rate in zip(self._each, rates, strict=True):
                self._update(*part, rate, self._config)

    def state(self, replicate: int) -> OptimizerState:
        remembered = {name: m[replicate].clone() for name, m in self._memory.items()}
        return OptimizerState({"steps": self._steps[replicate].clone(), **remembered})

    def load(self, replicate: int, state: OptimizerState) -> None:
        self._steps[replicate].copy_(state.tensors["steps"])
        for name, m in self._memory.items():
            m[replicate].copy_(state.tensors[name])


class _Lbfgs:
    """torch.optim.LBFGS, without line search; the closure evaluates the same batch each time."""

    def __init__(self, network: FullyConnected) -> None:
        if network.replicates > 1:
            raise ValueError("lbfgs cannot be stacked: its step length depends on each replicate's own gradient")
        self._parameter = torch.nn.Parameter(network.theta.view(-1))
        self._parameter.grad = network.grad.view(-1)
        c = network.config
        self._inner = torch.optim.LBFGS(
            [self._parameter], lr=c.lr, max_iter=c.lbfgs_max_iter, history_size=c.lbfgs_history
        )

    def step(self, rates: Sequence[float], gradient: Callable[[], Tensor]) -> None:
        self._inner.param_groups[0]["lr"] = rates[0]
        self._inner.step(gradient)  # type: ignore[arg-type, unused-ignore]

    def state(self, replicate: int) -> OptimizerState:
        return OptimizerState({}, self._inner.state_dict()["state"].get(0, {}))

    def load(self, replicate: int, state: OptimizerState) -> None:
        if state.inner is None:
            raise KeyError("lbfgs")
        if state.inner:
            groups = self._inner.state_dict()["param_groups"]
            self._inner.load_state_dict({"state": {0: state.inner}, "param_groups": groups})


Rule = Callable[[Tensor, Tensor, dict[str, Tensor], Tensor, float, TrialConfig], None]


def _sgd(p: Tensor, g: Tensor, m: dict[str, Tensor], step: Tensor, lr: float, c: TrialConfig) -> None:
    torch._fused_sgd_(  # type: ignore[call-overload, unused-ignore]
        [p],
        [g],
        [m["momentum"]] if c.momentum else [],
        weight_decay=c.weight_decay,
        momentum=c.momentum,
        lr=lr,
        dampening=0.0,
        nesterov=False,
        maximize=False,
        is_first_step=False,  # the buffer starts at zero, so that the first step is the general one
    )


def _adam_with(kernel: Callable[..., Any], *, beta1: float = 0.9, beta2: float = 0.999) -> Rule:
    def update(p: Tensor, g: Tensor, m: dict[str, Tensor], step: Tensor, lr: float, c: TrialConfig) -> None:
        kernel(
            [p],
            [g],
            [m["mean"]],
            [m["square"]],
            [],
            [step],
            lr=lr,
            beta1=beta1,
            beta2=beta2,
            weight_decay=c.weight_decay,
            eps=1e-8,
            amsgrad=False,
            maximize=False,
        )

    return update


def _adagrad(p: Tensor, g: Tensor, m: dict[str, Tensor], step: Tensor, lr: float, c: TrialConfig) -> None:
    torch._fused_adagrad_(
        [p], [g], [m["square"]], [step], lr=lr, lr_decay=0.0, weight_decay=c.weight_decay, eps=1e-10, maximize=False
    )


def _rmsprop(p: Tensor, g: Tensor, m: dict[str, Tensor], step: Tensor, lr: float, c: TrialConfig) -> None:
    """RMSprop is Adam without a mean of gradients and without bias correction, so Adam's fused kernel serves it.

    beta1 = 0 makes the mean the gradient; a step count for which 0.99 ** steps is 0 in double precision removes the
    correction. There is no fused RMSprop for the CPU, and four passes over memory take twice as long.
    """
    _adam_as_rmsprop(p, g, m, torch.full_like(step, 1e6), lr, c)


_adam_as_rmsprop = _adam_with(torch._fused_adam_, beta1=0.0, beta2=0.99)


def _adadelta(p: Tensor, g: Tensor, m: dict[str, Tensor], step: Tensor, lr: float, c: TrialConfig) -> None:
    for p_, loss_gradient, square, moved in _pieces(p, g, m["square"], m["moved"]):
        g_ = loss_gradient.add(p_, alpha=c.weight_decay) if c.weight_decay else loss_gradient
        square.mul_(0.9).addcmul_(g_, g_, value=0.1)
        delta = (moved + 1e-6).div_(square + 1e-6).sqrt_().mul_(g_)
        moved.mul_(0.9).addcmul_(delta, delta, value=0.1)
        p_.add_(delta, alpha=-lr)


def _pieces(*tensors: Tensor) -> zip[tuple[Tensor, ...]]:
    size = _PIECE_FLOATS if tensors[0].device.type == "cpu" else tensors[0].numel()
    return zip(*(t.split(size) for t in tensors), strict=True)


_RULES: dict[str, tuple[tuple[str, ...], Rule]] = {
    "sgd": (("momentum",), _sgd),
    "adam": (("mean", "square"), _adam_with(torch._fused_adam_)),
    "adamw": (("mean", "square"), _adam_with(torch._fused_adamw_)),
    "adagrad": (("square",), _adagrad),
    "rmsprop": (("mean", "square"), _rmsprop),
    "adadelta": (("square", "moved"), _adadelta),
}
