"""What a cluster file says to `study submit` alone: versions, times, the cap, prices and their day.

Not here: what Ray, a cloud or Kubernetes take from the file (`study.cluster.check_file`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import field
from typing import Annotated, Any

from pydantic import PlainValidator

from study.spec.faults import BadValues, Fault, closest
from study.spec.values import Label, bad_values, checked, from_plain, is_number

__all__ = ["Prices", "StudyBlock", "read_block"]


def _amount(value: Any) -> float:
    if not is_number(value) or value < 0:
        raise ValueError("expected a number from 0 upwards")
    return float(value)


def _day(value: Any) -> str:
    try:
        return dt.date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise ValueError("expected the day that the prices are of, as 2026-01-31") from None


Amount = Annotated[float, PlainValidator(_amount)]
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
    try:
        block = from_plain(StudyBlock, given)
    except BadValues as error:
        raise bad_values([f.below(where) for f in error.faults], None) from None
    known = {"head", *kinds}
    priced = (*where, "prices", "hourly")
    faults = [
        Fault((*priced, name), None, "it is missing; expected what a node of this type costs an hour", absent=True)
        for name in sorted(known - set(block.prices.hourly))
    ]
    faults += [
        Fault(
            (*priced, name), block.prices.hourly[name], f"there is no such type of node{closest(name, sorted(known))}"
        )
        for name in block.prices.hourly
        if name not in known
    ]
    if machines and not block.worker_resources:
        what = "it is missing; expected what one machine has, as {CPU: 8, GPU: 1}"
        faults.append(Fault((*where, "worker_resources"), None, what, absent=True))
    if faults:
        raise bad_values(faults, None)
    return block
