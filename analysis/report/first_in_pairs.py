"""Which of two arms reaches a level first, counted in pairs by seed, also where an arm never gets there."""

from __future__ import annotations

from dataclasses import dataclass, replace

from analysis.claims.judged_part import HALF_OF_SEEDS, JudgedPart
from analysis.claims.queries import Measurements, NotMeasured
from analysis.report.chart_blocks import AnswerRow
from analysis.report.share_axis import ClaimedShare, share_of_seeds
from analysis.statistics.estimates import Estimate
from analysis.statistics.first_epoch import Pair, outcome
from analysis.statistics.shares import share_estimate
from analysis.text.phrases import SHARE
from study.spec.claims import Quantity


@dataclass(frozen=True)
class FirstInPairs:
    """In how many of n seeds each of two arms came first; the other seeds tell for neither."""

    a: int
    b: int
    n: int

    @property
    def share_of_a(self) -> Estimate:
        """The share of seeds in which a came first, with its 95 % interval."""
        found = share_estimate(tuple(i < self.a for i in range(self.n)))
        assert found is not None
        return Estimate(found.value, found.low, found.high, found.n, found.method)

    @property
    def a_is_first(self) -> bool:
        """Whether a came first in more than half of seeds, beyond the interval."""
        return self.share_of_a.low > HALF_OF_SEEDS

    @property
    def clear(self) -> bool:
        """Whether one of them did."""
        return self.a_is_first or FirstInPairs(self.b, self.a, self.n).a_is_first


def first_in_pairs(measurements: Measurements, a: Quantity, b: Quantity) -> FirstInPairs:
    """Count which of two quantities reached its level first.

    Raises:
        NotMeasured: an arm is not measured, or they have no seed in common.
    """
    x, y = (measurements.sample(q).values for q in (a, b))
    ends = measurements.epochs(a.arm), measurements.epochs(b.arm)
    seeds = sorted(x.keys() & y.keys())
    if not seeds:
        raise NotMeasured(f"{a.arm} and {b.arm} have no seed in common")
    pairs = [Pair(_epoch(x[s], ends[0]), _epoch(y[s], ends[1]), *ends) for s in seeds]
    found = [outcome(pair) for pair in pairs]
    turned = [outcome(Pair(p.b, p.a, p.b_epochs, p.a_epochs)) for p in pairs]
    return FirstInPairs(found.count("met"), turned.count("met"), len(seeds))


def _epoch(value: float, epochs: int) -> int | None:
    return None if value > epochs else int(value)


def with_share(
    row: AnswerRow,
    measurements: Measurements,
    pair: tuple[Quantity, Quantity],
    part: JudgedPart | None,
    said: tuple[str, str],
) -> AnswerRow:
    """The row of an effect on first epochs, with the share of seeds that a part of a claim is judged by.

    Without such a part: the share of seeds in which the first of the two came first. As it was where there is none.
    `said`: that it came first, in words, and where its trials are.
    """
    what, trials = said
    if part is not None and part.plain is not None and part.estimate is not None and part.unit == SHARE:
        claimed, (bound,) = part.plain.claimed, part.bounds_in_words(part.estimate)
        by = ClaimedShare(claimed, bound, part.decides, part.verdict)
        drawn = share_of_seeds(part.estimate, part.plain.template.removesuffix(" {n}"), by)
        return replace(row, effect=replace(drawn, trials=trials), claimed=claimed)
    try:
        found = first_in_pairs(measurements, *pair)
    except NotMeasured:
        return row
    if not found.a and not found.b:  # neither ever arrived
        return row
    return replace(row, effect=replace(share_of_seeds(found.share_of_a, what, ClaimedShare()), trials=trials))
