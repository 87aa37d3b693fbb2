"""Findings in words: plain sentences of every form of claim, with the change against the baseline."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.claims.arm_words import ArmWords
from analysis.claims.plain_sentences import plain
from analysis.statistics.estimates import Estimate
from analysis.text.phrases import SHARE, Unit, first_up, unit
from study.spec.claims import (
    TENSOR_METRICS,
    Association,
    Contrast,
    CurvePlace,
    Form,
    Level,
    Mechanism,
    Quantity,
    Trajectory,
)
from trainables.config.errors import BadInput
from trainables.records.metrics import METRICS, OF_TEST

WORDS = ArmWords({"sgd": "SGD", "adam": "Adam", "none": "the plain network"}, dict.fromkeys("abcd", 20), "sgd")
FORMULA = re.compile(r"\bminus\b|divided by|\blies in\b|\brange of of\b|\bof none\b|None|\bnan\b", re.IGNORECASE)
DOUBLED = re.compile(r"\b([A-Za-z]+) \1\b", re.IGNORECASE)

LETTERS = 265
"""A sentence over two unlike tensor metrics, which names both, has 259; of all others the longest has 220."""

curves = [m for m in METRICS if m not in OF_TEST]
places: st.SearchStrategy[CurvePlace] = st.sampled_from(["last", "best", "max", "min", "mean", "fall", 1, 5, 20])
tensor_places: st.SearchStrategy[CurvePlace] = st.sampled_from(["last", 3])
bounds = st.sampled_from([(0.0, None), (None, 0.0), (0.1, None), (None, 0.2), (0.1, 0.4), (0.01, 0.01)])
arms = st.sampled_from(["sgd", "adam", "none", "dropout-0.25", "other/lr-0.1"])


@st.composite
def quantities(draw: st.DrawFn) -> Quantity:
    arm = draw(arms)
    match draw(st.sampled_from(["curve", "tensor", "first"])):
        case "curve":
            return Quantity(arm=arm, metric=draw(st.sampled_from(curves)), at=draw(places))
        case "tensor":
            metric, at = draw(st.sampled_from(TENSOR_METRICS)), draw(tensor_places)
            return Quantity(arm=arm, metric=metric, at=at, tensor=draw(st.sampled_from(["W1", "b2", "A1"])))
    return Quantity(arm=arm, metric=draw(st.sampled_from(["val_accuracy", "val_loss"])), reaches=0.5)


def _made(make: Callable[[], Form]) -> Form | None:
    try:
        return make()
    except BadInput:
        return None


@st.composite
def forms(draw: st.DrawFn) -> Form | None:
    q, (low, high) = draw(quantities()), draw(bounds)
    match draw(st.sampled_from(["level", "contrast", "ratio", "trajectory", "association"])):
        case "level":
            return _made(lambda: Level(quantity=q, low=low, high=high))
        case "contrast" | "ratio" as kind:
            other = draw(st.one_of(arms.map(lambda a: q.__class__(**{**vars(q), "arm": a})), quantities()))
            return _made(lambda: Contrast(a=q, b=other, low=low, high=high, ratio=kind == "ratio", unequal_epochs=True))
        case "trajectory":
            return Trajectory(arm=q.arm, metric=draw(st.sampled_from(curves)))
    return _made(lambda: Association(arms=("sgd", "adam", "none"), x=q, y=Quantity(arm="*", metric="accuracy_gap")))


def unit_of(form: Form, *, counted: bool) -> Unit:
    if counted or isinstance(form, Trajectory | Mechanism) or (isinstance(form, Contrast) and form.a.reaches):
        return SHARE
    if isinstance(form, Level):
        return SHARE if form.quantity.reaches else unit(form.quantity)
    return unit(form.a, difference=True, ratio=form.ratio) if isinstance(form, Contrast) else Unit()


@settings(max_examples=300, deadline=None)
@given(forms(), st.sampled_from([-0.9, -0.03, 0.0, 0.02, 0.7, 1.2, 40.0]), st.booleans())
def test_every_finding_is_a_plain_sentence(form: Form | None, value: float, counted: bool) -> None:
    if form is None or (isinstance(form, Contrast) and form.ratio and form.a.reaches is not None):
        return
    kind = unit_of(form, counted=counted and isinstance(form, Level | Contrast))
    e = Estimate(0.8, 0.3, 0.99, 5) if kind == SHARE else Estimate(value, value - 0.02, value + 0.03, 5)
    found = plain(form, WORDS, e, kind)
    for said in (f"{found.text()}. Claimed: {found.claimed}.", f"{found.text('seeds')}."):
        assert said.endswith(".") and ".." not in said and "  " not in said and "{" not in said, said
        assert not FORMULA.search(said) and not DOUBLED.search(said), said
        assert len(said) < LETTERS and said == first_up(said), said
    assert len(found.text("bare")) < LETTERS - 30
    assert re.search(r"\d", found.text("bare")) and found.claimed, found


def q(arm: str, metric: str = "val_accuracy", at: Any = "last", **more: Any) -> Quantity:
    return Quantity(arm=arm, metric=metric, at=at, **more)


SHOWN = ArmWords(WORDS.names, {"sgd": 20, "adam": 20, "none": 20}, "sgd")


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (Trajectory(arm="sgd", metric="train_loss"), "The training loss of SGD falls in every epoch in 4 of 5 seeds"),
        (
            Contrast(a=q("sgd", reaches=0.85), b=q("adam", reaches=0.85), low=0.0),
            "Adam reaches 85 % validation accuracy before SGD in 4 of 5 seeds",
        ),
        (
            Level(quantity=q("sgd", reaches=0.85), low=8, high=10),
            "SGD reaches 85 % validation accuracy after 8 to 10 epochs in 4 of 5 seeds",
        ),
        (
            Contrast(a=q("sgd"), b=q("adam"), low=0.05, share=0.5),
            "Adam ends more than 5 points below SGD in validation accuracy after 20 epochs in 4 of 5 seeds",
        ),
        (
            Mechanism(arm="sgd", rule="updates", value=1875),
            "An epoch of SGD has exactly 1,875 updates in 4 of 5 trials",
        ),
    ],
)
def test_where_seeds_are_counted_their_number_is_said(form: Form, expected: str) -> None:
    assert plain(form, SHOWN, Estimate(0.8, 0.3, 0.99, 5), SHARE).text() == expected


def test_an_order_says_which_way_and_none_where_there_is_none() -> None:
    order = Association(arms=("sgd", "adam", "none"), x=q("*", "width", tensor="W1"), y=q("*", "accuracy_gap"))
    found = [plain(order, SHOWN, Estimate(v, v - 0.1, v + 0.1, 5), Unit()).text("bare") for v in (-0.7, 0.05)]
    assert found[0].startswith("The wider the range of the weights W1, the smaller the gap after 20 epochs")
    assert "no clear order" in found[1]
    unknown = plain(order, SHOWN, Estimate(-1.0, math.nan, math.nan, 5), Unit()).text("bare")
    assert unknown.startswith("The rank correlation of the range of the weights W1 and the gap after 20 epochs is -1")


def _verbs(name: str) -> list[str]:
    words = ArmWords({"a": name, "b": "SGD"}, {"a": 20, "b": 20}, "b")
    accuracy, rival = (Quantity(arm=arm, metric="val_accuracy") for arm in "ab")
    goal, late = (Quantity(arm=arm, metric="val_accuracy", reaches=0.5) for arm in "ab")
    forms: list[Form] = [
        Contrast(a=accuracy, b=rival, low=0.0), Level(quantity=accuracy, low=0.5), Level(quantity=goal, high=5),
        Level(quantity=Quantity(arm="a", metric="val_accuracy", at="mean"), low=0.5),
        Contrast(a=goal, b=late, high=0.0), Level(quantity=Quantity(arm="a", metric="accuracy_gap"), low=0.0),
        Mechanism(arm="a", rule="plateau"),
    ]  # fmt: skip
    said = [plain(form, words, Estimate(0.7, 0.6, 0.8, 5), Unit(100.0, "%")).text("bare") for form in forms]
    return [text.split()[len(name.split())] for text in said]


def test_verbs_fit_an_arm_whose_name_is_plural() -> None:
    assert _verbs("four units") == ["end", "end", "reach", "average", "reach", "end", "cut"]
    assert _verbs("dropout") == ["ends", "ends", "reaches", "averages", "reaches", "ends", "cuts"]
