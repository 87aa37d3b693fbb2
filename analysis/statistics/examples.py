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
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from analysis.statistics.estimates import clopper_pearson
from analysis.statistics.evidence import Interval

Bits = npt.NDArray[np.bool_]
TAIL_CHANCE = 0.025


def level(correct: Sequence[Bits]) -> Interval:
    """The share of new examples that would be right: Clopper and Pearson's interval.

    correct: for each seed which of the same examples were right.

    >>> found = level([np.arange(143) < 133])
    >>> round(found.low, 3), round(found.high, 3)
    (0.875, 0.966)
    """
    shares = np.mean(np.array(correct, dtype=np.float64), axis=0)
    return share(float(shares.mean()), len(shares))


def share(value: float, n: int) -> Interval:
    """The same of a share of n examples, a mean over seeds perhaps.

    >>> found = share(0.93, 100)
    >>> round(found.low, 3), round(found.high, 3)
    (0.861, 0.971)
    """
    low, high = clopper_pearson(value * n, n)
    return Interval(value, low, high, n, "examples")


def difference(a: Sequence[Bits], b: Sequence[Bits]) -> Interval:
    """How many more of new examples a would get right than b, as a share: from the examples on which they differ.

    >>> found = difference([np.arange(100) < 90], [np.arange(100) < 80])
    >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
    (0.1, 0.013, 0.188)
    """
    apart = np.mean(np.array(a, np.float64) - np.array(b, np.float64), axis=0)
    n, ahead, behind = len(apart), float(apart[apart > 0].sum()), float(-apart[apart < 0].sum())
    least, most = clopper_pearson(ahead + behind, n, TAIL_CHANCE / 2)
    low, high = (2 * end - 1 for end in clopper_pearson(ahead, ahead + behind, TAIL_CHANCE / 2))
    ends = min(low * least, low * most), max(high * least, high * most)
    return Interval((ahead - behind) / n, *ends, n, "examples")
