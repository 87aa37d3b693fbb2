"""The margin that *new* validation examples would add: exact for counts of examples, at 95 %.

Seeds share their examples, so more seeds do not narrow it. Where seeds differ on an example its share of seeds counts,
as if examples that some get right were so many that all do: that is the widest way.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from analysis.statistics.estimates import clopper_pearson
from analysis.statistics.evidence import Interval

Bits = npt.NDArray[np.bool_]
TAIL = 0.025


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
    """How many more of new examples a would get right than b, as a share: from the pairs on which they differ.

    Given how many pairs differ, the share of these that a gets right has Clopper and Pearson's interval.

    >>> found = difference([np.arange(100) < 90], [np.arange(100) < 80])
    >>> round(found.value, 3), round(found.low, 3), found.high
    (0.1, 0.038, 0.1)
    """
    apart = np.mean(np.array(a, np.float64) - np.array(b, np.float64), axis=0)
    n, ahead, behind = len(apart), float(apart[apart > 0].sum()), float(-apart[apart < 0].sum())
    differ = ahead + behind
    if not differ:
        bound = 1 - TAIL ** (1 / n)
        return Interval(0.0, -bound, bound, n, "examples")
    low, high = clopper_pearson(ahead, differ)
    scale = differ / n
    return Interval((ahead - behind) / n, scale * (2 * low - 1), scale * (2 * high - 1), n, "examples")
