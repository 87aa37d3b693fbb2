"""Rules for means that were not taken: a bet that mixes over effects, and one look a block. Each holds at any time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from scipy import optimize, special

from analysis.statistics import one_sided
from analysis.statistics.looks import ERROR_LEVEL, FIRST_LOOK_SEEDS, Floats
from benchmarks.verdict_rules import NEVER, Decided
from benchmarks.verdict_studies import SimulatedClaim

PRIOR_SD = 1.0
"""Of the effects that the bet mixes over, in standard deviations between seeds."""
_EFFECTS = np.linspace(0.0, 6.0 * PRIOR_SD, 121)[1:]
_MASS = np.exp(-0.5 * (_EFFECTS / PRIOR_SD) ** 2)
_LOG_MASS = np.log(_MASS / _MASS.sum())
"""Half a normal distribution."""

Crossed = Callable[[Floats, float], Floats]
"""Of values [studies, parts, seeds] and 1 / level: whether each look shows a mean above 0."""


def mixture(claims: Sequence[SimulatedClaim], places: int) -> list[Decided]:
    """A bet against "the mean is at most 0", which has to win as many times its stake as the level is small.

    The bet is the likelihood ratio of the scaled seeds, which have one distribution whatever the deviation is, mixed
    over effects. It is fair at mean 0 for normal seeds, so no look costs anything.
    """
    return [_decided(c.values, places, _won) for c in claims]


def block_ends(claims: Sequence[SimulatedClaim], places: int) -> list[Decided]:
    """Student's t, looked at 5, 10, 20, 40, ... seeds alone, each time at its block's whole share.

    So a sequential t-test decides that equals the t-test of planned numbers of seeds, one a block.
    """
    return [_decided(c.values, places, _at_block_ends) for c in claims]


def _decided(values: Floats, places: int, crossed: Crossed) -> Decided:
    """Supported by all parts at 5 % / places, refuted by one at 5 % / (places x parts)."""
    times = places / float(ERROR_LEVEL)
    supported = _first(crossed(values, times)).max(1)
    return supported, _first(crossed(-values, times * values.shape[1])).min(1)


def _won(values: Floats, times: float) -> Floats:
    seeds = range(1, values.shape[-1] + 1)
    least = np.array([_least(n, times) if n >= FIRST_LOOK_SEEDS else np.inf for n in seeds])
    return np.asarray(values.cumsum(-1) / np.sqrt((values**2).cumsum(-1)) >= least)


def _at_block_ends(values: Floats, times: float) -> Floats:
    level, share, look = np.zeros(values.shape[-1]), 0.5, FIRST_LOOK_SEEDS
    while look <= len(level):
        level[look - 1] = share / times
        share, look = share / 2, 2 * look
    met, _ = one_sided.t_p_values(values, 0.0)
    return np.asarray(met <= level)


@cache
def _least(n: int, times: float) -> float:
    """The least sum of n seeds, over the root of the sum of their squares, with which the bet has won so much."""
    most, need = float(np.sqrt(n)) * (1 - 1e-12), float(np.log(times))
    if _log_wealth(n, most) < need:
        return float(np.inf)
    return float(optimize.brentq(lambda u: _log_wealth(n, u) - need, 0.0, most, xtol=1e-6))


def _log_wealth(n: int, u: float) -> float:
    """What the bet has won: the scale is integrated out, then effects are mixed."""
    scale = np.linspace(1e-6, np.sqrt(n) + 12 + 6 * u, 1001)
    weight = (n - 1) * np.log(scale) - 0.5 * scale**2
    ratio = special.logsumexp(weight + np.outer(_EFFECTS * u, scale), axis=1) - special.logsumexp(weight)
    return float(special.logsumexp(ratio - 0.5 * n * _EFFECTS**2 + _LOG_MASS))


def _first(crossed: Floats) -> np.ndarray:
    return np.where(crossed.any(-1), crossed.argmax(-1) + 1, NEVER)
