"""A judged part: its bound, and the interval that decides."""

from __future__ import annotations

import math

import pytest

from analysis.claims import sentences
from analysis.claims.forms import Bounds
from analysis.claims.judged_part import JudgedPart
from analysis.statistics.estimates import Estimate
from study.spec.claims import Contrast, Level
from tests.analysis.claims.test_sentences import FAST, PLAIN, judged_part


def test_bounds_and_intervals():
    assert Bounds(0.0, 1.0).holds(0.0)
    assert not Bounds(0.0, 1.0, strict=True).holds(0.0)
    assert Bounds().holds(-math.inf)
    assert JudgedPart("what", "more", "open").finding == "Nothing is measured yet."


@pytest.mark.parametrize(
    ("form", "number", "ends", "said"),
    [
        (Contrast(a=PLAIN, b=FAST, high=0.0), (-0.05, -0.06, -0.04), (-0.09, -0.01), "1 to 9 points"),
        (Contrast(a=FAST, b=PLAIN, low=0.0), (0.05, 0.04, 0.06), (0.0024, 0.0976), "0.2 to 9.8 points"),
        (Contrast(a=FAST, b=PLAIN, high=0.05), (0.013, 0.005, 0.021), (-0.0213, 0.047), "-2.1 to 4.7 points"),
        (Contrast(a=PLAIN, b=FAST, ratio=True, high=0.1), (0.0065, 0.005, 0.008), (0.0, 0.025), "above 40 times"),
        (Contrast(a=FAST, b=PLAIN, ratio=True, high=1.0), (1.16, 1.04, 1.3), (0.8, 1.9), "-20 to 90 %"),
        (Contrast(a=FAST, b=PLAIN, ratio=True, high=1.0), (0.8, 0.7, 0.9), (0.61, 0.998), "0.2 to 39.0 %"),
        (Level(quantity=FAST, high=0.2), (0.163, 0.152, 0.173), (0.135, 0.1979), "13.5 to 19.8 %"),
        (Level(quantity=FAST, high=0.2), (0.163, 0.152, 0.173), (0.125, 0.199999999), "12 to 20 %"),
    ],
)
def test_the_interval_that_decides_is_told_as_its_sentence_and_on_its_side_of_a_bound(
    form: Contrast | Level, number: tuple[float, float, float], ends: tuple[float, float], said: str
) -> None:
    assert sentences.interval_words(judged_part(form, Estimate(*number, 5), *ends)) == said
