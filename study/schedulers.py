"""Who is trained how far: policies of early stopping, pure, driven by reports in the order in which they arrive.

The same objects decide in a search that runs and in a replay from recorded curves. They know numbers of proposals and
values (higher is better, NaN is worst), neither Ray nor files; what they know can be rebuilt by telling them the same
again. Where a proposal goes on from its checkpoint, that is simply a later `went`.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Sequence
from typing import Protocol

from study.search_spec import Scheduler

WHOLE = 2
"""At least so many proposals are trained to the end, so that there are a winner and a runner-up."""


class Policy(Protocol):
    """Decides who goes on.

    A proposal begins with `went(n, start(n))`; each segment ends with `report(n, curve)`, the values of all epochs so
    far, or with `lost(n)`. In between `ready` says who should go on, and to which epoch.
    """

    def start(self, n: int) -> int:
        """To which epoch a new proposal is trained first."""

    def went(self, n: int, until: int) -> None:
        """A proposal has been sent to train until an epoch."""

    def report(self, n: int, curve: Sequence[float]) -> None:
        """A segment has ended."""

    def lost(self, n: int) -> None:
        """A proposal has diverged or failed; it is never sent again."""

    def ready(self, all_in: bool) -> tuple[int, int] | None:
        """Who goes on and to which epoch, if anybody; `all_in`: nobody runs, and there will be no new proposal.

        Asking changes nothing; `went` does.
        """


def make(scheduler: Scheduler, epochs: int) -> Policy:
    """The policy of a scheduler for trials of so many epochs."""
    if scheduler.name == "asha":
        return Asha(scheduler, epochs)
    if scheduler.name == "asha-stop":
        return AshaStop(scheduler, epochs)
    if scheduler.name == "median":
        return Median(scheduler, epochs)
    if scheduler.name == "hyperband":
        return Rounds(epochs, _hyperband(scheduler, epochs))
    if scheduler.name == "halving":
        return Rounds(epochs, [(0, _halving(scheduler, epochs))], keep=scheduler.keep, reduction=scheduler.reduction)
    return Rounds(epochs, [(0, (epochs,))])


def rungs(scheduler: Scheduler, epochs: int) -> tuple[int, ...]:
    """The epochs at which ASHA decides, and the last.

    >>> rungs(Scheduler(name="asha", grace=1, reduction=3), 25)
    (1, 3, 9, 25)
    """
    places = []
    at = scheduler.grace
    while at < epochs:
        places.append(at)
        at *= scheduler.reduction
    return (*places, epochs)


def _halving(scheduler: Scheduler, epochs: int) -> tuple[int, ...]:
    if scheduler.keep:
        return (scheduler.grace, epochs) if scheduler.grace < epochs else (epochs,)
    return rungs(scheduler, epochs)


def _hyperband(scheduler: Scheduler, epochs: int) -> list[tuple[int, tuple[int, ...]]]:
    """Brackets of HyperBand, the most aggressive first: how many proposals, and the epochs of its rounds.

    >>> _hyperband(Scheduler(name="hyperband", reduction=3), 9)
    [(9, (1, 3, 9)), (5, (3, 9)), (3, (9,))]
    """
    places = rungs(scheduler, epochs)
    most = len(places) - 1
    counts = [math.ceil((most + 1) / (s + 1) * scheduler.reduction**s) for s in range(most, -1, -1)]
    return [(count, places[i:]) for i, count in enumerate(counts)]


def _key(value: float) -> float:
    """Sorting key, the best first."""
    return math.inf if math.isnan(value) else -value


class Asha:
    """Asynchronous successive halving that pauses and promotes; each next bracket begins at a later rung."""

    def __init__(self, scheduler: Scheduler, epochs: int) -> None:
        self.reduction, self.epochs = scheduler.reduction, epochs
        places = rungs(scheduler, epochs)
        self.brackets = [_Ladder(places[min(b, len(places) - 1) :]) for b in range(scheduler.brackets)]

    def _ladder(self, n: int) -> _Ladder:
        return self.brackets[n % len(self.brackets)]

    def start(self, n: int) -> int:
        """See `Policy`."""
        return self._ladder(n).places[0]

    def went(self, n: int, until: int) -> None:
        """See `Policy`."""
        self._ladder(n).promoted.setdefault(until, set()).add(n)

    def report(self, n: int, curve: Sequence[float]) -> None:
        """See `Policy`."""
        self._ladder(n).add(n, len(curve), curve[-1])

    def lost(self, n: int) -> None:
        """See `Policy`."""
        self._ladder(n).gone.add(n)

    def ready(self, all_in: bool) -> tuple[int, int] | None:
        """See `Policy`."""
        for ladder in self.brackets:
            if found := ladder.promotable(self.reduction):
                return found
        if all_in and sum(len(b.scores.get(self.epochs, ())) for b in self.brackets) < WHOLE:
            return _forced(self.brackets)
        return None


class _Ladder:
    """One bracket's rungs: who has arrived at each, with what value, and who has gone on to the next."""

    def __init__(self, places: tuple[int, ...]) -> None:
        self.places = places
        self.scores: dict[int, list[tuple[float, int]]] = {}
        self.promoted: dict[int, set[int]] = {}
        """By the epoch that they were sent to."""
        self.gone: set[int] = set()

    def add(self, n: int, epoch: int, value: float) -> None:
        bisect.insort(self.scores.setdefault(epoch, []), (_key(value), n))

    def promotable(self, reduction: int) -> tuple[int, int] | None:
        for i in range(len(self.places) - 2, -1, -1):
            arrived, up = self.scores.get(self.places[i], []), self.places[i + 1]
            for _, n in arrived[: len(arrived) // reduction]:
                if n not in self.promoted.get(up, ()) and n not in self.gone:
                    return n, up
        return None

    def paused(self) -> tuple[int, float, int, int] | None:
        """The best of the highest rung who waits there: (minus its epoch, sorting key, n, the next rung's epoch)."""
        for i in range(len(self.places) - 2, -1, -1):
            for key, n in self.scores.get(self.places[i], ()):
                if key < math.inf and n not in self.gone and n not in self.promoted.get(self.places[i + 1], ()):
                    return -self.places[i], key, n, self.places[i + 1]
        return None


def _forced(ladders: Sequence[_Ladder]) -> tuple[int, int] | None:
    """Who goes on where too few have reached the end by themselves: the best of the highest rung."""
    waiting = [p for p in (ladder.paused() for ladder in ladders) if p]
    if not waiting:
        return None
    _, _, n, until = min(waiting)
    return n, until


class AshaStop:
    """ASHA as Ray Tune has it: at each rung a proposal goes on if it is not below the quantile of those before it.

    It depends on the order of arrival: in ascending order everybody goes on.
    """

    def __init__(self, scheduler: Scheduler, epochs: int) -> None:
        self.reduction, self.epochs = scheduler.reduction, epochs
        places = rungs(scheduler, epochs)
        self.brackets = [_Ladder(places[min(b, len(places) - 1) :]) for b in range(scheduler.brackets)]
        self.queue: dict[int, int] = {}

    def _ladder(self, n: int) -> _Ladder:
        return self.brackets[n % len(self.brackets)]

    def start(self, n: int) -> int:
        """See `Policy`."""
        return self._ladder(n).places[0]

    def went(self, n: int, until: int) -> None:
        """See `Policy`."""
        self.queue.pop(n, None)
        self._ladder(n).promoted.setdefault(until, set()).add(n)

    def report(self, n: int, curve: Sequence[float]) -> None:
        """See `Policy`."""
        ladder, epoch, value = self._ladder(n), len(curve), curve[-1]
        before = [-key for key, _ in ladder.scores.get(epoch, ()) if key < math.inf]
        passes = not math.isnan(value) and (not before or value >= quantile(before, 1 - 1 / self.reduction))
        ladder.add(n, epoch, value)
        if passes and epoch < self.epochs:
            self.queue[n] = ladder.places[ladder.places.index(epoch) + 1]

    def lost(self, n: int) -> None:
        """See `Policy`."""
        self.queue.pop(n, None)
        self._ladder(n).gone.add(n)

    def ready(self, all_in: bool) -> tuple[int, int] | None:
        """See `Policy`."""
        if self.queue:
            return next(iter(self.queue.items()))
        if all_in and sum(len(b.scores.get(self.epochs, ())) for b in self.brackets) < WHOLE:
            return _forced(self.brackets)
        return None


def quantile(values: Sequence[float], q: float) -> float:
    """Linearly between neighbours, as NumPy's default.

    >>> quantile([1.0, 2.0, 3.0, 4.0], 0.5)
    2.5
    """
    ordered = sorted(values)
    at = q * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (at - low) * (ordered[high] - ordered[low])


class Median:
    """Stopped at an epoch where the best so far is below the median of the others' means up to that epoch.

    Decides every `grace` epochs, and not before three others have come as far.
    """

    LEAST = 3

    def __init__(self, scheduler: Scheduler, epochs: int) -> None:
        self.places: tuple[int, ...] = tuple(sorted({*range(scheduler.grace, epochs, scheduler.grace), epochs}))
        self.epochs = epochs
        self.means: dict[int, list[float]] = {p: [] for p in self.places}
        self.queue: dict[int, int] = {}
        self.ladder = _Ladder(self.places)

    def start(self, n: int) -> int:
        """See `Policy`."""
        return self.places[0]

    def went(self, n: int, until: int) -> None:
        """See `Policy`."""
        self.queue.pop(n, None)
        self.ladder.promoted.setdefault(until, set()).add(n)

    def report(self, n: int, curve: Sequence[float]) -> None:
        """See `Policy`."""
        at = len(curve)
        others = self.means[at]
        middle = len(others) // 2
        passes = len(others) < self.LEAST or max(curve) >= (others[middle] + others[-middle - 1]) / 2
        bisect.insort(others, math.fsum(curve) / at)
        self.ladder.add(n, at, curve[-1])
        if at < self.epochs and passes:
            self.queue[n] = self.places[self.places.index(at) + 1]

    def lost(self, n: int) -> None:
        """See `Policy`."""
        self.queue.pop(n, None)
        self.ladder.gone.add(n)

    def ready(self, all_in: bool) -> tuple[int, int] | None:
        """See `Policy`."""
        if self.queue:
            return next(iter(self.queue.items()))
        if all_in and len(self.ladder.scores.get(self.epochs, ())) < WHOLE:
            return _forced([self.ladder])
        return None


class Rounds:
    """Successive halving in rounds: a bracket's round is decided when all of it has arrived.

    Args:
        epochs: of a whole trial.
        brackets: how many proposals each takes (0: all that come) and the epochs of its rounds; taken in turn, again
            and again.
        keep: how many go on after the first round; if 0, one in `reduction`.
        reduction: by which each later round shrinks.
    """

    def __init__(
        self, epochs: int, brackets: list[tuple[int, tuple[int, ...]]], *, keep: int = 0, reduction: int = 3
    ) -> None:
        self.epochs, self.keep, self.reduction = epochs, keep, reduction
        self.sizes = [size for size, _ in brackets]
        self.places = [places for _, places in brackets]
        self.members: dict[tuple[int, int], dict[int, float]] = {}
        """By bracket and round: who was sent, with its value once it has arrived (NaN while under way)."""
        self.arrived: dict[tuple[int, int], set[int]] = {}
        self.gone: set[int] = set()
        self.chosen: dict[tuple[int, int], list[int]] = {}
        """Who goes on from a round, once that is decided."""

    def _bracket(self, n: int) -> int:
        """Counted through all repetitions."""
        if not self.sizes[0]:
            return 0
        cycle, rest = divmod(n, sum(self.sizes))
        for b, size in enumerate(self.sizes):
            if rest < size:
                return cycle * len(self.sizes) + b
            rest -= size
        raise AssertionError(n)

    def _rounds(self, bracket: int) -> tuple[int, ...]:
        return self.places[bracket % len(self.places)]

    def start(self, n: int) -> int:
        """See `Policy`."""
        return self._rounds(self._bracket(n))[0]

    def went(self, n: int, until: int) -> None:
        """See `Policy`."""
        bracket = self._bracket(n)
        number = self._rounds(bracket).index(until)
        if number:
            self._survivors(bracket, number - 1)
        self.members.setdefault((bracket, number), {}).setdefault(n, math.nan)

    def report(self, n: int, curve: Sequence[float]) -> None:
        """See `Policy`."""
        bracket = self._bracket(n)
        key = bracket, self._rounds(bracket).index(len(curve))
        self.members.setdefault(key, {})[n] = curve[-1]
        self.arrived.setdefault(key, set()).add(n)

    def lost(self, n: int) -> None:
        """See `Policy`."""
        self.gone.add(n)

    def ready(self, all_in: bool) -> tuple[int, int] | None:
        """See `Policy`."""
        for bracket, number in sorted(self.members, key=lambda k: (-k[1], k[0])):
            places = self._rounds(bracket)
            if number + 1 < len(places) and self._decided(bracket, number, all_in):
                sent = self.members.get((bracket, number + 1), {})
                for n in self._survivors(bracket, number):
                    if n not in sent and n not in self.gone:
                        return n, places[number + 1]
        return self._forced() if all_in else None

    def _forced(self) -> tuple[int, int] | None:
        """Where too few have reached the end: the best of the highest round who waits there."""
        last = [len(a) for (b, r), a in self.arrived.items() if r + 1 == len(self._rounds(b))]
        if sum(last) >= WHOLE:
            return None
        waiting = []
        for (bracket, number), arrived in self.arrived.items():
            places = self._rounds(bracket)
            if number + 1 < len(places):
                sent, values = self.members.get((bracket, number + 1), {}), self.members[bracket, number]
                left = [n for n in arrived if n not in sent and n not in self.gone and not math.isnan(values[n])]
                waiting += [(-places[number], _key(values[n]), n, places[number + 1]) for n in left]
        if not waiting:
            return None
        _, _, n, until = min(waiting)
        return n, until

    def _decided(self, bracket: int, number: int, all_in: bool) -> bool:
        """Whether nobody can join a round any more, and all of it have arrived."""
        if (bracket, number + 1) in self.members:
            return True
        sent, arrived = self.members[bracket, number], self.arrived.get((bracket, number), set())
        if any(n not in arrived and n not in self.gone for n in sent):
            return False
        if number:
            survivors = set(self._survivors(bracket, number - 1))
            return survivors <= set(sent) | self.gone
        size = self.sizes[bracket % len(self.sizes)]
        return all_in or (bool(size) and len(sent) == size)

    def _survivors(self, bracket: int, number: int) -> list[int]:
        """Decides a round when first asked, which is when all of it has arrived."""
        if (bracket, number) not in self.chosen:
            self.chosen[bracket, number] = self._choose(bracket, number)
        return self.chosen[bracket, number]

    def _choose(self, bracket: int, number: int) -> list[int]:
        values = self.members[bracket, number]
        ordered = sorted((_key(v), n) for n, v in values.items() if n in self.arrived.get((bracket, number), ()))
        count = self.keep if self.keep and not number else max(len(values) // self.reduction, 1)
        return [n for key, n in ordered if key < math.inf][:count]
