"""The margin that *new* validation examples would add, at 95 %: exact for counts of examples.

What is asked: with these very seeds, what would their mean be on new examples of the same kind? So seeds are fixed,
and examples are drawn. Each example has one number f, the share of the seeds that get it right (of two arms: the mean
of a - b over the seeds), and the mean of f over examples is the mean over seeds. Seeds share their examples, so more
seeds do not narrow the margin.

Where all seeds agree on each example, f is 0 or 1, the sum of f is binomial, and Clopper and Pearson's interval is
exact. Where they differ, f lies between. Of all variables with that mean and range the one that is 0 or 1 varies most
(any other is smaller in convex order), so the interval of as many hits as the sum of f is too wide rather than
too narrow; `tests/analysis/statistics/test_examples.py` measures it.

Of a difference: an example differs by |f|. How many differ is one share (of all), how many of these a gets right is
another. Each has Clopper and Pearson's interval at 97.5 %, so that both hold with 95 %, and the
difference lies between the least and the greatest that they allow. The second alone is McNemar's exact test: it
tells whether the difference is 0, and not how large it could be.

Of a ratio: b's level and the difference, each at 97.5 %, and what a / b = 1 + (a - b) / b can be within both.

Of a share of seeds: for each of S seeds where its own number could lie, at 1 - 0.05 / S, so that all hold together with
95 %; the share lies between the seeds that stay on the claimed side whatever happens and those that could be there.

Of a gap: training images are fixed, for they were learnt from; its margin is that of its validation part.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from analysis.statistics.estimates import clopper_pearson
from analysis.statistics.evidence import Interval

Bits = npt.NDArray[np.bool_]
TAIL_CHANCE = 0.025


def level(correct: Sequence[Bits], tail: float = TAIL_CHANCE) -> Interval:
    """The share of new examples that would be right: Clopper and Pearson's interval.

    Args:
        correct: for each seed which of the same examples were right.
        tail: chance that the number lies beyond either end.

    >>> found = level([np.arange(143) < 133])
    >>> round(found.low, 3), round(found.high, 3)
    (0.875, 0.966)
    """
    shares = np.mean(np.array(correct, dtype=np.float64), axis=0)
    return share(float(shares.mean()), len(shares), tail)


def share(value: float, n: int, tail: float = TAIL_CHANCE) -> Interval:
    """Return the same of a share of n examples, a mean over seeds perhaps.

    >>> found = share(0.93, 100)
    >>> round(found.low, 3), round(found.high, 3)
    (0.861, 0.971)
    """
    low, high = clopper_pearson(value * n, n, tail)
    return Interval(value, low, high, n, "examples")


def difference(a: Sequence[Bits], b: Sequence[Bits], tail: float = TAIL_CHANCE) -> Interval:
    """How many more of new examples a would get right than b, as a share: from the examples on which they differ.

    >>> found = difference([np.arange(100) < 90], [np.arange(100) < 80])
    >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
    (0.1, 0.013, 0.188)
    """
    apart = np.mean(np.array(a, np.float64) - np.array(b, np.float64), axis=0)
    n, ahead, behind = len(apart), float(apart[apart > 0].sum()), float(-apart[apart < 0].sum())
    least, most = clopper_pearson(ahead + behind, n, tail / 2)
    low, high = (2 * end - 1 for end in clopper_pearson(ahead, ahead + behind, tail / 2))
    ends = min(low * least, low * most), max(high * least, high * most)
    return Interval((ahead - behind) / n, *ends, n, "examples")


def ratio(a: Sequence[Bits], b: Sequence[Bits]) -> Interval | None:
    """How many times as many of new examples a would get right as b; None where b could have none right.

    >>> found = ratio([np.arange(1000) < 900], [np.arange(1000) < 800])
    >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
    (1.125, 1.085, 1.164)
    """
    below, apart = level(b, TAIL_CHANCE / 2), difference(a, b, TAIL_CHANCE / 2)
    if below.low <= 0:
        return None
    low, high = (1 + pick(end / below.low, end / below.high) for end, pick in ((apart.low, min), (apart.high, max)))
    return Interval(1 + apart.value / below.value, low, high, below.n, "examples")


def share_of_seeds(seeds: Sequence[Interval], low: float | None, high: float | None) -> Interval:
    """Say in which share of seeds a number would lie between two bounds on new examples.

    Args:
        seeds: where each one's number could lie, all together with 95 %.
        low: the lower bound; None: there is none.
        high: the upper one.

    >>> found = share_of_seeds([share(0.9, 1000), share(0.81, 1000)], 0.8, None)
    >>> found.value, found.low, found.high
    (1.0, 0.5, 1.0)
    """
    least, most = -math.inf if low is None else low, math.inf if high is None else high
    sure = sum(least < e.low and e.high < most for e in seeds)
    possible = sum(e.high >= least and e.low <= most for e in seeds)
    now, total = sum(least <= e.value <= most for e in seeds), len(seeds)
    return Interval(now / total, sure / total, possible / total, seeds[0].n, "examples")


def taken_from(changed: Interval, value: float) -> Interval:
    """Return the interval of something fixed minus what new examples would change, such as a gap.

    Args:
        changed: what new examples would change.
        value: the difference as it is now.
    """
    fixed = value + changed.value
    return Interval(value, fixed - changed.high, fixed - changed.low, changed.n, "examples")
