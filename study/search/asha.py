"""Asynchronous successive halving, by promoting and by stopping."""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from study.search.rungs import MIN_WHOLE_PROPOSALS, quantile, rungs, sort_key
from study.spec.search import Scheduler


class _Brackets:
    """Proposals on ladders in turn, each of which begins at a later rung."""

    def __init__(self, scheduler: Scheduler, epochs: int) -> None:
        self.reduction, self.epochs = scheduler.reduction, epochs
        places = rungs(scheduler, epochs)
        self.brackets = [Ladder(places[min(b, len(places) - 1) :]) for b in range(scheduler.brackets)]

    def _ladder(self, n: int) -> Ladder:
        return self.brackets[n % len(self.brackets)]

    def start(self, proposal: int) -> int:
        """See `TrialScheduler`."""
        return self._ladder(proposal).places[0]

    def sent(self, proposal: int, until: int) -> None:
        """See `TrialScheduler`."""
        self._ladder(proposal).sent(proposal, until)

    def lost(self, proposal: int) -> None:
        """See `TrialScheduler`."""
        self._ladder(proposal).gone.add(proposal)


class Asha(_Brackets):
    """Asynchronous successive halving that pauses and promotes; each next bracket begins at a later rung."""

    def report(self, proposal: int, curve: Sequence[float]) -> None:
        """See `TrialScheduler`."""
        self._ladder(proposal).add(proposal, len(curve), curve[-1])

    def ready(self, all_reported: bool) -> tuple[int, int] | None:
        """See `TrialScheduler`."""
        for ladder in self.brackets:
            if found := ladder.promotable(self.reduction):
                return found
        return best_waiting(self.brackets) if all_reported else None

    def dropped(self, trials: int) -> set[int]:
        """See `TrialScheduler`; places at a rung can only get worse, and only so many can ever arrive there."""
        shares = [-(-(trials - b) // len(self.brackets)) for b in range(len(self.brackets))]
        found = [ladder.hopeless(n, self.reduction) for ladder, n in zip(self.brackets, shares, strict=True)]
        return set().union(*found)


class Ladder:
    """One bracket's rungs: who has arrived at each, with what value, and who has gone on to the next."""

    def __init__(self, places: tuple[int, ...]) -> None:
        self.places = places
        self.scores: dict[int, list[tuple[float, int]]] = {}
        self.promoted: dict[int, set[int]] = {}
        """By the epoch that they were sent to."""
        self.gone: set[int] = set()

    def sent(self, proposal: int, until: int) -> None:
        """A proposal has been sent to train until an epoch."""
        self.gone.discard(proposal)
        self.promoted.setdefault(until, set()).add(proposal)

    def add(self, n: int, epoch: int, value: float) -> None:
        """A proposal has arrived at a rung, with a value."""
        bisect.insort(self.scores.setdefault(epoch, []), (sort_key(value), n))

    def promotable(self, reduction: int) -> tuple[int, int] | None:
        """Who goes on from the highest rung where somebody may, and to which epoch."""
        for i in range(len(self.places) - 2, -1, -1):
            arrived, up = self.scores.get(self.places[i], []), self.places[i + 1]
            for _, n in arrived[: len(arrived) // reduction]:
                if n not in self.promoted.get(up, ()) and n not in self.gone:
                    return n, up
        return None

    def waiting(self) -> Iterator[tuple[int, int, int]]:
        """All who wait: (number of the rung, place there, n)."""
        for i, (place, up) in enumerate(pairwise(self.places)):
            for rank, (_, n) in enumerate(self.scores.get(place, ())):
                if n not in self.promoted.get(up, ()) and n not in self.gone:
                    yield i, rank, n

    def hopeless(self, trials: int, reduction: int) -> set[int]:
        """Who waits behind all that can ever be promoted, if so many are proposed for this ladder in all."""
        waiting, found = list(self.waiting()), set[int]()
        coming = max(trials - len(self.scores.get(self.places[0], ())), 0)
        for i, (place, up) in enumerate(pairwise(self.places)):
            reach = (len(self.scores.get(place, ())) + coming) // reduction
            there = [(rank, n) for rung, rank, n in waiting if rung == i]
            found |= {n for rank, n in there if rank >= reach}
            on_the_way = self.promoted.get(up, set()) - self.gone - {n for _, n in self.scores.get(up, ())}
            coming += len(on_the_way) + sum(rank < reach for rank, _ in there)
        return found

    def paused(self) -> tuple[int, float, int, int] | None:
        """The best of the highest rung who waits there: (minus its epoch, sorting key, n, the next rung's epoch)."""
        for i in range(len(self.places) - 2, -1, -1):
            for key, n in self.scores.get(self.places[i], ()):
                if key < math.inf and n not in self.gone and n not in self.promoted.get(self.places[i + 1], ()):
                    return -self.places[i], key, n, self.places[i + 1]
        return None


def best_waiting(ladders: Sequence[Ladder]) -> tuple[int, int] | None:
    """Who goes on where too few have reached the end by themselves: the best of the highest rung."""
    waiting = [p for p in (ladder.paused() for ladder in ladders) if p]
    if not waiting or sum(len(ladder.scores.get(ladder.places[-1], ())) for ladder in ladders) >= MIN_WHOLE_PROPOSALS:
        return None
    _, _, n, until = min(waiting)
    return n, until


class AshaStop(_Brackets):
    """ASHA as Ray Tune has it: at each rung a proposal goes on if it is not below the quantile of those before it.

    It depends on the order of arrival: in ascending order everybody goes on.
    """

    def __init__(self, scheduler: Scheduler, epochs: int) -> None:
        super().__init__(scheduler, epochs)
        self.queue: dict[int, int] = {}

    def sent(self, proposal: int, until: int) -> None:
        """See `TrialScheduler`."""
        self.queue.pop(proposal, None)
        super().sent(proposal, until)

    def report(self, proposal: int, curve: Sequence[float]) -> None:
        """See `TrialScheduler`."""
        ladder, epoch, value = self._ladder(proposal), len(curve), curve[-1]
        before = [-key for key, _ in ladder.scores.get(epoch, ()) if key < math.inf]
        passes = not math.isnan(value) and (not before or value >= quantile(before, 1 - 1 / self.reduction))
        ladder.add(proposal, epoch, value)
        if passes and epoch < self.epochs:
            self.queue[proposal] = ladder.places[ladder.places.index(epoch) + 1]

    def lost(self, proposal: int) -> None:
        """See `TrialScheduler`."""
        self.queue.pop(proposal, None)
        super().lost(proposal)

    def ready(self, all_reported: bool) -> tuple[int, int] | None:
        """See `TrialScheduler`."""
        if self.queue:
            return next(iter(self.queue.items()))
        return best_waiting(self.brackets) if all_reported else None

    def dropped(self, trials: int) -> set[int]:
        """See `TrialScheduler`."""
        return {n for ladder in self.brackets for _, _, n in ladder.waiting()} - self.queue.keys()
