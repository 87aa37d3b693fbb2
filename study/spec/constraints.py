"""A comparison that a configuration of a search must keep."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from trainables.config.errors import BadInput
from trainables.config.from_numpy import make_plain
from trainables.config.trial_config import KNOBS, TrialConfig
from trainables.training.gpu_memory import Data

DERIVED = ("parameters", "layers", "widest")
"""What a constraint may speak of besides knobs: weights and biases, hidden layers, units of the widest of them."""


@dataclass(frozen=True, kw_only=True)
class Constraint:
    """A comparison between knobs, or of a knob or of what follows from them (`DERIVED`) with a number."""

    left: str
    op: Literal["<=", ">="]
    right: str | float

    def __post_init__(self) -> None:
        make_plain(self)
        if self.op not in ("<=", ">="):
            raise BadInput("constraint.op", self.op, "expected <= or >=")
        for side in (self.left, self.right):
            if isinstance(side, str) and side not in KNOBS and side not in DERIVED:
                raise BadInput("constraint", side, "expected a knob or one of " + ", ".join(DERIVED))
        if isinstance(self.left, bool) or not isinstance(self.left, str):
            raise BadInput("constraint.left", self.left, "expected a name")
        if isinstance(self.right, bool) or not isinstance(self.right, str | int | float):
            raise BadInput("constraint.right", self.right, "expected a name or a number")

    def holds(self, config: TrialConfig, size: Data) -> bool:
        """Whether a configuration keeps it."""
        a, b = (
            side if isinstance(side, int | float) else _side(side, config, size) for side in (self.left, self.right)
        )
        return bool(a <= b if self.op == "<=" else a >= b)


def _side(name: str, config: TrialConfig, size: Data) -> float:
    if name == "parameters":
        return parameters(config, size.features, size.classes)
    if name == "layers":
        return len(config.hidden)
    if name == "widest":
        return max(config.hidden, default=0)
    value = getattr(config, name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadInput("constraint", name, "it is not a number")
    return value


def parameters(config: TrialConfig, features: int, classes: int) -> int:
    """Weights and biases, batch norm's among them.

    >>> parameters(TrialConfig(), 784, 10), parameters(TrialConfig(hidden=()), 784, 10)
    (795010, 7850)
    """
    widths = (features, *config.hidden, classes)
    dense = sum(a * b + b for a, b in pairwise(widths))
    return dense + (2 * sum(config.hidden) if config.batch_norm else 0)
