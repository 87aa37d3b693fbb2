"""What an interval of no width tells."""

from __future__ import annotations

import math

from analysis.statistics.estimates import Estimate, Refusal, paired
from analysis.statistics.spread import alike_but_apart, clear, clearly_above, clearly_below


def test_seeds_that_all_differ_alike_make_no_difference_clear() -> None:
    found = paired({0: 0.258, 1: 0.263}, {0: 0.098, 1: 0.103})
    assert not isinstance(found, Refusal) and abs(found.value - 0.16) < 1e-9
    assert not clear(found) and not clearly_above(found) and alike_but_apart(found)
    tiny = paired({0: 0.9001, 1: 0.9101, 2: 0.9107}, {0: 0.9, 1: 0.91, 2: 0.9106})  # equal but for rounding
    assert not isinstance(tiny, Refusal) and not clear(tiny)


def test_a_difference_is_clear_where_its_interval_leaves_out_0() -> None:
    above, below = Estimate(0.2, 0.1, 0.3, 5), Estimate(-0.2, -0.3, -0.1, 5)
    assert clear(above) and clearly_above(above) and not clearly_below(above) and not alike_but_apart(above)
    assert clear(below) and clearly_below(below) and not clearly_above(below)
    for unknown in (Estimate(0.2, -0.1, 0.5, 5), Estimate(0.2, math.nan, math.nan, 1), Estimate(0.0, 0.0, 0.0, 5)):
        assert not clear(unknown) and not alike_but_apart(unknown)
