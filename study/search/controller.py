"""A search as a sequence of events: what was proposed, sent, reported; who goes next. Pure but for the log it is given.

The state of a search follows from its events alone, so a killed search is rebuilt by reading them again: proposals keep
their numbers, decisions stay made, and what was under way is sent again and goes on from its checkpoint.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, get_args

from study.search import schedulers
from study.spec.domains import Point
from study.spec.search import OBJECTIVES, Search
from trainables.config.errors import StudyError
from trainables.config.trial_config import TrialConfig
from trainables.training.gpu_memory import Data

Kind = Literal["proposed", "refused", "sent", "reported", "failed"]
Curves = Mapping[str, Sequence[float]]
"""By metric, a value an epoch, averaged over the seeds; see `trainables.records.mean_curves`."""

REFUSALS = 2000
"""So many points one after the other that break a constraint end a search."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened to a proposal."""

    kind: Kind
    n: int
    """The proposal's number; for `refused`, of the proposal that was sought."""
    point: Point | None = None
    by: str = ""
    """Who proposed it: `first`, or the searcher."""
    until: int = 0
    curves: Curves = field(default_factory=dict)
    diverged: bool = False
    message: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain data without what is empty; NaN becomes null."""
        values = {k: v for k, v in ((f.name, getattr(self, f.name)) for f in dataclasses.fields(self)) if v or k == "n"}
        if self.curves:
            values["curves"] = {k: [_out(x) for x in v] for k, v in self.curves.items()}
        if self.point is not None:
            values["point"] = {k: list(v) if isinstance(v, tuple) else v for k, v in self.point.items()}
        return values

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Event:
        """The inverse of `to_dict`."""
        values = dict(given)
        if "curves" in values:
            values["curves"] = {k: [math.nan if x is None else x for x in v] for k, v in values["curves"].items()}
        if values.get("point") is not None:
            values["point"] = {k: tuple(v) if isinstance(v, list) else v for k, v in values["point"].items()}
        return cls(**values)

    def check(self, proposed: int) -> None:
        """Raise ValueError where it cannot be what happened next, after so many were proposed."""
        if self.kind not in get_args(Kind) or isinstance(self.n, bool) or not isinstance(self.n, int):
            raise ValueError("an event of no known kind, or without a number")
        if self.kind in ("proposed", "refused"):
            fits = self.point is not None and (self.n == proposed or self.kind == "refused")
        else:
            fits = 0 <= self.n < proposed and isinstance(self.until, int) and isinstance(self.message, str)
        numbers = [x for curve in self.curves.values() for x in curve]
        if not fits or not all(isinstance(x, int | float) and not isinstance(x, bool) for x in numbers):
            raise ValueError(f"event of proposal {self.n} does not fit what came before")


def _out(value: float) -> float | None:
    return float(f"{value:.10g}") if math.isfinite(value) else None


@dataclass
class Proposal:
    """A configuration that was proposed, and what is known of it."""

    n: int
    point: Point
    by: str
    until: int = 0
    """Sent to train until this epoch."""
    state: Literal["running", "paused", "whole", "diverged", "failed"] = "running"
    curves: Curves = field(default_factory=dict)
    message: str = ""

    @property
    def epochs(self) -> int:
        """Epochs behind it."""
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


class Sampler(Protocol):
    """Who proposes. Told every event, also when a search is rebuilt."""

    def propose(self, proposals: Sequence[Proposal], draw: int) -> Point | None:
        """The next point, given all proposals and how many points were drawn before; None where there are no more."""

    def observe(self, event: Event) -> None:
        """Something has happened."""


@dataclass(frozen=True)
class Segment:
    """What is to be trained next."""

    n: int
    config: TrialConfig
    until: int


class SearchController:
    """Who goes next.

    Args:
        search: a part of a search, without `within`.
        base: knobs that all share.
        epochs: of a whole trial.
        size: of the data, for constraints and batches.
        sampler: proposes points.
        record: keeps an event; called before anything follows from it.
        past: the events of an earlier run.
    """

    def __init__(
        self,
        search: Search,
        base: Mapping[str, Any],
        epochs: int,
        size: Data,
        sampler: Sampler,
        record: Callable[[Event], None] = lambda _: None,
        past: Sequence[Event] = (),
    ) -> None:
        self.search, self.base, self.epochs, self.size = search, dict(base), epochs, size
        self.sampler, self._record = sampler, record
        self.policy = schedulers.make_scheduler(search.scheduler, epochs)
        self.proposals: list[Proposal] = []
        self.refused = 0
        self._exhausted = False
        self._active: set[int] = set()
        self._sign = 1.0 if OBJECTIVES[search.objectives[0]] == "higher" else -1.0
        for event in past:
            self._apply(event)
        self._orphans = [p.n for p in self.proposals if p.state in ("running", "failed")]
        self._again: set[int] = set()
        self.unregained: dict[int, str] = {}
        """Of those in `train_again`, whose training failed, and why; what is known of them stays."""

    def train_again(self, numbers: Iterable[int]) -> None:
        """The records of these, which have reported, are gone: each is trained once more, to where it was.

        What was decided on their reports stays decided, for the numbers will be the same.
        """
        self._again |= set(numbers) - set(self._orphans)
        self._orphans = sorted({*self._orphans, *self._again})

    # -- asked by the engine -----------------------------------------------------------------------------------------

    def next(self) -> Segment | None:
        """What is to be trained now; None where nothing can be before something is reported, or at all (see `over`)."""
        if self._orphans:
            p = self.proposals[self._orphans.pop(0)]
            return self._go(p, p.until or self.policy.start(p.n))
        going = self.policy.ready(False)
        if going is not None and going[0] in self._again:
            going = None  # it goes on once it has come again to where it was
        if going is None and (fresh := self._propose()) is not None:
            return self._go(fresh, self.policy.start(fresh.n))
        if going is None and not self._active:
            going = self.policy.ready(True)
        return None if going is None else self._go(self.proposals[going[0]], going[1])

    @property
    def over(self) -> bool:
        """Whether nothing will be trained any more; ask after `next` gave None."""
        return not self._active

    def dropped(self) -> set[int]:
        """Who is paused and, as things stand, will not go on; see `schedulers.TrialScheduler.dropped`."""
        trials = len(self.proposals) if self._exhausted else self.search.trials
        return {n for n in self.policy.dropped(trials) if self.proposals[n].state == "paused"}

    def report(self, n: int, curves: Curves, diverged: bool) -> None:
        """A segment has ended."""
        if n in self._again:
            self._again.discard(n)
        else:
            until = self.proposals[n].until
            kept = {k: list(v[:until]) for k, v in curves.items() if k in OBJECTIVES}
            self._happened(Event(kind="reported", n=n, curves=kept, diverged=diverged))
        self._active.discard(n)

    def fail(self, n: int, message: str) -> None:
        """A segment ended in an error, for good as far as this run goes; the next one tries it again."""
        if n in self._again:
            self._again.discard(n)
            self.unregained[n] = message
        else:
            self._happened(Event(kind="failed", n=n, message=message[:500]))
        self._active.discard(n)

    def put_back(self, n: int) -> None:
        """A segment that `next` gave will be trained later; `next` gives it again."""
        self._active.discard(n)
        self._orphans.append(n)

    # -- how it works ------------------------------------------------------------------------------------------------

    def _go(self, p: Proposal, until: int) -> Segment:
        if p.until != until or p.state == "failed":
            self._happened(Event(kind="sent", n=p.n, until=until))
        self._active.add(p.n)
        return Segment(p.n, self.search.config(p.point, self.base, self.epochs), until)

    def _propose(self) -> Proposal | None:
        n = len(self.proposals)
        if n >= self.search.trials or self._exhausted:
            return None
        if n < len(self.search.first):
            self._happened(Event(kind="proposed", n=n, point=self.search.first[n], by="first"))
            return self.proposals[-1]
        reason = ""
        for _ in range(REFUSALS):
            point = self.sampler.propose(self.proposals, n - len(self.search.first) + self.refused)
            if point is None:
                self._exhausted = True
                return None
            reason = self.search.fault(point, self.base, self.epochs, self.size)
            if not reason:
                self._happened(Event(kind="proposed", n=n, point=point, by=self.search.searcher))
                return self.proposals[-1]
            self._happened(Event(kind="refused", n=n, point=point, message=reason))
        raise StudyError(
            f"the searcher {self.search.searcher} proposed {REFUSALS} points in a row that cannot be trained: {reason}"
        )

    def _happened(self, event: Event) -> None:
        self._record(event)
        self._apply(event)

    def _apply(self, event: Event) -> None:
        if event.kind == "refused":
            self.refused += 1
        elif event.kind == "proposed":
            assert event.point is not None and event.n == len(self.proposals)
            self.proposals.append(Proposal(event.n, event.point, event.by))
        else:
            self._change(self.proposals[event.n], event)
        self.sampler.observe(event)

    def _change(self, p: Proposal, event: Event) -> None:
        p.change(event, self.epochs, self.search.objectives[0])
        if p.state == "running":
            self.policy.went(p.n, event.until)
        elif p.state in ("diverged", "failed"):
            self.policy.lost(p.n)
        else:
            self.policy.report(p.n, [self._sign * x for x in p.curves[self.search.objectives[0]]])


def front(proposals: Sequence[Proposal], objectives: Sequence[str]) -> list[Proposal]:
    """The whole proposals that no other beats in every objective, the best in the first one leading."""
    signs = [-1.0 if OBJECTIVES[o] == "higher" else 1.0 for o in objectives]
    whole = [p for p in proposals if p.state == "whole" and all(map(math.isfinite, p.values(objectives)))]
    costs = {p.n: tuple(s * v for s, v in zip(signs, p.values(objectives), strict=True)) for p in whole}

    def beaten(n: int) -> bool:
        mine = costs[n]
        return any(all(a <= b for a, b in zip(c, mine, strict=True)) and c != mine for c in costs.values())

    return sorted((p for p in whole if not beaten(p.n)), key=lambda p: (costs[p.n], p.n))


def best(proposals: Sequence[Proposal], objective: str) -> list[Proposal]:
    """The whole proposals, the best first; the earlier one where two are equal."""
    sign = -1.0 if OBJECTIVES[objective] == "higher" else 1.0
    return sorted((p for p in proposals if p.state == "whole"), key=lambda p: (sign * p.values([objective])[0], p.n))
