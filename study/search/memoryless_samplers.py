"""Searchers that need no memory: grid, random, Sobol and Halton. The n-th point depends on n and the seed alone.

So they give the same points whatever finishes first, with any number of workers, and after any kill. Searchers that
learn are in `study.search.optuna_samplers`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from study.spec import points as points_module
from study.spec.point import Point
from study.spec.points import grid
from study.spec.search import Search

MEMORYLESS = ("grid", "random", "sobol", "halton")

NumberedPoints = Callable[[int], Point | None]
"""The n-th point, counted from 0; None where there are no more."""


def numbered(search: Search) -> NumberedPoints:
    """The points of a searcher that needs no memory."""
    if search.searcher == "grid":
        points = grid(search.space, search.grid_points)
        order = np.random.default_rng(search.seed).permutation(len(points))
        return lambda n: points[int(order[n])] if n < len(points) else None
    if search.searcher == "random":
        return lambda n: points_module.point(
            search.space, np.random.default_rng([search.seed, n]).random(len(search.space)).tolist()
        )
    return _even(search)


def _even(search: Search) -> NumberedPoints:
    from scipy.stats import qmc

    kind = qmc.Sobol if search.searcher == "sobol" else qmc.Halton
    shares: list[list[float]] = []

    def point(n: int) -> Point:
        if n >= len(shares):
            size = 1 << max(6, n.bit_length())
            shares[:] = kind(len(search.space), scramble=True, rng=search.seed).random(size).tolist()
        return points_module.point(search.space, shares[n])

    return point
