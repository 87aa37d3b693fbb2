"""A search as a sequence of events: what was proposed, sent, reported; who goes next. Pure but for the log it is given.

The state of a search follows from its events alone, so a killed search is rebuilt by reading them again: proposals keep
their numbers, decisions stay made, and what was under way is sent again and goes on from its checkpoint.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from study.search import schedulers
from study.spec.point import Point, SharedKnobs
from study.spec.search import Search
from study.storage.search_events import Curves, Event, Proposal
from trainables.config.errors import StudyError
from trainables.config.trial_config import TrialConfig
from trainables.records.metrics import METRICS, OBJECTIVES
from trainables.training.gpu_memory import DataSize

OF_WINNERS = re.compile(r"one of (\d{1,6})")
"""What the log says of a winner that is evaluated on the test part."""
MAX_REFUSALS = 2000
"""So many points one after the other that break a constraint end a search."""


class Sampler(Protocol):
    """Who proposes. Told every event, also when a search is rebuilt."""

    def propose(self, proposals: Sequence[Proposal], draw: int) -> Point | None:
        """The next point, given all proposals and how many points were drawn before; None where there are no more."""

    def observe(self, event: Event) -> None:
        """Take in what has happened."""


@dataclass(frozen=True)
class Segment:
    """What is to be trained next."""

    proposal: int
    config: TrialConfig
    until: int


class SearchController:
    """Decides who goes next.

    Args:
        search: a part of a search, without `within`.
        shared: what all its points share.
        size: of the data, for constraints and batches.
        sampler: proposes points.
        record: keeps an event; called before anything follows from it.
        past: the events of an earlier run.
        hyperband_keeps: see `SearchLog`.
    """

    def __init__(
        self,
        search: Search,
        shared: SharedKnobs,
        size: DataSize,
        sampler: Sampler,
        record: Callable[[Event], None] = lambda _: None,
        past: Sequence[Event] = (),
        hyperband_keeps: int = 0,
    ) -> None:
        self.search, self.shared, self.size = search, shared, size
        self.sampler, self._record = sampler, record
        self.policy = schedulers.make_scheduler(search.scheduler, shared.epochs, hyperband_keeps)
        self.proposals: list[Proposal] = []
        self.refused = 0
        self.tests: list[Event] = []
        """What was evaluated on the test part."""
        self._exhausted = False
        self._first_of: dict[Point, int] = {}
        self._active: set[int] = set()
        self._sign = 1.0 if METRICS[search.objectives[0]].direction == "higher" else -1.0
        for event in past:
            self._apply(event)
        self._orphans = [p.number for p in self.proposals if p.state in ("running", "failed")]
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
            return self._go(p, p.until or self.policy.start(p.number))
        going = self.policy.ready(False)
        if going is not None and going[0] in self._again:
            going = None  # it goes on once it has come again to where it was
        if going is None and (fresh := self._propose()) is not None:
            return self._go(fresh, self.policy.start(fresh.number))
        if going is None and not self._active:
            going = self.policy.ready(True)
        return None if going is None else self._go(self.proposals[going[0]], going[1])

    @property
    def over(self) -> bool:
        """Whether nothing will be trained any more; ask after `next` gave None."""
        return not self._active

    def dropped(self) -> set[int]:
        """Who is paused and, as things stand, will not go on; see `TrialScheduler.dropped`."""
        trials = len(self.proposals) if self._exhausted else self.search.trials
        return {n for n in self.policy.dropped(trials) if self.proposals[n].state == "paused"}

    def report(self, number: int, curves: Curves, diverged: bool) -> None:
        """A segment has ended."""
        if number in self._again:
            self._again.discard(number)
        else:
            until = self.proposals[number].until
            kept = {k: list(v[:until]) for k, v in curves.items() if k in OBJECTIVES}
            same = self._same_before(number)
            said = "" if same is None else f"the trials of configuration {same}, which is the same"
            self._happened(Event(kind="reported", proposal=number, curves=kept, diverged=diverged, message=said))
        self._active.discard(number)

    def fail(self, number: int, message: str) -> None:
        """A segment ended in an error, for good as far as this run goes; the next one tries it again."""
        if number in self._again:
            self._again.discard(number)
            self.unregained[number] = message
        else:
            storable = message[:500].encode("utf-8", "backslashreplace").decode()
            self._happened(Event(kind="failed", proposal=number, message=storable))
        self._active.discard(number)

    def tested(self, number: int, seeds: Sequence[int], part: str, look: int, *, of: int) -> None:
        """A proposal's trials under these seeds are evaluated on the test part, which decides nothing any more.

        `of`: as one of so many winners, which the log says: a look that was cut off is seen by it.
        """
        said = f"one of {of}"
        self._happened(Event(kind="tested", proposal=number, seeds=tuple(seeds), by=part, until=look, message=said))

    def put_back(self, number: int) -> None:
        """A segment that `next` gave will be trained later; `next` gives it again."""
        self._active.discard(number)
        self._orphans.append(number)

    # -- how it works ------------------------------------------------------------------------------------------------

    def _go(self, p: Proposal, until: int) -> Segment:
        if p.until != until or p.state == "failed":
            self._happened(Event(kind="sent", proposal=p.number, until=until))
        self._active.add(p.number)
        return Segment(p.number, self.shared.config(p.point), until)

    def _propose(self) -> Proposal | None:
        n = len(self.proposals)
        if n >= self.search.trials or self._exhausted:
            return None
        if n < len(self.search.first):
            self._happened(Event(kind="proposed", proposal=n, point=self.search.first[n], by="first"))
            return self.proposals[-1]
        reason = ""
        for _ in range(MAX_REFUSALS):
            point = self.sampler.propose(self.proposals, n - len(self.search.first) + self.refused)
            if point is None:
                self._exhausted = True
                return None
            reason = self.search.fault(point, self.shared, self.size)
            if not reason:
                self._happened(Event(kind="proposed", proposal=n, point=point, by=self.search.searcher))
                return self.proposals[-1]
            self._happened(Event(kind="refused", proposal=n, point=point, message=reason))
        raise StudyError(
            f"the searcher {self.search.searcher} chose {MAX_REFUSALS} configurations in a row that cannot be trained: "
            f"{reason}"
        )

    def _same_before(self, number: int) -> int | None:
        """The first proposal of the same configuration, where it has come as far: these trials are trained once."""
        p = self.proposals[number]
        first = self._first_of[p.point]
        q = self.proposals[first]
        return first if first != number and (q.epochs >= p.until or q.state == "diverged") else None

    def _happened(self, event: Event) -> None:
        self._record(event)
        self._apply(event)

    def _apply(self, event: Event) -> None:
        if event.kind == "refused":
            self.refused += 1
        elif event.kind == "tested":
            self.tests.append(event)
        elif event.kind == "proposed":
            assert event.point is not None and event.proposal == len(self.proposals)
            self.proposals.append(Proposal(event.proposal, event.point, event.by))
            self._first_of.setdefault(event.point, event.proposal)
        else:
            self._change(self.proposals[event.proposal], event)
        self.sampler.observe(event)

    def _change(self, p: Proposal, event: Event) -> None:
        p.change(event, self.shared.epochs, self.search.objectives[0])
        if p.state == "running":
            self.policy.sent(p.number, event.until)
        elif p.state in ("diverged", "failed"):
            self.policy.lost(p.number)
        else:
            self.policy.report(p.number, [self._sign * x for x in p.curves[self.search.objectives[0]]])


CurvesOnRecord = Callable[[Segment], tuple[Curves, bool] | None]
"""The curves of a segment that is on record already, and whether it diverged."""


def drain(controller: SearchController, known: CurvesOnRecord) -> bool:
    """Report all that is on record, without Ray; whether that was all there is to do."""
    while (segment := controller.next()) is not None:
        there = known(segment)
        if there is None:
            controller.put_back(segment.proposal)
            return False
        controller.report(segment.proposal, *there)
    return controller.over
