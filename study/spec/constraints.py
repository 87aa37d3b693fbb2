"""A comparison that a configuration of a search must keep."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import PlainValidator

from study.spec.faults import Fault, WrongValue, closest
from study.spec.values import Label, checked, is_number
from trainables.config.trial_config import KNOBS, TrialConfig
from trainables.models.parameter_layout import parameter_count
from trainables.training.gpu_memory import DataSize

DERIVED = ("parameters", "layers", "widest")
"""What a constraint may speak of besides knobs: weights and biases, hidden layers, units of the widest of them."""


def _side_of(v: Any) -> str | float:
    if not isinstance(v, str) and not is_number(v):
        raise ValueError("expected a name or a number")
    return v  # type: ignore[no-any-return]


def _is_numeric(knob: str) -> bool:
    default = KNOBS[knob].default
    return knob == "train_images" or (isinstance(default, int | float) and not isinstance(default, bool))


@checked(frozen=True, kw_only=True)
class Constraint:
    """A comparison of knobs, or of what follows from them (parameters, layers, widest), or with a number."""

    left: Label
    """A knob, or parameters, layers or widest."""
    op: Literal["<=", ">="]
    """How the two compare."""
    right: Annotated[str | float, PlainValidator(_side_of, json_schema_input_type=str | float)]
    """The same, or a number."""

    def __post_init__(self) -> None:
        for name in ("left", "right"):
            side = getattr(self, name)
            if isinstance(side, str) and side not in KNOBS and side not in DERIVED:
                known = (*KNOBS, *DERIVED)
                why = f"expected a knob or one of {', '.join(DERIVED)}{closest(side, known)}"
                raise WrongValue(Fault((name,), side, why))
            if isinstance(side, str) and side in KNOBS and not _is_numeric(side):
                raise WrongValue(Fault((name,), side, "this knob is not a number"))

    def holds(self, config: TrialConfig, size: DataSize) -> bool:
        """Whether a configuration keeps it."""
        a, b = (
            side if isinstance(side, int | float) else _side(side, config, size) for side in (self.left, self.right)
        )
        return bool(a <= b if self.op == "<=" else a >= b)


def _side(name: str, config: TrialConfig, size: DataSize) -> float:
    if name == "parameters":
        return parameter_count(config, size.features, size.classes)
    if name == "layers":
        return len(config.hidden)
    if name == "widest":
        return max(config.hidden, default=0)
    if name == "train_images" and config.train_images is None:
        return size.seen_by(config).train
    value = getattr(config, name)
    assert isinstance(value, int | float), "a constraint of another knob is refused when it is made"
    return value
