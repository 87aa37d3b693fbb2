"""At which epochs schedulers decide, and how values are ranked."""

from __future__ import annotations

import math
from collections.abc import Sequence

from study.spec.search import Scheduler

MIN_WHOLE_PROPOSALS = 2
"""At least so many proposals are trained to the end, so that there are a winner and a runner-up."""


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


def halving_rungs(scheduler: Scheduler, epochs: int) -> tuple[int, ...]:
    """The epochs of halving's rounds.

    >>> halving_rungs(Scheduler(name="halving", keep=4), 25)
    (1, 25)
    """
    if scheduler.keep:
        return (scheduler.grace, epochs) if scheduler.grace < epochs else (epochs,)
    return rungs(scheduler, epochs)


def decisions(scheduler: Scheduler, epochs: int) -> tuple[int, ...]:
    """The epochs, before the last, at which a scheduler decides for all alike; none of one that has no such places.

    >>> decisions(Scheduler(name="asha", grace=1, reduction=3), 25), decisions(Scheduler(name="median"), 25)
    ((1, 3, 9), ())
    """
    if scheduler.name in ("none", "median"):
        return ()
    return (halving_rungs if scheduler.name == "halving" else rungs)(scheduler, epochs)[:-1]


def hyperband_brackets(scheduler: Scheduler, epochs: int) -> list[tuple[int, tuple[int, ...]]]:
    """Brackets of HyperBand, the most aggressive first: how many proposals, and the epochs of its rounds.

    >>> hyperband_brackets(Scheduler(name="hyperband", reduction=3), 9)
    [(9, (1, 3, 9)), (5, (3, 9)), (3, (9,))]
    """
    places = rungs(scheduler, epochs)
    most = len(places) - 1
    counts = [math.ceil((most + 1) / (s + 1) * scheduler.reduction**s) for s in range(most, -1, -1)]
    return [(count, places[i:]) for i, count in enumerate(counts)]


def sort_key(value: float) -> float:
    """Sorting key, the best first."""
    return math.inf if math.isnan(value) else -value


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
