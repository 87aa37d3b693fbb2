"""The distribution of one tensor's values after one epoch, and after which epochs there is one."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from trainables.records.fields import number, numbers, one_of, spelled, text, whole

Kind = Literal["parameter", "activation"]


QUANTILES = (0.0, 0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999, 1.0)
"""Levels at which every tensor's quantiles are recorded."""


BINS = 100
"""Bins of a recorded histogram, of equal width between the tensor's minimum and maximum."""


SUMMARY_EPOCHS: frozenset[int] = frozenset(m * 10**k for k in range(6) for m in (1, 2, 3, 5))
"""Epochs at which tensors are summarised besides a run's last: 1, 2, 3, 5, 10, 20, 30, 50, 100, ...

A fixed ladder, so that a longer run serves a study that asks for a shorter one."""


@dataclass(frozen=True, slots=True)
class TensorSummary:
    """The distribution of one tensor's values after one epoch."""

    epoch: int
    kind: Kind
    name: str
    """W1, b1, ... for linear layers, gamma1, beta1 for batch norm; Z1 (before) and A1 (after the activation) for
    hidden units."""
    count: int
    mean: float
    std: float
    """Population standard deviation."""
    quantiles: tuple[float, ...]
    """At `QUANTILES`; the first is the minimum, the last the maximum."""
    histogram: tuple[int, ...]
    """`BINS` counts between minimum and maximum; empty where values are not finite."""


_FIELDS = tuple(f.name for f in dataclasses.fields(TensorSummary))
"""`dataclasses.asdict` copies every number by itself and takes six times as long."""


def tensor_to_dict(tensor: TensorSummary) -> dict[str, Any]:
    """Plain data for JSON."""
    return {name: spelled(getattr(tensor, name)) for name in _FIELDS}


def tensor_from_dict(values: Mapping[str, Any]) -> TensorSummary:
    """The inverse; raises BadInput, KeyError or TypeError where it is none."""
    return TensorSummary(
        epoch=whole(values["epoch"], "epoch"),
        kind=one_of(values["kind"], "kind", get_args(Kind)),  # type: ignore[arg-type]
        name=text(values["name"], "name"),
        count=whole(values["count"], "count"),
        mean=number(values["mean"], "mean"),
        std=number(values["std"], "std"),
        quantiles=numbers(values["quantiles"], number, float, "quantiles"),
        histogram=numbers(values["histogram"], whole, int, "histogram"),
    )
