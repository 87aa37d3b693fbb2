"""What is known of an optimiser without torch; a row each.

Not here: what it does (`trainables.training.optimizers`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class OptimizerFacts:
    """What it takes, and what goes with it."""

    vectors: int
    """Vectors as long as the parameters that it keeps; momentum's, and those of a history, are counted on top."""
    sweeps: int = 7
    """Passes over memory an update, of vectors as long as the parameters; lbfgs's depend on its knobs."""
    temporary: int = 0
    """Vectors that exist for a moment in an update."""
    knobs: tuple[str, ...] = ()
    """Knobs that have no effect under any other."""
    refuses: Mapping[str, str] | None = None
    """Knobs that it cannot go with, and why."""
    inner: bool = False
    """It evaluates a batch several times, and decides by the loss how it goes on."""


_SAME_LOSS = "lbfgs evaluates one batch several times and needs the same loss each time"

OPTIMIZER_TABLE: Mapping[str, OptimizerFacts] = {
    "sgd": OptimizerFacts(vectors=0, sweeps=3, knobs=("momentum",)),
    "adam": OptimizerFacts(vectors=2),
    "adamw": OptimizerFacts(vectors=2),
    "adagrad": OptimizerFacts(vectors=1, sweeps=5),
    "adadelta": OptimizerFacts(vectors=2, sweeps=18, temporary=3),
    "rmsprop": OptimizerFacts(vectors=2),
    "lbfgs": OptimizerFacts(
        vectors=4,
        temporary=4,
        knobs=("lbfgs_max_iter", "lbfgs_history"),
        refuses={
            "weight_decay": "lbfgs has none; use l2_squared",
            "dropout_input": _SAME_LOSS,
            "dropout_hidden": _SAME_LOSS,
        },
        inner=True,
    ),
}
"""By the name in a configuration."""
