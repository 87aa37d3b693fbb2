"""What a look at n seeds may spend of a level, so that looking at every number of seeds costs no guarantee.

Half of the level is for the first look, at 5 seeds; a quarter for the looks at 6 to 10, an eighth for 11 to 20, and so
on, each block shared out equally among its looks. The shares add up to 1 over all looks that there can ever be.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

FIRST_LOOK_SEEDS = 5
"""Seeds at the first look; fewer give an estimate and never a verdict."""
ERROR_LEVEL = Fraction(1, 20)
"""The chance of any wrong verdict over a whole family of claims."""


def block(n: int) -> tuple[int, int, int]:
    """Which block a look belongs to, and its first and last look.

    Raises:
        ValueError: below the first look.

    >>> block(5), block(6), block(20), block(21)
    ((0, 5, 5), (1, 6, 10), (2, 11, 20), (3, 21, 40))
    """
    if n < FIRST_LOOK_SEEDS:
        raise ValueError(f"the first look is at {FIRST_LOOK_SEEDS} seeds, not at {n}")
    number, last = 0, FIRST_LOOK_SEEDS
    while n > last:
        number, last = number + 1, 2 * last
    return number, FIRST_LOOK_SEEDS if number == 0 else last // 2 + 1, last


def share(n: int) -> Fraction:
    """The share of a level that the look at n seeds may spend.

    >>> share(5), share(6), share(11)
    (Fraction(1, 2), Fraction(1, 20), Fraction(1, 80))
    """
    number, first, last = block(n)
    return Fraction(1, 2 ** (number + 1) * (last - first + 1))


@cache
def shares(seeds: int) -> Floats:
    """The shares of the looks at 1, 2, ..., `seeds` seeds; 0 where there is no look. Read-only."""
    found = np.array([float(share(n)) if n >= FIRST_LOOK_SEEDS else 0.0 for n in range(1, seeds + 1)])
    found.flags.writeable = False
    return found
