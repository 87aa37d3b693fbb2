"""A fully connected network with its backward pass written out, for one replicate or for several side by side.

Why by hand: at batch 32 a step is a millisecond of matrix products, and automatic differentiation with one tensor a
parameter costs a third on top. Here all parameters lie in one flat vector (`theta`), so that an optimiser is one fused
pass over memory, and every product writes into a buffer that is there already. The tests hold it against
torch.autograd.

Weights are stored fan-in x fan-out (the transpose of `nn.Linear`), the faster order for the forward product. With R > 1
replicates every tensor has a leading dimension R and every product is a batched one; the arithmetic is the same.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from trainables.config.trial_config import TrialConfig
from trainables.models.parameter_layout import TensorSlot, layout

BATCH_NORM_EPS = 1e-5
BATCH_NORM_MOMENTUM = 0.1


def random_stream(seed: int, purpose: str, device: torch.device | str = "cpu") -> torch.Generator:
    """A random stream of its own for each purpose, so that no use of chance disturbs another."""
    digest = hashlib.sha256(f"{seed}:{purpose}".encode()).digest()
    return torch.Generator(device).manual_seed(int.from_bytes(digest[:8], "little") >> 1)


_PART_ROWS = 256
"""Rows of a large batch that are taken at a time on a CPU, so that their activations stay in a core's cache."""


@dataclass
class _Buffers:
    """Working memory for one batch size."""

    pre: list[Tensor]
    """Per layer: x W + b; for hidden layers turned in place into the activation."""
    normed: list[Tensor | None]
    inverse_std: list[Tensor | None] = field(default_factory=list)
    delta: list[Tensor] = field(default_factory=list)


class FullyConnected:
    """Parameters, gradients, forward and backward of R replicates of one configuration.

    Args:
        config: which network.
        inputs, classes: its ends.
        seeds: one a replicate; each decides its own initialisation, tensor by tensor, so that two configurations with a
            tensor of equal shape begin with equal values in it.
        device: where everything lies.
    """

    def __init__(
        self, config: TrialConfig, inputs: int, classes: int, seeds: tuple[int, ...], device: torch.device | str = "cpu"
    ) -> None:
        self.config, self.classes, self.replicates = config, classes, len(seeds)
        self.device = torch.device(device)
        self.slots, size = layout(config, inputs, classes)
        self.layers = len(config.hidden) + 1
        self.theta = torch.zeros(self.replicates, size, device=self.device)
        self.grad = torch.zeros_like(self.theta)
        self.w = {s.name: self._view(self.theta, s) for s in self.slots}
        self.g = {s.name: self._view(self.grad, s) for s in self.slots}
        self.running: dict[str, Tensor] = {}
        self._buffers: dict[int, _Buffers] = {}
        self._initialise(seeds)
        self._backward_of = _ACTIVATION_BACKWARD[config.activation]
        self._forward_of = _ACTIVATION[config.activation]

    def _view(self, flat: Tensor, slot: TensorSlot) -> Tensor:
        """One tensor of the flat vector: [R, rows, columns], or [rows, columns] for a single replicate."""
        part: Tensor = flat[:, slot.start : slot.stop].unflatten(1, slot.shape)
        return part if self.replicates > 1 else part.squeeze(0)

    def _initialise(self, seeds: tuple[int, ...]) -> None:
        """PyTorch's default: weights and biases uniform in +-1/sqrt(fan-in); batch norm's gamma 1 and beta 0."""
        fan_in = 1
        for slot in self.slots:
            if slot.name.startswith("W"):
                fan_in = slot.shape[0]
            for row, seed in enumerate(seeds):
                part = self.theta[row, slot.start : slot.stop]
                if slot.name.startswith(("W", "b")) and not slot.name.startswith("beta"):
                    bound = 1 / math.sqrt(fan_in)
                    values = torch.empty(part.shape)
                    part.copy_(values.uniform_(-bound, bound, generator=random_stream(seed, f"init {slot.name}")))
                elif slot.name.startswith("gamma"):
                    part.fill_(1.0)
        if self.config.batch_norm:
            for i in range(1, self.layers):
                self.running[f"mean{i}"] = torch.zeros_like(self.w[f"beta{i}"])
                self.running[f"var{i}"] = torch.ones_like(self.w[f"beta{i}"])

    def _buffer(self, rows: int) -> _Buffers:
        if rows not in self._buffers:
            lead = (self.replicates,) if self.replicates > 1 else ()

            def new(width: int) -> Tensor:
                return torch.empty(*lead, rows, width, device=self.device)

            widths = (*self.config.hidden, self.classes)
            self._buffers[rows] = _Buffers(
                pre=[new(w) for w in widths],
                normed=[new(w) if self.config.batch_norm else None for w in widths[:-1]],
                inverse_std=[None for _ in widths[:-1]],
                delta=[new(w) for w in widths[:-1]],
            )
        return self._buffers[rows]

    def forward(self, x: Tensor, watch: dict[str, Tensor] | None = None) -> Tensor:
        """Logits in eval mode, [rows, classes] (with R leading where R > 1); the next call reuses their memory.

        Args:
            x: inputs [rows, inputs], the same for every replicate.
            watch: if given, receives copies of the hidden values: Z1, Z2, ... before, A1, A2, ... after the
            activations.
        """
        if self.replicates > 1:
            x = x.expand(self.replicates, *x.shape)
        for i, z in enumerate(self._buffer(x.shape[-2]).pre, start=1):
            self._linear(x, i, z)
            if i < self.layers:
                if self.config.batch_norm:
                    scale = (self.running[f"var{i}"] + BATCH_NORM_EPS).rsqrt_().mul_(self.w[f"gamma{i}"])
                    z.sub_(self.running[f"mean{i}"]).mul_(scale).add_(self.w[f"beta{i}"])
                if watch is not None:
                    watch[f"Z{i}"] = z.clone()
                self._forward_of(z)
                if watch is not None:
                    watch[f"A{i}"] = z.clone()
            x = z
        return x

    def loss_and_gradient(self, x: Tensor, target: Tensor, masks: list[Tensor | None] | None, loss: Tensor) -> None:
        """Train mode: write the mean cross-entropy of the batch into `loss` and its gradient into `grad`.

        Args:
            x: inputs [rows, inputs], input dropout already applied.
            target: one-hot labels [rows, classes].
            masks: for each hidden layer a dropout mask that is already divided by the share kept, or None.
            loss: [R], or a scalar for a single replicate; receives the loss.
        """
        rows = x.shape[-2]
        if rows <= _PART_ROWS or self.config.batch_norm or self.device.type != "cpu":
            self._part(x, target, masks, loss, rows, first=True)
            return
        cuts = range(0, rows, _PART_ROWS)
        losses = [torch.empty_like(loss) for _ in cuts]
        for start, part_loss in zip(cuts, losses, strict=True):
            part = slice(start, start + _PART_ROWS)
            cut = [None if m is None else m[..., part, :] for m in masks] if masks else None
            self._part(x[..., part, :], target[..., part, :], cut, part_loss, rows, first=start == 0)
        torch.sum(torch.stack(losses), 0, out=loss)

    def _part(
        self, x: Tensor, target: Tensor, masks: list[Tensor | None] | None, loss: Tensor, rows: int, *, first: bool
    ) -> None:
        """The share of some rows in the mean over `rows`; adds to the gradient unless `first`."""
        buffers = self._buffer(x.shape[-2])
        inputs: list[Tensor] = [x]
        for i in range(1, self.layers + 1):
            z = buffers.pre[i - 1]
            self._linear(inputs[-1], i, z)
            if i < self.layers:
                if self.config.batch_norm:
                    self._normalise(z, i, buffers)
                self._forward_of(z)
                mask = masks[i - 1] if masks else None
                inputs.append(z if mask is None else z * mask)
        log_p = torch.log_softmax(z, -1)
        torch.sum(log_p * target, (-2, -1), out=loss)
        loss.div_(-rows)
        delta = log_p.exp_().sub_(target).div_(rows)
        for i in range(self.layers, 0, -1):
            self._weight_gradient(inputs[i - 1].mT, delta, self.g[f"W{i}"], first=first)
            bias = self.g.get(f"b{i}")
            if bias is not None and first:
                torch.sum(delta, -2, keepdim=True, out=bias)
            elif bias is not None:
                bias.add_(delta.sum(-2, keepdim=True))
            if i == 1:
                break
            below = buffers.delta[i - 2]
            self._product(delta, self.w[f"W{i}"].mT, below)
            mask = masks[i - 2] if masks else None
            if mask is not None:
                below.mul_(mask)
            self._backward_of(below, buffers.pre[i - 2])
            delta = self._normalise_backward(below, i - 1, buffers) if self.config.batch_norm else below

    def _linear(self, x: Tensor, i: int, out: Tensor) -> None:
        w, b = self.w[f"W{i}"], self.w.get(f"b{i}")
        if b is None:
            self._product(x, w, out)
        elif self.config.precision == "bf16":
            self._product(x, w, out)
            out.add_(b)
        elif self.replicates == 1:
            torch.addmm(b, x, w, out=out)
        else:
            torch.baddbmm(b, x, w, out=out)

    def _weight_gradient(self, x: Tensor, delta: Tensor, out: Tensor, *, first: bool) -> None:
        if first:
            self._product(x, delta, out)
        elif self.config.precision == "bf16":
            out.add_((torch.mm if self.replicates == 1 else torch.bmm)(x.bfloat16(), delta.bfloat16()))
        else:
            out.addmm_(x, delta) if self.replicates == 1 else out.baddbmm_(x, delta)

    def _product(self, a: Tensor, b: Tensor, out: Tensor) -> None:
        multiply: Callable[..., Tensor] = torch.mm if self.replicates == 1 else torch.bmm
        if self.config.precision == "bf16":
            out.copy_(multiply(a.bfloat16(), b.bfloat16()))
        else:
            multiply(a, b, out=out)

    def _normalise(self, z: Tensor, i: int, buffers: _Buffers) -> None:
        """Batch norm over the batch: z becomes gamma (z - mean) / sqrt(var + eps) + beta; the running values follow."""
        rows = z.shape[-2]
        var, mean = torch.var_mean(z, -2, correction=0, keepdim=True)
        inverse = (var + BATCH_NORM_EPS).rsqrt_()
        normed = buffers.normed[i - 1]
        assert normed is not None
        torch.sub(z, mean, out=normed).mul_(inverse)
        buffers.inverse_std[i - 1] = inverse
        torch.addcmul(self.w[f"beta{i}"], normed, self.w[f"gamma{i}"], out=z)
        self.running[f"mean{i}"].lerp_(mean, BATCH_NORM_MOMENTUM)
        self.running[f"var{i}"].lerp_(var * (rows / max(rows - 1, 1)), BATCH_NORM_MOMENTUM)

    def _normalise_backward(self, delta: Tensor, i: int, buffers: _Buffers) -> Tensor:
        normed, inverse = buffers.normed[i - 1], buffers.inverse_std[i - 1]
        assert normed is not None and inverse is not None
        rows = delta.shape[-2]
        torch.sum(delta, -2, keepdim=True, out=self.g[f"beta{i}"])
        torch.sum(delta * normed, -2, keepdim=True, out=self.g[f"gamma{i}"])
        delta.sub_(self.g[f"beta{i}"] / rows).addcmul_(normed, self.g[f"gamma{i}"], value=-1 / rows)
        return delta.mul_(inverse * self.w[f"gamma{i}"])


def _relu_backward(delta: Tensor, out: Tensor) -> None:
    torch.ops.aten.threshold_backward.grad_input(delta, out, 0, grad_input=delta)


def _sigmoid_backward(delta: Tensor, out: Tensor) -> None:
    torch.ops.aten.sigmoid_backward.grad_input(delta, out, grad_input=delta)


def _tanh_backward(delta: Tensor, out: Tensor) -> None:
    torch.ops.aten.tanh_backward.grad_input(delta, out, grad_input=delta)


_ACTIVATION: dict[str, Callable[[Tensor], object]] = {
    "relu": torch.relu_,
    "sigmoid": torch.sigmoid_,
    "tanh": torch.tanh_,
    "identity": lambda z: z,
}
_ACTIVATION_BACKWARD: dict[str, Callable[[Tensor, Tensor], None]] = {
    "relu": _relu_backward,
    "sigmoid": _sigmoid_backward,
    "tanh": _tanh_backward,
    "identity": lambda delta, out: None,
}
