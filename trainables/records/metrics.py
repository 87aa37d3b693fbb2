"""The one table of metrics: name, label, direction, unit, range, and how each is derived.

Not here: their values (`trainables.records.trial_record`). A new metric is a row here, and a line where it is measured.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar

Direction = Literal["higher", "lower", "none"]
"""Which way is better."""
Unit = Literal["%", "points", "nats", "s", ""]
"""As it is shown. What is shown in percent or points is recorded as a share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One number an epoch."""

    name: str
    """The column in a record and in a frame."""
    label: str
    """A noun in a sentence."""
    axis_label: str = ""
    """A noun at an axis, where it is another."""
    direction: Direction
    unit: Unit = ""
    low: float = 0.0
    high: float = math.inf
    """The range that it lies in, in its recorded unit."""
    measured_in: str = ""
    """The function whose source is its digest, `FILE:NAME` within `trainables`; see `metric_sources`."""
    same_as: tuple[str, ...] = ()
    """Digests of earlier code that gave the same numbers. Whoever rewrites that function and changes none adds one."""
    derived_from: tuple[str, str] | None = None
    """It is not recorded: it is the first of these minus the second."""
    is_time: bool = False
    """It depends on the machine's mood; two runs are equal whatever it says."""
    is_core: bool = False
    """Every record has it."""
    is_whole: bool = False
    """Its values are whole numbers."""
    is_test: bool = False
    """It is of the test part: measured once, after the last epoch, and where it is asked for; NaN at the others."""
    is_objective: bool = False
    """A search may seek it: the mean over a configuration's seeds after its last epoch (of times the total)."""

    @property
    def scale(self) -> float:
        """What its values are multiplied by when they are shown."""
        return 100.0 if self.unit in ("%", "points") else 1.0

    @property
    def difference_unit(self) -> str:
        """The unit of a difference of two of its values."""
        return "points" if self.unit == "%" else self.unit

    @property
    def axis(self) -> str:
        """The label of an axis, with its unit."""
        return (self.axis_label or self.label) + (f" [{self.unit}]" if self.unit else "")

    @property
    def worst(self) -> float:
        """What lies beyond a divergence; NaN where no direction is better."""
        return {"higher": -math.inf, "lower": math.inf, "none": math.nan}[self.direction]

    @property
    def sign(self) -> float:
        """1 where higher is better, else -1."""
        return 1.0 if self.direction == "higher" else -1.0


FORMAT_1_DIGEST = "code 1"
"""The digest of what measured records of format 1: the training code of version 1."""


_UPDATES = "training/loop.py:Training._update_for_an_epoch"
_EVALUATION = "training/evaluation.py:evaluate"
_CLOCK = "training/loop.py:Training._now"


_TABLE = (
    Metric(
        name="train_loss",
        measured_in=_UPDATES,
        same_as=(FORMAT_1_DIGEST,),
        label="training loss",
        direction="lower",
        unit="nats",
        is_core=True,
    ),
    Metric(
        name="train_accuracy",
        measured_in=_EVALUATION,
        same_as=(FORMAT_1_DIGEST,),
        label="training accuracy",
        direction="higher",
        unit="%",
        high=1.0,
        is_objective=True,
    ),
    Metric(
        name="train_loss_eval",
        measured_in=_EVALUATION,
        same_as=(FORMAT_1_DIGEST,),
        label="training loss in eval mode",
        axis_label="training loss, eval mode",
        direction="lower",
        unit="nats",
        is_objective=True,
    ),
    Metric(
        name="val_loss",
        measured_in=_EVALUATION,
        same_as=(FORMAT_1_DIGEST,),
        label="validation loss",
        direction="lower",
        unit="nats",
        is_core=True,
        is_objective=True,
    ),
    Metric(
        name="val_accuracy",
        measured_in=_EVALUATION,
        same_as=(FORMAT_1_DIGEST,),
        label="validation accuracy",
        direction="higher",
        unit="%",
        high=1.0,
        is_objective=True,
    ),
    Metric(
        name="penalty",
        measured_in="training/penalties.py:penalty_value",
        same_as=(FORMAT_1_DIGEST,),
        label="penalty",
        direction="none",
        unit="nats",
    ),
    Metric(
        name="lr",
        measured_in="training/lr_schedules.py:learning_rate",
        same_as=(FORMAT_1_DIGEST,),
        label="learning rate",
        direction="none",
        is_core=True,
    ),
    Metric(
        name="updates",
        measured_in="config/trial_config.py:TrialConfig.updates_per_epoch",
        same_as=(FORMAT_1_DIGEST,),
        label="updates per epoch",
        direction="none",
        is_core=True,
        is_whole=True,
    ),
    Metric(
        name="seconds",
        measured_in=_CLOCK,
        same_as=(FORMAT_1_DIGEST,),
        label="seconds per epoch",
        axis_label="training time",
        direction="lower",
        unit="s",
        is_time=True,
        is_objective=True,
    ),
    Metric(
        name="eval_seconds",
        measured_in=_CLOCK,
        same_as=(FORMAT_1_DIGEST,),
        label="seconds of an epoch's measurements",
        axis_label="measuring time",
        direction="lower",
        unit="s",
        is_time=True,
    ),
    Metric(
        name="accuracy_gap",
        label="accuracy gap",
        direction="lower",
        unit="points",
        low=-1.0,
        high=1.0,
        derived_from=("train_accuracy", "val_accuracy"),
        is_objective=True,
    ),
    Metric(
        name="loss_gap",
        label="loss gap",
        direction="lower",
        unit="nats",
        low=-math.inf,
        derived_from=("val_loss", "train_loss_eval"),
    ),
    Metric(
        name="test_loss",
        measured_in=_EVALUATION,
        label="test loss",
        direction="lower",
        unit="nats",
        is_test=True,
    ),
    Metric(
        name="test_accuracy",
        measured_in=_EVALUATION,
        label="test accuracy",
        direction="higher",
        unit="%",
        high=1.0,
        is_test=True,
    ),
    Metric(
        name="test_accuracy_gap",
        label="accuracy gap to the test part",
        direction="lower",
        unit="points",
        low=-1.0,
        high=1.0,
        derived_from=("train_accuracy", "test_accuracy"),
        is_test=True,
    ),
    Metric(
        name="test_loss_gap",
        label="loss gap to the test part",
        direction="lower",
        unit="nats",
        low=-math.inf,
        derived_from=("test_loss", "train_loss_eval"),
        is_test=True,
    ),
)

METRICS: Mapping[str, Metric] = {m.name: m for m in _TABLE}
"""Every metric of an epoch by its name, the recorded ones first."""

RECORDED = tuple(m.name for m in _TABLE if m.derived_from is None and not m.is_test)
"""The metrics that a new record has a column of, in their order there."""

TEST_METRICS = tuple(m.name for m in _TABLE if m.is_test and m.derived_from is None)
"""Of the test part. A record has a column of them where they were asked for."""

OF_TEST = tuple(m.name for m in _TABLE if m.is_test)
"""The same, with those that are derived from them."""

TEST_COUNTERPARTS: Mapping[str, str] = {"val_accuracy": "test_accuracy", "val_loss": "test_loss"}
"""What a metric of the validation part is called on the test part."""

TEST_GAPS: Mapping[str, str] = {"accuracy_gap": "test_accuracy_gap", "loss_gap": "test_loss_gap"}
"""What a metric that is derived from one of the validation part is called there."""

ON_TEST: Mapping[str, str] = {**TEST_COUNTERPARTS, **TEST_GAPS}
"""Both."""

FORMAT_1_METRICS = (
    *("train_loss", "train_accuracy", "train_loss_eval", "val_loss", "val_accuracy"),
    *("penalty", "lr", "updates", "seconds", "eval_seconds"),
)
"""The columns of every record of format 1, in their order there; this never changes."""

TIMES = frozenset(m.name for m in _TABLE if m.is_time)
"""The measured times: never part of an equality."""

OBJECTIVES = tuple(m.name for m in _TABLE if m.is_objective)
"""What a search may seek."""


class Column(Protocol):
    """An array or a series: what can be subtracted element by element."""

    def __sub__(self, other: Any, /) -> Any:
        """The difference."""


C = TypeVar("C", bound=Column)


def metric_of(name: str, columns: Mapping[str, C]) -> C:
    """A metric of some columns, series or numbers: as it is there, or as it is derived from two that are.

    >>> metric_of("accuracy_gap", {"train_accuracy": 0.75, "val_accuracy": 0.5})
    0.25
    """
    metric = METRICS[name]
    if metric.derived_from is None:
        return columns[name]
    first, second = metric.derived_from
    found: C = columns[first] - columns[second]
    return found


def add_derived(columns: Mapping[str, C]) -> dict[str, C]:
    """The same columns, arrays or series, and those derived from them.

    >>> import numpy as np
    >>> found = add_derived({"train_accuracy": np.array([0.5, 0.75]), "val_accuracy": np.array([0.25, 0.75])})
    >>> found["accuracy_gap"].tolist()
    [0.25, 0.0]
    """
    made = dict(columns)
    for metric in _TABLE:
        if metric.derived_from and all(name in columns for name in metric.derived_from):
            made[metric.name] = metric_of(metric.name, columns)
    return made
