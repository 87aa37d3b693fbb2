"""How many seeds would decide."""

from __future__ import annotations

import math
from collections.abc import Sequence

from scipy import stats

from analysis.statistics.estimates import LEVEL, _finite

MOST_SEEDS = 10_000


def seeds_needed(
    values: Sequence[float], low: float | None, high: float | None, power: float = 0.8, level: float = LEVEL
) -> int | None:
    """The smallest number of seeds whose t interval would miss the nearer bound with probability `power`.

    As if the observed mean and spread were the true ones, so a rough guide. None where one seed says nothing of
    the spread, or where more than `MOST_SEEDS` would be needed.

    >>> seeds_needed([0.9, 1.0, 1.1, 0.5, 1.5], 0.8, None)
    28
    """
    x = _finite(values)
    bounds = [b for b in (low, high) if b is not None and math.isfinite(b)]
    spread = float(x.std(ddof=1)) if len(x) > 1 else 0.0
    if spread == 0 or not bounds:
        return None
    effect = min(abs(float(x.mean()) - b) for b in bounds) / spread

    def enough(n: int) -> bool:
        reach = stats.t.ppf((1 + level) / 2, n - 1)
        return bool(stats.nct.sf(reach, n - 1, effect * math.sqrt(n)) >= power)

    if not enough(MOST_SEEDS):
        return None
    below, found = 1, 2
    while not enough(found):
        below, found = found, min(2 * found, MOST_SEEDS)
    while found - below > 1:
        middle = (below + found) // 2
        below, found = (below, middle) if enough(middle) else (middle, found)
    return found
