"""The metrics: which way is better, and which are measured times.

Not here: their values (`trainables.records.trial_record`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

MEASURED_TIMES = ("seconds", "eval_seconds")
"""Fields that depend on the machine's mood; two runs are equal whatever these say."""


DIRECTIONS: Mapping[str, Literal["higher", "lower", "none"]] = {
    "train_loss": "lower",
    "train_accuracy": "higher",
    "train_loss_eval": "lower",
    "val_loss": "lower",
    "val_accuracy": "higher",
    "penalty": "none",
    "lr": "none",
    "updates": "none",
    "seconds": "lower",
    "eval_seconds": "lower",
    "accuracy_gap": "lower",
    "loss_gap": "lower",
}
"""Which way is better. `accuracy_gap` = train_accuracy - val_accuracy; `loss_gap` = val_loss - train_loss_eval."""


CURVES = ("val_accuracy", "val_loss", "train_accuracy", "train_loss_eval", "accuracy_gap", "seconds")
"""`seconds` is the time of all updates so far; `accuracy_gap` = train_accuracy - val_accuracy."""
