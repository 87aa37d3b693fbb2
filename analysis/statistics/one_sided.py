"""One-sided evidence that a number lies above a bound, and below it, after each further seed.

All functions take values [..., seeds] in the order of the seeds' numbers, and give arrays of the same shape: place i is
over the first i + 1 seeds. An infinite value is a diverged trial, worst for its arm; NaN is a pair of which both
diverged, a tie.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from analysis.statistics import shares
from analysis.statistics.looks import Floats

ROUNDING_TOLERANCE = 1e-9
"""Differences so small against the numbers themselves are rounding: no spread, no distance from a bound."""


def t_p_values(
    values: Floats,
    bound: float,
    between: tuple[Floats, Floats] | None = None,
    *,
    known: npt.NDArray[np.bool_] | None = None,
) -> tuple[Floats, Floats]:
    """Student's p against "the mean is at most the bound", and against "at least"; 1 where t has nothing to say.

    That is where `has_mean` says no.

    Args:
        values: [..., seeds].
        bound: of the mean.
        between: the t, by number of seeds, between which p is wanted exactly: beyond the second it is 0 and 1, nearer
            to 0 than the first a half. Of many values that saves most of the time.
        known: what `has_mean` says of them, where that was asked already.
    """
    x = np.asarray(values, np.float64)
    n = np.arange(1, x.shape[-1] + 1)
    _, first, shifted = _from_first(x)
    sums = shifted.cumsum(-1)
    mean = sums / n
    with np.errstate(divide="ignore", invalid="ignore"):
        deviation = np.sqrt(np.maximum((shifted**2).cumsum(-1) - sums * mean, 0.0) / (n - 1))
        t = (mean + (first - bound)) / (deviation / np.sqrt(n))
    known = has_mean(x, bound) if known is None else known
    t, freedom = np.where(known, t, 0.0), np.maximum(n - 1, 1)
    beyond = _beyond(np.abs(t), freedom, between)
    above, below = np.where(t > 0, beyond, 1 - beyond), np.where(t > 0, 1 - beyond, beyond)
    return np.where(known, above, 1.0), np.where(known, below, 1.0)


def _beyond(t: Floats, freedom: Floats, between: tuple[Floats, Floats] | None) -> Floats:
    """The chance beyond t from 0 on."""
    if between is None:
        return np.asarray(special.stdtr(freedom, -t))
    near, far = between
    wanted = (t >= near) & (t <= far)
    found = np.where(t > far, 0.0, 0.5)
    found[wanted] = special.stdtr(np.broadcast_to(freedom, t.shape)[wanted], -t[wanted])
    return found


def has_mean(values: Floats, bound: float) -> npt.NDArray[np.bool_]:
    """Whether t can speak: all seeds so far are finite, and not all the same up to rounding."""
    x = np.asarray(values, np.float64)
    whole, _, shifted = _from_first(x)
    return whole & (np.maximum.accumulate(np.abs(shifted), axis=-1) > ROUNDING_TOLERANCE * _size(x, whole, bound))


def _from_first(x: Floats) -> tuple[npt.NDArray[np.bool_], Floats, Floats]:
    """Up to where all is finite; the first value; and how far from it each lies, so that little is lost in squares."""
    whole = np.logical_and.accumulate(np.isfinite(x), axis=-1)
    first = np.where(whole[..., :1], x[..., :1], 0.0)
    return whole, first, np.where(whole, x - first, 0.0)


def count_p_values(values: Floats, bound: float, *, closed: bool) -> tuple[Floats, Floats]:
    """Evidence against "at most half of seeds lie above the bound", and against "at most half lie below".

    1 / the wealth of an e-process, so it holds over all looks without a share for each. All seeds count, a tie for
    neither side. A value on the bound counts as above where the bound is `closed`, else as below.
    """
    x = np.asarray(values, np.float64)
    finite = np.isfinite(x)
    near = np.abs(np.where(finite, x, np.inf) - bound) <= ROUNDING_TOLERANCE * _size(x, finite, bound)
    above, below = (x > bound) & ~near, (x < bound) & ~near
    above, below = (above | near, below) if closed else (above, below | near)
    n = np.arange(1, x.shape[-1] + 1)
    table = shares.majority(x.shape[-1])
    return table[n, above.cumsum(-1)], table[n, below.cumsum(-1)]


def _size(x: Floats, finite: npt.NDArray[np.bool_], bound: float) -> Floats:
    """The largest number so far, the bound among them."""
    return np.maximum(np.maximum.accumulate(np.where(finite, np.abs(x), 0.0), axis=-1), abs(bound))
