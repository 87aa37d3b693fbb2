"""Makes the table of exact boundaries that `analysis.statistics.boundary` reads; about two minutes.

    python -m benchmarks.t_boundary

Within a block of looks (6 to 10, 11 to 20, 21 to 40, 41 to 80) t is held against one constant p, the largest with which
the chance of a first crossing within the block is still the block's share of the level. If the mean lies on its bound
and seeds are normal, u = sum / root of the sum of squares is a Markov chain: with z = x / root of the sum of the n
squares so far, the next u is (u + z) / sqrt(1 + z^2), and z sqrt(n) is Student's t with n degrees of freedom, whatever
came before. So the chance of a crossing is a chain of integrals over one number, taken here from the last look
backwards.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy import optimize, special, stats

from analysis.statistics.looks import FIRST_LOOK_SEEDS, Floats, block

TABLE = Path(__file__).parent.parent / "analysis" / "statistics" / "t_boundary.json"
LEVELS = tuple(10 ** (-k / 4) for k in range(4, 23))
"""0.1 to 3e-6, four a decade."""
BLOCKS = (10, 20, 40, 80)
"""Their last looks; the first look of all, at 5, has exactly its half."""
STATES, STEPS = 400, 401
"""Points of u, and of z, that integrals are taken over."""


def _u(p: float | Floats, n: int) -> Floats:
    """The u at n seeds whose one-sided p is p."""
    t = stats.t.isf(p, n - 1)
    return np.asarray(t * math.sqrt(n) / np.sqrt(n - 1 + t * t))


def crossing(bounds: Sequence[float]) -> float:
    """The chance that t's p ever lies at or below bounds[i] at 5 + i seeds; normal seeds with the mean on its bound."""
    last = FIRST_LOOK_SEEDS + len(bounds) - 1
    score = np.linspace(-7.5, 7.5, STEPS)
    weight = np.exp(-(score**2) / 2) * (score[1] - score[0]) / math.sqrt(2 * math.pi)
    own = value = np.zeros(0)
    later: tuple[Floats, Floats] | None = None
    for n in range(last - 1, FIRST_LOOK_SEEDS - 1, -1):  # what is still to come after n seeds, as a function of u
        own = np.linspace(-7.0, _score(bounds[n - FIRST_LOOK_SEEDS]), STATES)
        u = _u(special.ndtr(-own), n)
        c = float(_u(bounds[n + 1 - FIRST_LOOK_SEEDS], n + 1))
        value = _at_once(u, c, n)
        if later is not None:
            z = np.sign(score) * stats.t.isf(special.ndtr(-np.abs(score)), n) / math.sqrt(n)
            after = (u[:, None] + z) / np.sqrt(1 + z * z)
            value = value + np.interp(after, *later, right=0.0) @ weight
        later = u, value
    return bounds[0] + float(np.trapezoid(value * np.exp(-(own**2) / 2), own)) / math.sqrt(2 * math.pi)


def _score(p: float) -> float:
    return float(-special.ndtri(p))


def _at_once(u: Floats, c: float, n: int) -> Floats:
    """The chance that the next u is at least c > 1."""
    inside = u * u - c * c + 1
    root = c * np.sqrt(np.maximum(inside, 0.0))
    low, high = ((u + sign * root) / (c * c - 1) * math.sqrt(n) for sign in (-1, 1))
    chance = special.stdtr(n, -low) - special.stdtr(n, -high)
    return np.where((inside > 0) & (u > 0), chance, 0.0)


def boundary(level: float) -> list[float]:
    """The constant p of each block, for one level."""
    bounds, found = [level / 2], list[float]()
    for last in BLOCKS:
        number, first, _ = block(last)
        goal = level * (1 - 0.5 ** (number + 1))
        looks = last - first + 1
        least, most = level * 0.5 ** (number + 1) / looks, level

        def excess(
            log_p: float, before: Sequence[float] = tuple(bounds), looks: int = looks, goal: float = goal
        ) -> float:
            return crossing([*before, *[math.exp(log_p)] * looks]) / goal - 1

        p = math.exp(optimize.brentq(excess, math.log(least * 0.97), math.log(most), xtol=1e-4))
        bounds += [p] * looks
        found.append(p)
    return found


def main() -> None:
    """Write the table: of each level the p of each block, 0.2 % below what was found for the error of the integrals."""
    rows = [[level, *(float(f"{0.998 * p:.5g}") for p in boundary(level))] for level in LEVELS]
    TABLE.write_text(json.dumps({"blocks": BLOCKS, "rows": rows}).replace("], [", "],\n  [") + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
