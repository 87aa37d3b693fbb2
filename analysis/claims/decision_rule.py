"""When a part of a claim is supported, refuted or open. What the forms measure is in `analysis.claims.forms`.

A part with an interval is supported when the whole 95 % interval lies within the bounds, refuted when it lies wholly
outside. A universal part (a trajectory, a mechanism) is supported when it holds in every trial and refuted when one
trial breaks it. Where a trial diverged there is no mean: the part is supported when it holds for every seed, refuted
when it holds for none. One seed decides nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from analysis.claims import ranges
from analysis.claims.words import VerdictWord
from analysis.statistics import estimates as stats
from analysis.statistics import seeds_needed as seeds_needed_module
from analysis.statistics.estimates import Estimate, Refusal
from analysis.statistics.p_values import bounds_p
from analysis.text import phrases as wording

PLAIN = wording.Unit()


@dataclass(frozen=True)
class Bounds:
    """What is claimed of a number; `strict` where a bound itself does not satisfy, as in "larger than"."""

    low: float | None = None
    high: float | None = None
    strict: bool = False

    def holds(self, value: float) -> bool:
        """Whether one number satisfies them."""
        if self.strict:
            return (self.low is None or value > self.low) and (self.high is None or value < self.high)
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


@dataclass(frozen=True)
class JudgedPart:
    """What became of one part of a claim."""

    what: str
    """The quantity in words."""
    claimed: str
    verdict: VerdictWord
    estimate: Estimate | None = None
    unit: wording.Unit = PLAIN
    trials: tuple[str, ...] = ()
    p: float = math.nan
    refusal: Refusal | None = None
    seeds_needed: int | None = None

    @property
    def finding(self) -> str:
        """What was found against what was claimed, in words, without the verdict."""
        what = f"{self.what[:1].upper()}{self.what[1:]}"
        if self.estimate is None:
            why = self.refusal.text if self.refusal else "it is unknown"
            return f"{what}: no number, for {why}; claimed {self.claimed}."
        end = f" ({self.refusal.text})" if self.refusal else ""
        return f"{what}: {wording.estimate_words(self.estimate, self.unit)}; claimed {self.claimed}{end}."


def unjudged(part: JudgedPart) -> JudgedPart:
    """A part that was measured under a reduced protocol: its number stays, and nothing follows from it."""
    seen = None if part.refusal is ONE_SEED else part.refusal
    return replace(part, verdict="reduced", p=math.nan, seeds_needed=None, refusal=seen)


ONE_SEED = Refusal("one-seed", "one seed decides nothing; run at least 2, better 5")


def judge_interval(
    start: JudgedPart, estimate: Estimate, values: Sequence[float], bounds: Bounds, within: ranges.Range = ranges.ANY
) -> JudgedPart:
    """The verdict from an interval over seeds; `values` are the seeds' numbers that it is of, and lie `within`."""
    if estimate.n == 1:
        return replace(start, estimate=estimate, verdict="not-enough-seeds", refusal=ONE_SEED)
    verdict = from_interval(estimate, bounds)
    crossable = ranges.crossable(bounds.low, bounds.high, within)
    needed = seeds_needed_module.seeds_needed(values, *crossable) if verdict == "open" else None
    p = bounds_p(values, bounds.low, bounds.high)
    return replace(start, estimate=estimate, verdict=verdict, p=p, seeds_needed=needed)


def judge_ratio(
    start: JudgedPart, estimate: Estimate, x: Sequence[float], y: Sequence[float], bounds: Bounds
) -> JudgedPart:
    """As `judge_interval`; against a bound r of a / b the seeds' numbers are a - r b."""
    if estimate.n == 1:
        return replace(start, estimate=estimate, verdict="not-enough-seeds", refusal=ONE_SEED)
    verdict = from_interval(estimate, bounds)
    sides: list[tuple[list[float], float | None, float | None]] = []
    if bounds.low is not None:
        sides.append(([a - bounds.low * b for a, b in zip(x, y, strict=True)], 0.0, None))
    if bounds.high is not None:
        sides.append(([a - bounds.high * b for a, b in zip(x, y, strict=True)], None, 0.0))
    p = max((bounds_p(*side) for side in sides), default=math.nan)
    needed = [seeds_needed_module.seeds_needed(*side) for side in sides] if verdict == "open" else []
    known = None if None in needed else max((n for n in needed if n is not None), default=None)
    return replace(start, estimate=estimate, verdict=verdict, p=p, seeds_needed=known)


def from_interval(estimate: Estimate, bounds: Bounds) -> VerdictWord:
    """Within the bounds, wholly outside, or neither."""
    inside = stats.within(estimate, bounds.low, bounds.high, strict=bounds.strict)
    return "open" if inside is None else "supported" if inside else "refuted"


def judge_counts(start: JudgedPart, values: Sequence[float], bounds: Bounds) -> JudgedPart:
    """The verdict from counts of seeds, where a trial diverged."""
    if any(math.isnan(v) for v in values):
        return replace(start, refusal=Refusal("not-finite", "a trial diverged and left no such number"))
    hits = sum(bounds.holds(v) for v in values)
    note = Refusal("not-finite", "a trial diverged, which counts as worst; seeds are counted")
    return judge_share(start, hits, len(values), refuted=hits == 0, note=note)


def judge_share(start: JudgedPart, hits: int, n: int, *, refuted: bool, note: Refusal | None = None) -> JudgedPart:
    """The verdict from the number of seeds for which something holds."""
    part = replace(start, estimate=stats.proportion(hits, n), unit=wording.SHARE, refusal=note)
    if n == 1:
        return replace(part, verdict="not-enough-seeds", refusal=ONE_SEED)
    verdict: VerdictWord = "supported" if hits == n else "refuted" if refuted else "open"
    return replace(part, verdict=verdict)
