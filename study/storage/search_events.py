"""What happened in a search, and what each proposal came to by it.

Not here: who goes next (`study.search.controller`).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from study.spec.point import Point
from trainables.records.metrics import METRICS

Kind = Literal["proposed", "refused", "sent", "reported", "failed", "tested"]


Curves = Mapping[str, Sequence[float]]
"""By metric, a value an epoch, averaged over the seeds; see `trainables.records.mean_curves`."""


_NUMBER = "n"
"""What files call the number of an event's proposal."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened to a proposal."""

    kind: Kind
    proposal: int
    """The proposal's number; for `refused`, of the proposal that was sought."""
    point: Point | None = None
    by: str = ""
    """Who proposed it: `first`, or the searcher; of `tested`, the checksum of the test part."""
    until: int = 0
    """Sent to train until this epoch; of `tested`, which look at the test part it is, from 1."""
    curves: Curves = field(default_factory=dict)
    diverged: bool = False
    message: str = ""
    seeds: tuple[int, ...] = ()
    """Of `tested`: those of its trials that are measured on the test part."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain data without what is empty; NaN becomes null."""
        names = {f.name: _NUMBER if f.name == "proposal" else f.name for f in dataclasses.fields(self)}
        values = {name: v for own, name in names.items() if (v := getattr(self, own)) or name == _NUMBER}
        if self.curves:
            values["curves"] = {k: [_out(x) for x in v] for k, v in self.curves.items()}
        if self.point is not None:
            values["point"] = self.point.to_json()
        return values

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Event:
        """The inverse of `to_dict`."""
        values = dict(given)
        number = values.pop(_NUMBER)
        if "curves" in values:
            values["curves"] = {k: [math.nan if x is None else x for x in v] for k, v in values["curves"].items()}
        if values.get("point") is not None:
            values["point"] = Point.from_json(values["point"])
        if "seeds" in values:
            values["seeds"] = tuple(values["seeds"])
        return cls(proposal=number, **values)

    def check(self, proposed: int) -> None:
        """Raise ValueError where it cannot be what happened next, after so many were proposed."""
        if self.kind not in get_args(Kind) or isinstance(self.proposal, bool) or not isinstance(self.proposal, int):
            raise ValueError("an event of no known kind, or without a number")
        if self.kind in ("proposed", "refused"):
            fits = self.point is not None and (self.proposal == proposed or self.kind == "refused")
        else:
            fits = 0 <= self.proposal < proposed and type(self.until) is int
        looked = self.until >= 1 and self.seeds and all(type(s) is int for s in self.seeds)
        fits = (
            fits
            and (self.kind != "tested" or bool(looked))
            and isinstance(self.message, str)
            and isinstance(self.by, str)
            and isinstance(self.diverged, bool)
        )
        numbers = [x for curve in self.curves.values() for x in curve]
        if not fits or not all(isinstance(x, int | float) and not isinstance(x, bool) for x in numbers):
            raise ValueError(f"event of proposal {self.proposal} does not fit what came before")
        told = [x for pair in (self.point or Point()).values for x in pair]
        kept = [*numbers, *self.seeds, *told, self.proposal, self.until, self.by, self.message]
        if not all(map(_storable, kept)) or not all(map(_finite, told)):
            raise ValueError(
                f"event of proposal {self.proposal} has a value that is no number, text or flag of ordinary size"
            )


def _storable(value: object) -> bool:
    """Whether a value survives the way through a configuration, JSON and columns."""
    if isinstance(value, tuple):
        return all(map(_storable, value))
    if isinstance(value, str):
        return not any("\ud800" <= c <= "\udfff" for c in value)
    return value is None or (isinstance(value, int | float) and (isinstance(value, float) or -(2**63) <= value < 2**63))


def _finite(value: object) -> bool:
    """Whether a point may hold a value: losses may be infinite, settings may not."""
    return (
        all(map(_finite, value)) if isinstance(value, tuple) else not isinstance(value, float) or math.isfinite(value)
    )


def _out(value: float) -> float | None:
    return float(f"{value:.10g}") if math.isfinite(value) else None


@dataclass
class Proposal:
    """A configuration that was proposed, and what is known of it."""

    number: int
    point: Point
    by: str
    until: int = 0
    """Sent to train until this epoch."""
    state: Literal["running", "paused", "whole", "diverged", "failed"] = "running"
    curves: Curves = field(default_factory=dict)
    message: str = ""

    @property
    def epochs(self) -> int:
        """How many epochs it has behind it."""
        return len(next(iter(self.curves.values()), ()))

    def change(self, event: Event, epochs: int, objective: str = "val_accuracy") -> None:
        """Take in what happened; `epochs`: of a whole trial."""
        if event.kind == "sent":
            self.until, self.state = event.until, "running"
        elif event.kind == "failed":
            self.state, self.message = "failed", event.message
        else:
            self.curves = event.curves
            curve = event.curves.get(objective, ())
            if event.diverged or not curve or math.isnan(curve[-1]):
                self.state = "diverged"
            elif self.epochs < self.until:
                self.state, self.message = "failed", f"it reported {self.epochs} epochs of {self.until}"
            else:
                self.state = "whole" if self.epochs >= epochs else "paused"

    def values(self, objectives: Sequence[str]) -> list[float]:
        """The objectives after its last epoch."""
        return [self.curves[o][-1] if self.curves.get(o) else math.nan for o in objectives]


def pareto_front(proposals: Sequence[Proposal], objectives: Sequence[str]) -> list[Proposal]:
    """The whole proposals that no other beats in every objective, the best in the first one leading."""
    signs = [-1.0 if METRICS[o].direction == "higher" else 1.0 for o in objectives]
    whole = [p for p in proposals if p.state == "whole" and all(map(math.isfinite, p.values(objectives)))]
    costs = {p.number: tuple(s * v for s, v in zip(signs, p.values(objectives), strict=True)) for p in whole}

    def beaten(n: int) -> bool:
        mine = costs[n]
        return any(all(a <= b for a, b in zip(c, mine, strict=True)) and c != mine for c in costs.values())

    return sorted((p for p in whole if not beaten(p.number)), key=lambda p: (costs[p.number], p.number))


def ranked_proposals(proposals: Sequence[Proposal], objective: str) -> list[Proposal]:
    """The whole proposals, the best first; the earlier one where two are equal."""
    sign = -1.0 if METRICS[objective].direction == "higher" else 1.0
    return sorted(
        (p for p in proposals if p.state == "whole"), key=lambda p: (sign * p.values([objective])[0], p.number)
    )


def test_evaluations(events: Iterable[Event]) -> int:
    """How often a search's winners were evaluated on the test part."""
    return max((e.until for e in events if e.kind == "tested"), default=0)


def proposals_after(events: list[Event], epochs: int, objective: str) -> tuple[Proposal, ...]:
    """Proposals as the events leave them."""
    found: list[Proposal] = []
    for event in events:
        if event.kind == "proposed":
            assert event.point is not None
            found.append(Proposal(event.proposal, event.point, event.by))
        elif event.kind not in ("refused", "tested"):
            found[event.proposal].change(event, epochs, objective)
    return tuple(found)
