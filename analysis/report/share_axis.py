"""A share of seeds on an axis of its own, from 0 to 100 %, with the share that was claimed as its bound."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.claims.judged_part import JudgedPart
from analysis.report import effect_axis as ax
from analysis.report.chart_blocks import DrawnEffect, Scale
from analysis.statistics.estimates import Estimate
from analysis.text.columns import scaled
from analysis.text.numbers import plain_number
from analysis.text.phrases import SHARE

ENDS_PERCENT = (0.0, 100.0)
MIN_TICK_DISTANCE_PERCENT = 25.0
"""Per cent of seeds; an end of the axis that lies nearer to the bound is not written."""


@dataclass(frozen=True)
class ClaimedShare:
    """What was claimed of a share of seeds, and what became of that."""

    words: str = ""
    percent: float | None = None
    """So many per cent of seeds at the least; None where nothing was claimed."""
    decides: Estimate | None = None
    """The wider interval that a verdict rests on."""
    verdict: str = "none"


def share_of_part(part: JudgedPart, estimate: Estimate) -> DrawnEffect:
    """A part that is judged by a share of seeds: with both of its intervals where a verdict rests on one."""
    if part.verdict == "mechanism":  # checked in every trial, and no share is claimed
        return DrawnEffect(_count(estimate), "seeds", what=part.named)
    (bound,) = part.bounds_in_words(estimate)
    claimed = part.claimed if part.plain is None else part.plain.claimed
    said = "" if part.plain is None else part.said("seeds")
    return share_of_seeds(estimate, part.named, ClaimedShare(claimed, bound, part.decides, part.verdict), said)


def share_of_seeds(estimate: Estimate, what: str, said: ClaimedShare, sentence: str = "") -> DrawnEffect:
    """How many seeds of how many, and their share on an axis; `sentence`: the same for who cannot see it."""
    e, wide = scaled(estimate, SHARE.scale), None if said.decides is None else scaled(said.decides, SHARE.scale)
    interval, bound, verdict = f"{e.low:.0f} to {e.high:.0f} %", said.percent, said.verdict
    alt = f"{what}: {_count(estimate)} seeds, a share of {interval}. "
    alt += f"Claimed: {said.words}." if said.words else "Nothing was claimed."
    found = ax.EstimateOnAxis(e, bound, None, verdict, sentence or alt, None if wide is None else (wide.low, wide.high))
    axis = ax.linear_axis(ENDS_PERCENT, zero=None, sign=False)
    ends = [x for x in ENDS_PERCENT if bound is None or abs(x - bound) >= MIN_TICK_DISTANCE_PERCENT]
    ticks = sorted({*ends, *([] if bound is None else [bound])})
    scale = Scale(tuple((axis.place(t), f"{plain_number(t)} %") for t in ticks))
    deciding = "" if wide is None else f"{wide.low:.0f} to {wide.high:.0f} %"
    return DrawnEffect(_count(estimate), "seeds", interval, what, ax.mark(found, axis), scale=scale, deciding=deciding)


def _count(e: Estimate) -> str:
    return f"{round(e.value * e.n)} of {e.n}"
