"""What Student's t pays for its looks: less than its shares, because the looks of one path are alike.

Up to 80 seeds `t_boundary.json` has, for each block of looks, the constant p with which t spends exactly the block's
share of a level; `python -m benchmarks.t_boundary` makes it. Beyond the table a look pays its share (`looks`), which
always holds. Both spend the same by the end of each block.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources

import numpy as np

from analysis.statistics.looks import FIRST_LOOK_SEEDS, Floats, block, share, shares


def over_looks(p: Floats) -> Floats:
    """The smallest levels at which t crosses with p [..., seeds] at 1, 2, ... seeds; infinite before the first look."""
    p = np.asarray(p, np.float64)
    seeds = p.shape[-1]
    with np.errstate(divide="ignore"):
        found = np.asarray(p / shares(seeds))
    for first, last, bounds, levels in _table():
        part = slice(first - 1, min(last, seeds))
        if first <= seeds:
            with np.errstate(divide="ignore"):
                exact = np.exp(np.interp(np.log(p[..., part]), np.log(bounds), np.log(levels)))
            found[..., part] = np.minimum(found[..., part], exact)
    return found


def t_level(level: float, n: int) -> float:
    """The largest p with which t crosses at `level` at the look at n seeds; the inverse of `over_looks`."""
    for first, last, bounds, levels in _table():
        if first <= n <= last and level >= levels[0]:
            return float(np.exp(np.interp(np.log(level), np.log(levels), np.log(bounds))))
    return level * float(share(n))


@cache
def _table() -> tuple[tuple[int, int, Floats, Floats], ...]:
    """Of each block its first and last look, the p, rising, and the levels they spend; to level 1 by the last ratio."""
    text = resources.files("analysis.statistics").joinpath("t_boundary.json").read_text(encoding="utf-8")
    values = json.loads(text)
    rows = np.array(sorted(values["rows"]), np.float64)
    found = []
    for column, last in enumerate(values["blocks"], start=1):
        _, first, _ = block(max(last, FIRST_LOOK_SEEDS))
        ratio = rows[-1, column] / rows[-1, 0]
        found.append((first, int(last), np.append(rows[:, column], ratio), np.append(rows[:, 0], 1.0)))
    return tuple(found)
