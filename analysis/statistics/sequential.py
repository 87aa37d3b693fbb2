"""The path of a part that speaks of a mean: a level, a difference in pairs, a ratio; every look up to the last seed.

Nine tenths of the level are for Student's t and one tenth is for counts of seeds, always. Counts say "in more than half
of seeds", which is not the mean, so they speak only where t cannot: from the first diverged seed of the path on (what t
crossed before stands), and while all seeds agree to the last digit, so that nothing is known of their spread.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

from analysis.statistics import boundary, one_sided, students_t
from analysis.statistics.evidence import Evidence, Interval
from analysis.statistics.looks import FIRST_LOOK_SEEDS, Floats
from analysis.statistics.shares import log_wealth

T_SHARE, COUNTS_SHARE = 0.9, 0.1
PLAIN_LEVEL = 0.95
Kind = Literal["level", "contrast"]


@dataclass(frozen=True)
class Bound:
    """What is claimed of a number: that it lies above `value`, or below."""

    value: float
    direction: Literal["above", "below"]

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            raise ValueError(f"a bound is a finite number, not {self.value}")


@dataclass(frozen=True)
class MeanPart:
    """A mean over seeds against one bound or two.

    values: one a seed, along the path: of an arm (`level`), or a - b of the same seed (`contrast`). Infinite for a
    diverged trial, with the sign that is worst for its arm (a - b makes it so by itself); NaN where both diverged.
    On the bound a level meets the claim, and a contrast does not.
    """

    kind: Kind
    values: tuple[float, ...]
    bounds: tuple[Bound, ...]

    def __post_init__(self) -> None:
        if not self.bounds:
            raise ValueError("a part needs a bound")
        if self.kind == "level" and any(math.isnan(v) for v in self.values):
            raise ValueError("a level has no NaN; a diverged trial is infinite")

    @property
    def n(self) -> int:
        """Seeds on the path."""
        return len(self.values)

    def evidence(self) -> tuple[Evidence, ...]:
        """Return the evidence of each bound, in the order given."""
        closed = self.kind == "level"
        x = np.array(self.values, np.float64)
        return tuple(Evidence.running(*evidence(x, b, closed=closed)) for b in self.bounds)

    def interval(self, level: float, n: int) -> Interval | None:
        """Return the bounds that no look up to n has excluded at `level`, each end."""
        return sequential_interval(self.values[:n], level)

    def estimate(self, n: int) -> Interval | None:
        """Return the mean of the first n seeds with Student's 95 % interval; None where one of them diverged."""
        x = np.array(self.values[:n])
        if not n or not np.isfinite(x).all():
            return None
        if n == 1:
            return Interval(float(x[0]), math.nan, math.nan, 1, "t")
        half = float(students_t.half_width(x.std(ddof=1), n, (1 + PLAIN_LEVEL) / 2))
        return Interval(float(x.mean()), float(x.mean()) - half, float(x.mean()) + half, n, "t")


@dataclass(frozen=True)
class RatioPart:
    """Mean of a over mean of b, in pairs by seed, where b is positive by its nature (a loss, a time, a width).

    Against a bound r the seeds' numbers are a - r b (Fieller). Nothing is decided unless b is shown to be above 0 with
    the same evidence, so a denominator near 0 refuses by itself. Infinite for a diverged trial.
    """

    numerators: tuple[float, ...]
    denominators: tuple[float, ...]
    bounds: tuple[Bound, ...]

    def __post_init__(self) -> None:
        if len(self.numerators) != len(self.denominators):
            raise ValueError("a ratio takes as many denominators as numerators")
        if not self.bounds:
            raise ValueError("a part needs a bound")

    @property
    def n(self) -> int:
        """Seeds on the path."""
        return len(self.numerators)

    def evidence(self) -> tuple[Evidence, ...]:
        """Return the evidence of each bound, in the order given."""
        a, b = np.array(self.numerators, np.float64), np.array(self.denominators, np.float64)
        positive = Evidence.running(*evidence(b, Bound(0.0, "above"), closed=False)).met
        found = []
        for bound in self.bounds:
            side = evidence(against(a, b, bound.value), Bound(0.0, bound.direction), closed=False)
            raw = Evidence.running(*side)
            met, broken = (tuple(map(max, way, positive)) for way in (raw.met, raw.broken))
            found.append(Evidence(met, broken))
        return tuple(found)

    def interval(self, level: float, n: int) -> Interval | None:
        """Return the ratios that no look up to n has excluded at `level`, each end; None while b may be 0.

        Where t has nothing to say it excludes nothing: of a - r b because no seed differs, of b because none differs
        and there are fewer than counts ask for.
        """
        a, b = np.array(self.numerators[:n]), np.array(self.denominators[:n])
        low, high, known = -math.inf, math.inf, False
        a_varies, b_varies = (one_sided.has_mean(x, 0.0) for x in (a, b))
        for look in range(FIRST_LOOK_SEEDS, n + 1):
            if not (b_varies[look - 1] or (a_varies[look - 1] and _is_counted(b[:look], level))):
                continue
            ends = fieller(a[:look], b[:look], boundary.t_level(T_SHARE * level, look))
            if ends is not None:
                low, high, known = max(low, ends[0]), min(high, ends[1]), True
        return Interval(float(a.mean() / b.mean()), low, high, n, "Fieller, all looks") if known else None

    def estimate(self, n: int) -> Interval | None:
        """Return the ratio over the first n seeds with Fieller's 95 % interval; None where b cannot be told from 0."""
        a, b = np.array(self.numerators[:n]), np.array(self.denominators[:n])
        ends = fieller(a, b, (1 - PLAIN_LEVEL) / 2)
        return None if ends is None else Interval(float(a.mean() / b.mean()), *ends, n, "Fieller")


def _is_counted(b: Floats, level: float) -> bool:
    """Whether as many seeds lie above 0 as counts ask for."""
    needed = hits_needed(len(b), COUNTS_SHARE * level)
    return needed is not None and int((b > 0).sum()) >= needed


def against(a: Floats, b: Floats, ratio: float) -> Floats:
    """Return a - r b seed by seed, of arrays [..., seeds]; NaN (a tie) where both diverged."""
    with np.errstate(invalid="ignore"):
        found = np.where(np.isinf(b) & (ratio == 0), 0.0, a - ratio * b)
    return np.where(np.isinf(a) & np.isinf(b), np.nan, found)


def fieller(a: Floats, b: Floats, tail: float) -> tuple[float, float] | None:
    """Return every r for which t over a - r b does not exclude 0 with `tail` on each side; None where b may be 0."""
    n = len(a)
    if n < 2 or not (np.isfinite(a).all() and np.isfinite(b).all()) or b.mean() <= 0:
        return None
    return students_t.fieller(a, b, tail)


def evidence(
    values: Floats, bound: Bound, *, closed: bool, levels: tuple[float, float] | None = None
) -> tuple[Floats, Floats]:
    """Return p / share that the bound is met, and that it is not, over 1, 2, ... seeds; not yet running.

    Where there is a mean, t over nine tenths of what the look may spend; else counts over one tenth of the whole level
    (they come from an e-process, which looks cost nothing). Infinite where there is no look yet.

    Args:
        values: [..., seeds].
        bound: that is met or not.
        closed: whether a value on the bound meets it.
        levels: the lowest and the highest level that this is held against; what lies on the same side of both may then
            be any number there, which takes less time. If not given, all is exact.
    """
    sign = 1.0 if bound.direction == "above" else -1.0
    x = sign * np.asarray(values, np.float64)
    between = None if levels is None else t_between(x.shape[-1], *levels)
    has_mean = one_sided.has_mean(x, sign * bound.value)
    t = one_sided.t_p_values(x, sign * bound.value, between, known=has_mean)
    looks = np.arange(1, x.shape[-1] + 1) >= FIRST_LOOK_SEEDS
    met, broken = (np.where(looks & has_mean, boundary.over_looks(p) / T_SHARE, np.inf) for p in t)
    counted = looks & ~has_mean
    if counted.any():
        counts = one_sided.count_p_values(x, sign * bound.value, closed=closed)
        met, broken = (np.where(counted, c / COUNTS_SHARE, p) for c, p in zip(counts, (met, broken), strict=True))
    return met, broken


@cache
def t_between(seeds: int, lowest: float, highest: float) -> tuple[Floats, Floats]:
    """The t, by 1, 2, ... seeds, below which no level up to `highest` is crossed, and above which `lowest` is.

    A little wider than that, so that what lies on a level is looked at exactly. Read-only.
    """
    n = np.arange(1, seeds + 1)
    margin = 1e-6
    ends = []
    for level, factor in ((highest, 1 + margin), (lowest, 1 - margin)):
        looks = [boundary.t_level(T_SHARE * level, look) if look >= FIRST_LOOK_SEEDS else 0.5 for look in n.tolist()]
        ends.append(factor * np.array(looks))
    near, far = (-students_t.quantile(np.maximum(n - 1, 1), np.minimum(p, 0.5)) for p in ends)
    near = np.where(boundary.over_looks(ends[0]) / T_SHARE > highest, near, 0.0)
    far = np.where(boundary.over_looks(ends[1]) / T_SHARE <= lowest, far, np.inf)
    near.flags.writeable = far.flags.writeable = False
    return near, far


def sequential_interval(values: Sequence[float], level: float) -> Interval | None:
    """Return what no look has excluded at `level` each way: where the intervals of all looks meet."""
    x, low, high = np.array(values, np.float64), -math.inf, math.inf
    if len(x) < FIRST_LOOK_SEEDS:
        return None
    varies = one_sided.has_mean(x, 0.0)
    for n in range(FIRST_LOOK_SEEDS, len(x) + 1):
        seen = x[:n]
        if varies[n - 1]:
            tail = boundary.t_level(T_SHARE * level, n)
            half = float(students_t.half_width(seen.std(ddof=1), n, tail))
            low, high = max(low, float(seen.mean()) - half), min(high, float(seen.mean()) + half)
            continue
        needed = hits_needed(n, COUNTS_SHARE * level)
        if needed is not None:
            ordered = np.sort(np.where(np.isnan(seen), -np.inf, seen))
            low = max(low, float(ordered[n - needed]))
            high = min(high, float(np.sort(np.where(np.isnan(seen), np.inf, seen))[needed - 1]))
    known = np.sort(x[~np.isnan(x)])
    value = float(x.mean()) if np.isfinite(x).all() else float(known[len(known) // 2]) if len(known) else math.nan
    return Interval(value, low, high, len(x), "all looks")


def hits_needed(n: int, level: float) -> int | None:
    """Say how many of n seeds must lie on one side so that counts cross at `level`; None where all would not do."""
    enough = np.flatnonzero(log_wealth(np.arange(n + 1), n, 0.5) >= -math.log(level))
    return int(enough[0]) if len(enough) else None


def seeds_that_agree(level: float) -> int:
    """The fewest seeds, all on one side, by which counts cross at `level` where nothing is known of a spread.

    >>> seeds_that_agree(0.05), seeds_that_agree(0.05 / 43)
    (9, 14)
    """
    return next(n for n in range(FIRST_LOOK_SEEDS, 10**6) if hits_needed(n, COUNTS_SHARE * level) is not None)
