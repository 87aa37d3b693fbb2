"""Which knobs have no effect in a configuration, because another one is set as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from trainables.config.optimizer_table import OPTIMIZER_TABLE

if TYPE_CHECKING:
    from trainables.config.trial_config import TrialConfig

_OF_SCHEDULES: Mapping[str, tuple[str, ...]] = {
    "plateau": (
        "plateau_factor", "plateau_patience", "plateau_threshold", "plateau_threshold_mode", "plateau_cooldown",
        "plateau_min_lr",
    ),
    "step": ("step_size", "step_gamma"),
    "cosine": ("cosine_min_lr",),
}  # fmt: skip
_ONLY_WITH: tuple[tuple[str, str, str, str], ...] = tuple(
    (knob, owner, needed, f"it has no effect unless {owner} is {needed}")
    for owner, groups in (
        ("optimizer", {name: facts.knobs for name, facts in OPTIMIZER_TABLE.items()}),
        ("schedule", _OF_SCHEDULES),
    )
    for needed, knobs in groups.items()
    for knob in knobs
)
"""Knob, the knob that it depends on, which value that one must have, and what is said where it has another."""
_OF_HELD_OUT = dict.fromkeys(("split_seed", "fold"), "it has no effect unless held_out is above 0")
_OF_HIDDEN = dict.fromkeys(
    ("bias", "batch_norm", "dropout_hidden", "activation"), "it has no effect without a hidden layer (hidden is empty)"
)


def idle_knobs(config: TrialConfig) -> dict[str, str]:
    """The knobs that have no effect in a configuration, each with why; they are at their defaults.

    >>> from trainables.config.trial_config import TrialConfig
    >>> idle_knobs(TrialConfig())["momentum"], "momentum" in idle_knobs(TrialConfig(optimizer="sgd"))
    ('it has no effect unless optimizer is sgd', False)
    """
    found = {knob: why for knob, owner, needed, why in _ONLY_WITH if getattr(config, owner) != needed}
    if not config.held_out:
        found |= _OF_HELD_OUT
    if not config.hidden:
        found |= _OF_HIDDEN
    return found
