"""What a cluster file says to `study submit` alone: versions, times, the cap, prices and their day.

Not here: what Ray, a cloud or Kubernetes take from the file (`study.cluster.check_file`).
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, PlainValidator
from pydantic.dataclasses import dataclass

from study.spec.values import Label, checked, is_number

__all__ = ["Amount", "Block", "Empty", "GivenBlock", "Prices", "StudyBlock", "amount"]


def amount(value: Any) -> float:
    """Take a number from 0 upwards; raises ValueError for anything else."""
    if not is_number(value) or value < 0:
        raise ValueError("expected a number from 0 upwards")
    return float(value)


def _day(value: Any) -> str:
    try:
        return dt.date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise ValueError("expected the day that the prices are of, as 2026-01-31") from None


def _nothing(value: Any) -> Any:
    return {} if value is None else value


Empty = BeforeValidator(_nothing)
"""Before a value with settings: YAML's null stands for none."""
Amount = Annotated[float, PlainValidator(amount)]
Day = Annotated[str, PlainValidator(_day)]


@checked(frozen=True, kw_only=True)
class Prices:
    """What nodes cost an hour, on which day and by whom."""

    hourly: Mapping[Label, Amount]
    """By type of node; of the head as `head`."""
    as_of: Day
    source: Label
    currency: Label = "USD"


@checked(frozen=True, kw_only=True)
class StudyBlock:
    """The block `metadata.study`, of a RayJob the annotation `study/plan`."""

    python: Label
    """The minor version, that of the laptop."""
    start_minutes: Amount
    """From asking for a machine to its first trial."""
    cap: Amount
    """No study that would cost more is submitted."""
    prices: Prices
    worker_resources: Mapping[Label, Amount] = field(default_factory=dict)
    """What one worker has, in Ray's words; of machines of one's own alone, whose file says it nowhere else."""


def plain_block(value: Any) -> Any:
    """Take the block as its file has it; raises ValueError where it is no mapping."""
    if not isinstance(value, Mapping):
        raise ValueError("expected python, start_minutes, cap and prices, as in cluster.yaml")
    return value


Block = Annotated[StudyBlock, BeforeValidator(plain_block)]


def _hourly(value: Any) -> Mapping[str, float]:
    if not isinstance(value, Mapping):
        raise ValueError("expected a price by type of node")
    return {str(name): price if is_number(price) else math.nan for name, price in value.items()}


@dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="ignore"))
class GivenPrices:
    """Prices as somebody wrote them."""

    hourly: Annotated[Mapping[str, float], PlainValidator(_hourly)] = Field(default_factory=dict)
    """By type of node; NaN where it is no number."""


@dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="ignore"))
class GivenBlock:
    """The block as somebody wrote it, as far as it has to fit the rest of the file; what is missing is None."""

    python: str | None = None
    prices: GivenPrices = Field(default_factory=GivenPrices)
    worker_resources: Any = None
