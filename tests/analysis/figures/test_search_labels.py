"""The objective of a search on an axis, and its proposals by how far they came."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from analysis.figures.search_labels import by_state, display_factor, ticks_apart, value_label
from trainables.records.metrics import METRICS, OBJECTIVES


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_an_objective_is_shown_in_the_unit_that_its_axis_names(objective: str) -> None:
    label = value_label(objective)
    assert "_" not in label and display_factor(objective) == METRICS[objective].scale
    assert ("%" in label or "point" in label) == (display_factor(objective) == 100.0)


def test_proposals_are_parted_and_values_that_are_no_numbers_are_left_out() -> None:
    states = ["whole", "paused", "whole", "paused", "failed"]
    frame = pd.DataFrame({"value": [0.9, 0.5, math.nan, math.inf, 0.1], "state": states})
    whole, paused = by_state(frame)
    assert list(whole["value"]) == [0.9] and list(paused["value"]) == [0.5]


@pytest.mark.parametrize("inches", [1.4, 2.8])
@pytest.mark.parametrize("ends", [(0.00012, 0.00093), (0.02, 0.09), (1e-7, 1e-2), (1000, 20000), (1e5, 3e6), (1, 2)])
def test_an_axis_has_two_numbers_at_least_and_more_where_there_is_room(
    ends: tuple[float, float], inches: float
) -> None:
    for log in (False, True):
        found = ticks_apart(ends, inches, 9.0, log=log)
        assert 2 <= len(found) <= 5 and found == sorted(set(found))
        assert all(ends[0] * 0.999 <= t <= ends[1] * 1.001 for t in found)
        assert len(found) >= len(ticks_apart(ends, inches / 2, 9.0, log=log))
