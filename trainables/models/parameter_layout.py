"""Where each parameter tensor lies in a network's one flat vector. No torch here, so that a driver can count too."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from trainables.config.trial_config import TrialConfig

_ALIGN_FLOATS = 16
"""Each tensor begins at a multiple of 16 floats (64 bytes), as vector units like it; the gaps stay zero for ever."""


@dataclass(frozen=True)
class TensorSlot:
    """Where one parameter tensor lies in the flat vector."""

    name: str
    start: int
    shape: tuple[int, ...]

    @property
    def stop(self) -> int:
        """Where it ends, without the gap behind it."""
        return self.start + math.prod(self.shape)


def layout(config: TrialConfig, inputs: int, classes: int) -> tuple[tuple[TensorSlot, ...], int]:
    """The parameter tensors in order, under their true names, and the length of the flat vector."""
    widths = (inputs, *config.hidden, classes)
    slots: list[TensorSlot] = []
    end = 0
    for i, (fan_in, fan_out) in enumerate(pairwise(widths), start=1):
        shapes: list[tuple[str, tuple[int, ...]]] = [(f"W{i}", (fan_in, fan_out))]
        if config.bias or i > len(config.hidden):
            shapes.append((f"b{i}", (1, fan_out)))
        if config.batch_norm and i <= len(config.hidden):
            shapes += [(f"gamma{i}", (1, fan_out)), (f"beta{i}", (1, fan_out))]
        for name, shape in shapes:
            slots.append(TensorSlot(name, end, shape))
            end = -(-slots[-1].stop // _ALIGN_FLOATS) * _ALIGN_FLOATS
    return tuple(slots), end


def parameter_count(config: TrialConfig, inputs: int = 784, classes: int = 10) -> int:
    """Number of trainable parameters.

    >>> parameter_count(TrialConfig())
    795010
    """
    return sum(math.prod(s.shape) for s in layout(config, inputs, classes)[0])
