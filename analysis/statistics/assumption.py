"""Whether seeds look as if they did not vary about normally, and by what: one seed far from the rest, or two groups.

The guarantee rests on that assumption (`docs/verdicts.md`). With few seeds only what is gross can be seen; that nothing
is seen does not show that it is true.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from scipy import special

from analysis.statistics.looks import FIRST_LOOK_SEEDS, Floats

DOUBT_LEVEL = 0.01
"""Doubts are said where normal seeds would look so, or worse, with at most this chance each."""
BY_CHANCE = 0.022
"""The share of normal samples of which a doubt is said: 1.9 to 2.5 % of 4,000 each of 5, 6, 10, 20 and 40 seeds."""
SAMPLES = 20_000
DRAWN_AT_ONCE = 500
"""Samples: most seeds look normal after the first of these."""


@dataclass(frozen=True)
class Doubt:
    """What speaks against normal seeds."""

    what: Literal["one seed far from the rest", "two groups of seeds"]
    places: tuple[int, ...]
    """Which values: the far one, or the smaller group (the lower one of two equal), as places along the path."""
    p: float


def doubts(values: Sequence[float]) -> tuple[Doubt, ...]:
    """What speaks against normal seeds; nothing where they cannot be asked.

    >>> doubts([1.0, 1.1, 0.9, 1.05, -7.0])[0].places
    (4,)
    """
    if not can_be_asked(values):
        return ()
    x = np.array(values, np.float64)
    found = (_far(x), _groups(x))
    return tuple(doubt for doubt in found if doubt is not None and doubt.p <= DOUBT_LEVEL)


def can_be_asked(values: Sequence[float]) -> bool:
    """Whether values can say that seeds are not normal: finite ones of five seeds or more, not all the same."""
    x = np.array(values, np.float64)
    return len(x) >= FIRST_LOOK_SEEDS and bool(np.isfinite(x).all()) and float(x.std()) > 0


def _far(x: Floats) -> Doubt | None:
    """Grubbs' test, with Bonferroni's bound of its p."""
    n, place = len(x), int(np.abs(x - x.mean()).argmax())
    g2 = float((x[place] - x.mean()) ** 2 / x.var(ddof=1))
    left = (n - 1) ** 2 - n * g2
    p = 0.0 if left <= 0 else float(2 * n * special.stdtr(n - 2, -math.sqrt(n * (n - 2) * g2 / left)))
    return Doubt("one seed far from the rest", (place,), min(1.0, p))


def _groups(x: Floats) -> Doubt | None:
    """The widest gap with two seeds or more on each side, over the spread within; its p by simulation."""
    order = np.argsort(x, kind="stable")
    widest, after = _gap(x[order][None])
    p = (1 + _null(len(x)).at_least(float(widest[0]))) / (1 + SAMPLES)
    low, high = order[: after[0]], order[after[0] :]
    small = low if len(low) <= len(high) else high
    return Doubt("two groups of seeds", tuple(sorted(small.tolist())), p)


def _gap(ordered: Floats) -> tuple[Floats, Floats]:
    """Of rows in rising order: the largest gap over the pooled deviation on both its sides, and how many lie below."""
    n = ordered.shape[1]
    below = np.arange(2, n - 1)
    centred = ordered - ordered.mean(1, keepdims=True)
    squared = centred**2
    sums, squares = (x.cumsum(1)[:, 1 : n - 2] for x in (centred, squared))
    rest = squared.sum(1, keepdims=True) - squares
    within = np.sqrt(np.maximum(squares - sums**2 / below + rest - sums**2 / (n - below), 0.0) / (n - 2))
    gaps = ordered[:, 2 : n - 1] - ordered[:, 1 : n - 2]
    ratios = gaps / np.maximum(within, 1e-12 * np.abs(ordered).max(1, keepdims=True))
    return ratios.max(1), ratios.argmax(1) + 2


class _NormalGaps:
    """The widest gaps of samples of normal values, drawn as far as they are asked for."""

    def __init__(self, n: int) -> None:
        self.n = n
        self._random = np.random.default_rng(n)
        self._drawn: list[Floats] = []

    def at_least(self, gap: float) -> int:
        """How many of `SAMPLES` are as wide as a gap, or wider; once these are too many for a doubt, so far."""
        found = 0
        for place in range(SAMPLES // DRAWN_AT_ONCE):
            if place == len(self._drawn):
                drawn = self._random.standard_normal((DRAWN_AT_ONCE, self.n))
                self._drawn.append(_gap(np.sort(drawn, axis=1))[0])
            found += int((self._drawn[place] >= gap).sum())
            if found > DOUBT_LEVEL * (1 + SAMPLES):
                break
        return found


_null = cache(_NormalGaps)
