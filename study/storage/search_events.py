"""What happened in a search, and what each proposal came to by it.

Not here: who goes next (`study.search.controller`).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import PlainValidator

from study.spec.faults import HALF_A_CHARACTER, has_half_a_character
from study.spec.point import Point
from study.spec.values import Flag, checked, from_plain
from trainables.config.errors import BadInput
from trainables.config.plurals import counted
from trainables.records.metrics import METRICS

Kind = Literal["proposed", "refused", "sent", "reported", "failed", "tested"]


Curves = Mapping[str, Sequence[float]]
"""By metric, a value an epoch, averaged over the seeds; see `trainables.records.mean_curves`."""


_NUMBER = "n"
"""What files call the number of an event's proposal."""


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63


def _whole(value: Any) -> int:
    if not _is_whole(value):
        raise ValueError("expected a whole number of ordinary size")
    return int(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("expected text")
    if has_half_a_character(value):
        raise ValueError(HALF_A_CHARACTER)
    return value


def _seeds(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError("expected a list of seeds")
    return tuple(map(_whole, value))


def _curve(value: Any) -> list[float]:
    """Values an epoch as files keep them: to ten digits, so that a decision and its replay rest on the same numbers.

    Null and what is not finite are NaN.
    """
    if not isinstance(value, list | tuple):
        raise ValueError("expected a list of numbers by metric")
    curve = [math.nan if x is None else x for x in value]
    if not all(isinstance(x, float) or _is_whole(x) for x in curve):
        raise ValueError("expected numbers of ordinary size")
    kept = [float(f"{x:.10g}") for x in curve]
    return [x if math.isfinite(x) else math.nan for x in kept]


def _curves(value: Any) -> Curves:
    if not isinstance(value, Mapping):
        raise ValueError("expected a list of numbers by metric")
    return {_text(name): _curve(curve) for name, curve in value.items()}


def _point(value: Any) -> Point | None:
    if value is None:
        return None
    if not isinstance(value, Point | Mapping):
        raise ValueError("expected values by name")
    point = value if isinstance(value, Point) else Point.from_json(value)
    for name, setting in point.values:
        _text(name)
        _setting(setting)
    return point


def _setting(value: Any) -> None:
    """Refuse what does not survive the way through a configuration, JSON and columns; settings are finite."""
    if isinstance(value, tuple):
        for inner in value:
            _setting(inner)
    elif isinstance(value, str):
        _text(value)
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("expected settings that are finite")
    elif value is not None and not isinstance(value, bool):
        _whole(value)


Whole = Annotated[int, PlainValidator(_whole)]
AnyText = Annotated[str, PlainValidator(_text)]


@checked(frozen=True, kw_only=True)
class Event:
    """Something that happened to a proposal."""

    kind: Kind
    proposal: Whole
    """The proposal's number; for `refused`, of the proposal that was sought."""
    point: Annotated[Point | None, PlainValidator(_point)] = None
    by: AnyText = ""
    """Who proposed it: `first`, or the searcher; of `tested`, the checksum of the test part."""
    until: Whole = 0
    """Sent to train until this epoch; of `tested`, which look at the test part it is, from 1."""
    curves: Annotated[Curves, PlainValidator(_curves)] = field(default_factory=dict)
    diverged: Flag = False
    message: AnyText = ""
    seeds: Annotated[tuple[int, ...], PlainValidator(_seeds)] = ()
    """Of `tested`: those of its trials that are measured on the test part."""

    def __post_init__(self) -> None:
        if self.kind in ("proposed", "refused") and self.point is None:
            raise BadInput("point", self.point, f"expected the configuration that was {self.kind}")
        if self.kind == "tested" and self.until < 1:
            raise BadInput("until", self.until, "expected which look at the test part it is, from 1")
        if self.kind == "tested" and not self.seeds:
            raise BadInput("seeds", self.seeds, "expected the seeds that were evaluated on the test part")

    def to_dict(self) -> dict[str, Any]:
        """Return plain data without what is empty; NaN becomes null."""
        names = {f.name: _NUMBER if f.name == "proposal" else f.name for f in dataclasses.fields(self)}
        values = {name: v for own, name in names.items() if (v := getattr(self, own)) or name == _NUMBER}
        if self.curves:
            values["curves"] = {k: [None if math.isnan(x) else x for x in v] for k, v in self.curves.items()}
        if self.point is not None:
            values["point"] = self.point.to_json()
        return values

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Event:
        """The inverse of `to_dict`.

        Raises:
            BadValues: names all that is wrong with its kinds and ranges.
        """
        values = dict(given)
        if "proposal" in values:
            raise BadInput("proposal", values["proposal"], f"there is no such field; did you mean {_NUMBER}?")
        return from_plain(cls, {"proposal" if name == _NUMBER else name: value for name, value in values.items()})

    def check(self, proposed: int) -> None:
        """Raise ValueError where it cannot be what happened next, after so many were proposed."""
        fits = self.proposal == proposed if self.kind == "proposed" else 0 <= self.proposal < proposed
        if not fits and self.kind != "refused":
            raise ValueError(f"event of proposal {self.proposal} does not fit what came before")


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
                self.state, self.message = "failed", f"it reported {counted(self.epochs, 'epoch')} of {self.until}"
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
        own_costs = costs[n]
        return any(all(a <= b for a, b in zip(c, own_costs, strict=True)) and c != own_costs for c in costs.values())

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
