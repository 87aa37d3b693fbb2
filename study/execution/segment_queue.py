"""A search's segments as work for an executor: each is a proposal, on all its seeds, up to an epoch. No Ray here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from study.planning.executor import OUT_OF_MEMORY, Assignment, WorkQueue
from study.search.controller import CurvesOnRecord, SearchController, Segment
from study.storage.search_events import Proposal
from trainables.jobs.job import Job, StepReport


@dataclass
class SearchListener:
    """Who is told what happens, for display."""

    epoch: Callable[[int, int, int], None] = lambda n, done, until: None
    """A segment has so many epochs behind it, of so many."""
    began: Callable[[Proposal], None] = lambda p: None
    """A proposal was sent to be trained."""
    ended: Callable[[Proposal], None] = lambda p: None
    """A segment of it is over."""
    imported: Callable[[], None] = lambda: None
    """A worker begins to train: PyTorch is imported."""


class SegmentQueue(WorkQueue):
    """Passes on what the controller wants, and tells it what came of it.

    Args:
        controller: of one part of a search.
        seeds: that every proposal is trained on.
        known: what is on record already.
        at_once: so many segments at most.
        epoch_seconds: what an epoch of the largest trials should take.
        watch: is told, too.
    """

    def __init__(
        self,
        controller: SearchController,
        seeds: Sequence[int],
        known: CurvesOnRecord = lambda _: None,
        at_once: int = 1,
        epoch_seconds: float = 1.0,
        watch: SearchListener | None = None,
    ) -> None:
        self.controller, self.seeds, self.at_once = controller, tuple(seeds), at_once
        self._known, self._watch, self._epoch_seconds = known, watch or SearchListener(), epoch_seconds
        self.sent: dict[int, Segment] = {}
        """By proposal, what is under way."""
        self.alone: set[int] = set()
        """Proposals that were under way when memory ran out: each is trained by itself before all others."""
        self.twins: list[Segment] = []
        """What waits for another proposal of the same configuration: they have the same trials, trained once."""
        self.finished = False

    @property
    def over(self) -> bool:
        """See `WorkQueue`."""
        return self.finished

    def next(self) -> Assignment | None:
        """See `WorkQueue`."""
        if self.alone and self.sent:
            return None
        for twin in list(self.twins):
            if not self._under_way(twin):
                self.twins.remove(twin)
                if (given := self._begin(twin)) is not None:
                    return given
        while len(self.sent) + len(self.twins) < (self.at_once or 1):
            if (segment := self.controller.next()) is None:
                self.finished = self.controller.over
                return None
            if self._under_way(segment):
                self.twins.append(segment)
            elif (given := self._begin(segment)) is not None:
                return given
        return None

    def _under_way(self, segment: Segment) -> bool:
        return any(other.config == segment.config for other in self.sent.values())

    def _begin(self, segment: Segment) -> Assignment | None:
        """What is to be trained of it; None where all of it is on record, which is reported."""
        if (there := self._known(segment)) is not None:
            self.controller.report(segment.proposal, *there)
            self._ended(segment.proposal)
            return None
        self.sent[segment.proposal] = segment
        self._watch.began(self.controller.proposals[segment.proposal])
        config = segment.config.replace(seed=self.seeds[0])
        stacked = config.device == "cuda" and len(self.seeds) > 1
        return Assignment(segment.proposal, Job(config, self.seeds, stacked=stacked), segment.until)

    def label(self, number: int) -> str:
        """See `WorkQueue`."""
        return f"configuration {number}"

    def group(self, number: int) -> None:
        """See `WorkQueue`."""

    def epoch_seconds(self, number: int) -> float:  # noqa: ARG002  # the interface's
        """See `WorkQueue`."""
        return self._epoch_seconds

    def imported(self) -> None:
        """See `TrialListener`."""
        self._watch.imported()

    def reported(self, number: int, report: StepReport) -> None:
        """See `TrialListener`."""
        if (segment := self.sent.get(number)) is not None:
            self._watch.epoch(number, report.epochs, segment.until)

    def completed(self, number: int, report: StepReport) -> None:
        """See `TrialListener`."""
        if self.sent.pop(number, None) is None or report.refused or not (report.curves or report.failed):
            return  # ended from outside; it goes on when the search is run again
        self.alone.discard(number)
        if report.failed:
            self.controller.fail(number, report.failed)
        else:
            self.controller.report(number, report.curves, report.diverged)
        self._ended(number)

    def lost(self, number: int, reason: str) -> None:
        """See `TrialListener`."""
        if self.sent.pop(number, None) is not None:
            self.alone.discard(number)
            self.controller.fail(number, reason)
            self._ended(number)

    def out_of_memory(self) -> bool:
        """One that was alone has failed, the others go alone now; False where none was under way."""
        if not self.sent:
            return False
        for n in list(self.sent):
            if n in self.alone and len(self.sent) == 1:
                self.lost(n, OUT_OF_MEMORY)
            else:
                self.controller.put_back(n)
                self.alone.add(n)
        self.sent.clear()
        for segment in self.twins:
            self.controller.put_back(segment.proposal)
        self.twins.clear()
        return True

    def _ended(self, number: int) -> None:
        self._watch.ended(self.controller.proposals[number])
