"""Whether an interval tells anything: one of no width is of numbers that are all one, and they hide how far seeds vary.

Light to import, for a list of studies writes numbers too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analysis.statistics.estimates import Estimate

ALIKE_TOLERANCE = 1e-12
"""An interval that is narrower than this, relative to its ends, is of numbers that are all one."""
ROUNDING_TOLERANCE = 1e-9
"""The same of differences, which are small beside the numbers whose rounding they have."""


def all_alike(low: float, high: float) -> bool:
    """Whether an interval has no width but that of rounding: all numbers behind it are one.

    >>> all_alike(0.62297, 0.62297 + 1e-16), all_alike(0.622, 0.623), all_alike(float("nan"), float("nan"))
    (True, False, False)
    """
    return high - low <= ALIKE_TOLERANCE * max(abs(low), abs(high))


def clear(difference: Estimate) -> bool:
    """Whether seeds tell a difference from chance: its interval leaves out 0, and has a width.

    Equal seeds, and a single one, do not show how far seeds vary; so nothing follows from them, however far they lie
    from 0.
    """
    return (difference.low > 0 or difference.high < 0) and not _no_width(difference)


def clearly_above(difference: Estimate) -> bool:
    """Whether seeds tell that a difference is above 0, see `clear`."""
    return difference.low > 0 and clear(difference)


def clearly_below(difference: Estimate) -> bool:
    """Whether seeds tell that a difference is below 0, see `clear`."""
    return difference.high < 0 and clear(difference)


def alike_but_apart(difference: Estimate) -> bool:
    """Whether all seeds differ by one number that is not 0."""
    return _no_width(difference) and bool(difference.value)


def _no_width(difference: Estimate) -> bool:
    return difference.high - difference.low <= ROUNDING_TOLERANCE * max(abs(difference.low), abs(difference.high))
