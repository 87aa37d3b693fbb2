"""The p-value of a mean difference by flipping signs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analysis.statistics.estimates import finite_array

Side = Literal["above", "below", "both"]


MAX_EXACT_SEEDS = 16
"""Seeds up to which all sign flips are counted; beyond, a sample of them is."""


SAMPLES = 20_000


def sign_flip_p(differences: Sequence[float], side: Side = "both", rng_seed: int = 0) -> float:
    """Return the exact p-value of "the differences are symmetric about 0", from all 2**n flips of their signs.

    side: "above" counts flips whose mean is at least the observed one, "below" at most, "both" at least as far from 0.
    Above `MAX_EXACT_SEEDS` seeds a sample of flips, the observed one included, drawn from `rng_seed`.

    >>> sign_flip_p([1.0, 2.0, 3.0], "above")
    0.125
    >>> sign_flip_p([1.0, 2.0, 3.0])
    0.25
    """
    x = finite_array(differences)
    sums, seen = _flips(len(x), rng_seed) @ x, float(x.sum())
    slack = 1e-12 * float(np.abs(x).sum())  # equal sums must count as equal whatever order they were added in
    if side == "above":
        return float(np.mean(sums >= seen - slack))
    if side == "below":
        return float(np.mean(sums <= seen + slack))
    return float(np.mean(np.abs(sums) >= abs(seen) - slack))


@lru_cache(maxsize=2)  # all measures of an arm have as many seeds, and a sample of flips takes 10 MB
def _flips(seeds: int, rng_seed: int) -> NDArray[np.float64]:
    """Signs, 1.0 and -1.0, a row a flip: all there are, or the observed one and a sample."""
    if seeds <= MAX_EXACT_SEEDS:
        flipped = np.arange(2**seeds)[:, None] >> np.arange(seeds)[::-1] & 1
    else:
        drawn = np.random.default_rng(rng_seed).integers(0, 2, size=(SAMPLES, seeds))
        flipped = np.vstack([np.zeros(seeds, dtype=drawn.dtype), drawn])
    return 1.0 - 2.0 * flipped.astype(np.float64)
