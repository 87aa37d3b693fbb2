"""Rungs, and successive halving in rounds: halving and HyperBand. What a policy is: `study.search.schedulers`."""

from __future__ import annotations

import math
from collections.abc import Sequence

from study.search.rungs import MIN_WHOLE_PROPOSALS, sort_key


class SuccessiveHalving:
    """Successive halving in rounds: a bracket's round is decided when all of it has arrived.

    Where a search is asked for more, a bracket that more of them join is decided anew, among the old and the new; so is
    a round in which one failed that is trained after all.

    Args:
        epochs: of a whole trial.
        brackets: how many proposals each takes (0: all that come) and the epochs of its rounds; taken in turn, again
            and again.
        keep: how many go on after the first round, below 1 as a share of it; if 0, one in `reduction`.
        reduction: by which each later round shrinks.
    """

    def __init__(
        self, epochs: int, brackets: list[tuple[int, tuple[int, ...]]], *, keep: float = 0, reduction: int = 3
    ) -> None:
        self.epochs, self.keep, self.reduction = epochs, keep, reduction
        self.sizes = [size for size, _ in brackets]
        self.places = [places for _, places in brackets]
        self.members: dict[tuple[int, int], dict[int, float]] = {}
        """By bracket and round: who was sent, with its value once it has arrived (NaN while under way)."""
        self.arrived: dict[tuple[int, int], set[int]] = {}
        self.gone: set[int] = set()
        self.chosen: dict[tuple[int, int], list[int]] = {}
        """Who goes on from a round, from its decision until somebody joins the bracket who was not there."""

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

    def start(self, proposal: int) -> int:
        """See `TrialScheduler`."""
        return self._rounds(self._bracket(proposal))[0]

    def sent(self, proposal: int, until: int) -> None:
        """See `TrialScheduler`."""
        bracket = self._bracket(proposal)
        number = self._rounds(bracket).index(until)
        retried = proposal in self.gone and proposal not in self.arrived.get((bracket, number), ())
        self.gone.discard(proposal)
        if retried or (not number and proposal not in self.members.get((bracket, 0), ())):
            self._decide_anew(bracket, number)
        elif number:
            self._survivors(bracket, number - 1)
        self.members.setdefault((bracket, number), {}).setdefault(proposal, math.nan)

    def report(self, proposal: int, curve: Sequence[float]) -> None:
        """See `TrialScheduler`."""
        bracket = self._bracket(proposal)
        key = bracket, self._rounds(bracket).index(len(curve))
        self.members.setdefault(key, {})[proposal] = curve[-1]
        self.arrived.setdefault(key, set()).add(proposal)

    def lost(self, proposal: int) -> None:
        """See `TrialScheduler`."""
        self.gone.add(proposal)

    def ready(self, all_reported: bool) -> tuple[int, int] | None:
        """See `TrialScheduler`."""
        for bracket, number in sorted(self.members, key=lambda k: (-k[1], k[0])):
            places = self._rounds(bracket)
            if number + 1 < len(places) and self._decided(bracket, number, all_reported):
                sent = self.members.get((bracket, number + 1), {})
                for n in self._survivors(bracket, number):
                    if n not in sent and n not in self.gone:
                        return n, places[number + 1]
        return self._forced() if all_reported else None

    def _forced(self) -> tuple[int, int] | None:
        """Where too few have reached the end: the best of the highest round who waits there."""
        last = [len(a) for (b, r), a in self.arrived.items() if r + 1 == len(self._rounds(b))]
        if sum(last) >= MIN_WHOLE_PROPOSALS:
            return None
        waiting = []
        for (bracket, number), arrived in self.arrived.items():
            places = self._rounds(bracket)
            if number + 1 < len(places):
                sent, values = self.members.get((bracket, number + 1), {}), self.members[bracket, number]
                left = [n for n in arrived if n not in sent and n not in self.gone and not math.isnan(values[n])]
                waiting += [(-places[number], sort_key(values[n]), n, places[number + 1]) for n in left]
        if not waiting:
            return None
        _, _, n, until = min(waiting)
        return n, until

    def _decided(self, bracket: int, number: int, all_in: bool) -> bool:
        """Whether nobody can join a round any more, and all of it have arrived."""
        if (bracket, number) in self.chosen:
            return True
        if number and (bracket, number - 1) not in self.chosen:
            return False
        sent, arrived = self.members[bracket, number], self.arrived.get((bracket, number), set())
        if any(n not in arrived and n not in self.gone for n in sent):
            return False
        if number:
            survivors = set(self._survivors(bracket, number - 1))
            return survivors <= set(sent) | self.gone
        size = self.sizes[bracket % len(self.sizes)]
        return all_in or (bool(size) and len(sent) == size)

    def dropped(self, trials: int) -> set[int]:  # noqa: ARG002  # the interface's
        """See `TrialScheduler`; in a decided round, whoever was not chosen."""
        found = set[int]()
        for (bracket, number), chosen in self.chosen.items():
            went_on = {*chosen, *self.members.get((bracket, number + 1), ())}
            found |= self.arrived.get((bracket, number), set()) - went_on - self.gone
        return found

    def _decide_anew(self, bracket: int, number: int) -> None:
        """From a round on, for somebody joins it whom its decision did not know."""
        self.chosen = {(b, r): found for (b, r), found in self.chosen.items() if b != bracket or r < number}

    def _survivors(self, bracket: int, number: int) -> list[int]:
        """Decides a round when first asked, which is when all of it has arrived."""
        if (bracket, number) not in self.chosen:
            self.chosen[bracket, number] = self._choose(bracket, number)
        return self.chosen[bracket, number]

    def _choose(self, bracket: int, number: int) -> list[int]:
        values = self.members[bracket, number]
        ordered = sorted((sort_key(v), n) for n, v in values.items() if n in self.arrived.get((bracket, number), ()))
        count = self._size(len(values)) if self.keep and not number else max(len(values) // self.reduction, 1)
        return [n for key, n in ordered if key < math.inf][:count]

    def _size(self, arrived: int) -> int:
        return int(self.keep) if self.keep >= 1 else max(round(self.keep * arrived), MIN_WHOLE_PROPOSALS)
