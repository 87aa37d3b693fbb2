"""Distributions as the page draws them: every tensor of every arm, on the axes of the figure that they stand for."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import pandas as pd
import pytest

from analysis.figures import distributions
from analysis.figures.named_figure import NamedFigure, missing
from analysis.figures.style import new_figure
from analysis.report.chart_blocks import Histogram, Histograms, Ranges
from analysis.report.effect_axis import MINUS
from analysis.report.tensor_charts import tensor_chart
from study.spec.study import Arm, Study
from trainables.records.tensor_summary import QUANTILES

STUDY = Study(
    name="own",
    title="Own",
    question="Does it help?",
    knobs=("lr",),
    epochs=2,
    arms=(Arm(name="slow", change={"lr": 0.001}, say="the slow one"), Arm(name="fast", change={"lr": 0.5})),
    baseline="fast",
)


def tensors(reach: dict[tuple[str, str], float], count: int = 100) -> pd.DataFrame:
    """Two seeds of each arm and tensor, whose values go evenly from -reach to reach."""
    rows = []
    for (arm, name), r in reach.items():
        for seed in (0, 1):
            quantiles = [r * (2 * q - 1) for q in QUANTILES]
            facts = {"arm": arm, "seed": seed, "trial": f"{arm}-{seed}", "status": "finished", "epoch": 2}
            rows.append({**facts, "kind": "parameter", "name": name, "count": count, "quantiles": quantiles})
            rows[-1]["histogram"] = [5] * 20 if math.isfinite(r) else [0] * 20
    return pd.DataFrame(rows)


def chart(frame: pd.DataFrame) -> Histograms | Ranges:
    made = tensor_chart(STUDY, NamedFigure("own-parameters", "Title", "alt", "caption", frame, new_figure))
    assert made is not None and (made.title, made.note, made.csv) == ("Title", "caption", "own-parameters")
    return made


def test_small_multiples_have_a_row_a_tensor_and_a_column_an_arm() -> None:
    made = chart(distributions.prepare(tensors({("slow", "W1"): 1.0, ("fast", "W1"): 2.0, ("fast", "b1"): math.nan})))
    assert isinstance(made, Histograms)
    heads = (("the slow one", 1, "trials-own--0"), ("fast", 0, "trials-own--1"))
    assert made.arms == heads, "said as the study says; the baseline has the first colour; each leads to its trials"
    (w1, (slow, fast)), (b1, (none, odd)) = made.rows
    assert (w1, b1, none, odd) == ("W1", "b1", "no such tensor", "not finite")
    assert isinstance(slow, Histogram) and isinstance(fast, Histogram)
    assert fast.right - fast.left == pytest.approx(2 * (slow.right - slow.left), abs=1e-3), "one axis for both"
    assert max(slow.heights) == 1.0 and max(fast.heights) == pytest.approx(0.5, abs=1e-3), "and one of densities"
    assert slow.zero == fast.zero == pytest.approx(0.5)
    assert (slow.low, slow.high, slow.width) == (MINUS + "1", "1", "2")


def test_arms_that_differ_by_far_have_axes_of_their_own_and_large_tensors_log_heights() -> None:
    frame = distributions.prepare(tensors({("slow", "W1"): 0.01, ("fast", "W1"): 2.0}, count=1000))
    made = chart(frame)
    assert isinstance(made, Histograms)
    for cell in made.rows[0][1]:
        assert isinstance(cell, Histogram) and (cell.left, cell.right, max(cell.heights)) == (0.0, 1.0, 1.0)
    one = frame[frame["arm"] == "fast"]
    one = replace_density(one, [0.0, 1.0, 10.0])
    made = chart(one)
    assert isinstance(made, Histograms) and isinstance(cell := made.rows[0][1][0], Histogram)
    assert list(cell.heights) == pytest.approx([0.0, math.log(2) / math.log(20), 1.0], abs=1e-3)


def replace_density(frame: pd.DataFrame, values: list[float]) -> pd.DataFrame:
    return frame.head(len(values)).assign(density=values).reset_index(drop=True)


@pytest.mark.parametrize(("small", "stretched"), [(1.0, False), (0.01, True)])
def test_ranges_share_an_axis_that_is_stretched_where_they_differ_by_far(small: float, stretched: bool) -> None:
    reach = {("slow", "W1"): small, ("fast", "W1"): 2.0, ("slow", "b1"): math.nan}
    made = chart(distributions.prepare_ranges(tensors(reach)))
    assert isinstance(made, Ranges)
    (w1, b1) = made.panels
    slow, fast = w1.rows
    assert (slow.arm, slow.colour, fast.arm, fast.colour) == ("the slow one", 1, "fast", 0)
    assert (slow.places[1] - slow.places[0]) / (fast.places[1] - fast.places[0]) > (0.1 if stretched else 0.49)
    for row in w1.rows:
        inwards = [row.places[i] for i in (0, 2, 4, 6, 5, 3, 1)]
        assert inwards == sorted(inwards)
    assert 0.0 <= fast.places[0] < fast.places[1] <= 1.0 and fast.said == f"{MINUS}2 to 2"
    places = [place for place, _ in w1.scale.ticks]
    assert "0" in [text for _, text in w1.scale.ticks] and places == sorted(places)
    assert all(b - a >= 0.19 for a, b in pairwise(places)), "labels do not touch"
    assert b1.rows[0].places == () and b1.rows[0].said == "not finite"


def test_other_figures_stay_pictures() -> None:
    assert tensor_chart(STUDY, missing("own-parameters", "Title", "none on record")) is None
    made = NamedFigure("own-lr", "Title", "alt", "caption", pd.DataFrame({"arm": ["slow"]}), new_figure)
    assert tensor_chart(STUDY, made) is None and replace(made, title="Other").name == "own-lr"
