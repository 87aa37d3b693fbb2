"""The axis of effects: one for all, stretched where they differ by far."""

from __future__ import annotations

import pytest

from analysis.report import effect_axis as ax
from analysis.statistics.estimates import Estimate

NAN = float("nan")


def test_places_keep_the_order_of_numbers_and_stay_on_the_axis() -> None:
    numbers = [-250.0, -3.0, -0.1, 0.0, 0.1, 3.0, 75.6]
    for axis in (ax.stretched_axis(numbers), ax.linear_axis(numbers), ax.logarithmic_axis([0.1, 5.0])):
        places = [axis.place(x) for x in (numbers if axis.zero == 0 else [0.1, 1.0, 5.0])]
        assert places == sorted(places) and min(places) >= 0 and max(places) <= 1
        assert all(0 <= place <= 1 for place, _ in axis.scale.ticks) and axis.scale.ticks


@pytest.mark.parametrize(
    ("far", "last"),
    [(0.03, "+0.05"), (0.5, "+0.5"), (0.96, "+2"), (5.0, "+6"), (20.0, "+20"), (76.0, "+50"), (250.0, "+50")],
)
def test_a_stretched_axis_is_no_longer_than_its_numbers_need(far: float, last: str) -> None:
    """One change of 0.8 points stood on an axis to 50, so that nobody saw its interval."""
    axis = ax.stretched_axis([-far, 0.0])
    texts = [text for _, text in axis.scale.ticks]
    assert texts[-1] == last and texts[len(texts) // 2] == "0" and len(set(texts)) == len(texts)
    assert 0 <= axis.place(-far) < 0.375 and axis.place(0.0) == 0.5, "it takes more than a quarter of its side"
    assert all(0 < place < 1 for place, _ in axis.scale.ticks)


def test_what_is_beyond_the_axis_is_drawn_at_its_end() -> None:
    axis = ax.linear_axis([0.0, 1.0])
    drawn = ax.mark(ax.EstimateOnAxis(Estimate(9.0, 8.0, 10.0, 5), low=-50.0), axis)
    assert drawn.value == 1.0 and drawn.interval == (1.0, 1.0) and drawn.claimed == (0.0, 1.0)


def test_no_interval_and_no_claim() -> None:
    drawn = ax.mark(ax.EstimateOnAxis(Estimate(0.5, NAN, NAN, 1)), ax.linear_axis([0.5]))
    assert drawn.interval is None and drawn.claimed is None and drawn.bounds == ()


@pytest.mark.parametrize("numbers", [[0.0], [5.0], [-1e-9, 1e-9], [1e6, -1e6]])
def test_axes_of_odd_numbers_have_ticks(numbers: list[float]) -> None:
    axis = ax.linear_axis(numbers)
    assert 1 <= len(axis.scale.ticks) <= 12 and len({text for _, text in axis.scale.ticks}) == len(axis.scale.ticks)
