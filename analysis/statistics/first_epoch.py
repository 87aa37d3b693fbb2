"""Which of two arms reaches a level first, in pairs by seed; never a mean with a made-up number.

A pair in which one arm got there and the other did not is decided where the epochs that were trained suffice to say so.
Both never, exactly the claimed margin, or unknown against it counts for neither side; all pairs count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from analysis.statistics import shares
from analysis.statistics.evidence import Evidence, Interval

Outcome = Literal["met", "broken", "neither"]


@dataclass(frozen=True)
class Pair:
    """The epochs at which two arms of one seed first reached a level; None: never within the epochs that were trained.

    A diverged trial never reaches what it had not reached before.
    """

    a: int | None
    b: int | None
    a_epochs: int
    b_epochs: int


def outcome(pair: Pair, margin: float = 0.0) -> Outcome:
    """Whether b came more than `margin` epochs after a (`met`), surely not so late (`broken`), or neither.

    >>> outcome(Pair(3, 5, 30, 30)), outcome(Pair(3, None, 30, 30)), outcome(Pair(None, 5, 30, 30))
    ('met', 'met', 'broken')
    >>> outcome(Pair(None, None, 30, 30)), outcome(Pair(4, 4, 30, 30)), outcome(Pair(25, None, 30, 30), margin=10)
    ('neither', 'neither', 'neither')
    """
    earliest_b = pair.b_epochs + 1 if pair.b is None else pair.b
    earliest_a = pair.a_epochs + 1 if pair.a is None else pair.a
    if pair.a is not None and earliest_b - pair.a > margin:
        return "met"
    if pair.b is not None and pair.b - earliest_a < margin:
        return "broken"
    return "neither"


@dataclass(frozen=True)
class OutcomesPart:
    """Each bound is met in more than half of seeds: judged by counts alone, at the whole level."""

    outcomes: tuple[tuple[Outcome, ...], ...]
    """Of each bound along the path."""

    @property
    def n(self) -> int:
        """How many seeds there are, those that count for neither side too."""
        return len(self.outcomes[0]) if self.outcomes else 0

    def evidence(self) -> tuple[Evidence, ...]:
        """Return the evidence of each bound."""
        n, table = np.arange(1, self.n + 1), shares.majority(self.n)
        found = []
        for along in self.outcomes:
            met, broken = (table[n, np.cumsum([o == s for o in along], dtype=np.int64)] for s in ("met", "broken"))
            found.append(Evidence.running(met, broken))
        return tuple(found)

    def interval(self, level: float, n: int) -> Interval | None:
        """The shares of seeds with all bounds met that no look has excluded at `level`, each end."""
        broken = [tuple(o == "broken" for o in along[:n]) for along in self.outcomes]
        return shares.majority_interval(self._met(n), broken, level)

    def estimate(self, n: int) -> Interval | None:
        """The share of seeds with all bounds met, with Clopper and Pearson's 95 % interval."""
        return shares.share_estimate(self._met(n))

    def _met(self, n: int) -> tuple[bool, ...]:
        return tuple(all(o == "met" for o in way) for way in zip(*(along[:n] for along in self.outcomes), strict=True))


@dataclass(frozen=True)
class FirstEpochPart:
    """In more than half of seeds a is there more than `margin` epochs before b.

    One bound, judged by counts alone at the whole level.
    """

    pairs: tuple[Pair, ...]
    margin: float = 0.0

    @property
    def n(self) -> int:
        """How many pairs there are."""
        return len(self.pairs)

    def outcomes(self) -> tuple[Outcome, ...]:
        """The outcome of each pair, along the path."""
        return tuple(outcome(pair, self.margin) for pair in self.pairs)

    def counts(self) -> OutcomesPart:
        """The part as the rule takes it: outcomes, counted."""
        return OutcomesPart((self.outcomes(),))

    def evidence(self) -> tuple[Evidence, ...]:
        """Return the evidence of its one bound."""
        return self.counts().evidence()

    def interval(self, level: float, n: int) -> Interval | None:
        """The shares of seeds with `met` that no look has excluded at `level`, each end."""
        return self.counts().interval(level, n)

    def estimate(self, n: int) -> Interval | None:
        """The share of pairs with `met`, with Clopper and Pearson's 95 % interval."""
        return self.counts().estimate(n)
