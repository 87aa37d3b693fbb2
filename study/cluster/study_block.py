"""What a cluster file says to `study submit` alone: versions, times, the cap, prices and their day.

Not here: what Ray, a cloud or Kubernetes take from the file (`study.cluster.check_file`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import field
from typing import Annotated, Any

from pydantic import PlainValidator

from study.spec.faults import BadValues, Fault, Place, closest
from study.spec.values import Label, bad_values, checked, from_plain, is_number

__all__ = ["Amount", "Prices", "StudyBlock", "amount", "read_block"]


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


def read_block(
    given: Mapping[str, Any], where: tuple[str, ...], kinds: Collection[str], *, machines: bool = False
) -> StudyBlock:
    """The block of a cluster file.

    Args:
        given: as the file has it.
        where: its place in the file.
        kinds: the types of its worker nodes, each of which needs a price.
        machines: whether they are machines of one's own, of which nothing else says what they have.

    Raises:
        BadValues: names every mistake, each with its place.
    """
    faults: list[Fault] = []
    block = None
    try:
        block = from_plain(StudyBlock, given)
    except BadValues as error:
        faults += [f.below(where) for f in error.faults]
    faults += _unpriced(given.get("prices"), (*where, "prices", "hourly"), {"head", *kinds})
    if machines and not given.get("worker_resources"):
        what = "it is missing; expected what one machine has, as {CPU: 8, GPU: 1}"
        faults.append(Fault((*where, "worker_resources"), None, what, absent=True))
    if faults or block is None:
        raise bad_values(faults, None)
    return block


def _unpriced(prices: object, where: Place, known: Collection[str]) -> Iterator[Fault]:
    """Types of node without a price, and prices of none."""
    hourly = prices.get("hourly") if isinstance(prices, Mapping) else None
    if not isinstance(hourly, Mapping):
        return
    for name in sorted(set(known) - set(hourly)):
        what = "it is missing; expected what a node of this type costs an hour"
        yield Fault((*where, name), None, what, absent=True)
    for name in hourly:
        if name not in known:
            why = f"there is no such type of node{closest(name, sorted(known))}"
            yield Fault((*where, str(name)), hourly[name], why)
