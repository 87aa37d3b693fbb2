"""Verdicts of every form of claim: what supports it, what refutes it, and what it says."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from study.spec.claims import Association, Contrast, Level, Quantity
from tests.analysis.claims.small_study import (
    SIX,
    SMALL,
    q,
    verdict,
)
from tests.synthetic import record


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0.0, 1.0, "supported"), (0.99, None, "refuted"), (None, 0.01, "refuted")],
)
def test_a_level(low, high, expected):
    v = verdict(Level(quantity=q(), low=low, high=high))
    assert v.verdict == expected
    assert v.low < v.estimate < v.high
    assert v.n == 5
    assert len(v.trials) == 5
    assert v.judged


def test_a_contrast_is_paired_by_seed():
    v = verdict(Contrast(a=q("b"), b=q("a"), low=0.0), shift={"b": 0.2}, noise=0.01)
    assert v.verdict == "supported"
    wide = verdict(Level(quantity=q(), low=0.0), noise=0.01)
    assert v.high - v.low < 0.6 * (wide.high - wide.low)
    assert 0 < v.p <= 0.05 and v.decided_at == 5 and v.decided_seed == 4
    assert len(v.trials) == 10


def test_larger_means_larger_and_where_nothing_varies_seeds_are_counted():
    equal, many = Contrast(a=q(), b=q(), low=0.0), range(20)
    assert verdict(equal).verdict == "open", "counts take more than five seeds"
    assert verdict(equal, seeds=many).verdict == "refuted"
    assert verdict(Contrast(a=q(), b=q(), low=-0.01, high=0.01), seeds=many).verdict == "supported"
    level = Level(quantity=q(metric="updates"), low=1875)
    assert verdict(level, seeds=many).verdict == "supported", "on the bound a level is true"


def test_a_ratio():
    v = verdict(Contrast(a=q("b", "width", tensor="W1"), b=q("a", "width", tensor="W1"), low=1.5, ratio=True))
    assert v.verdict == "supported"
    assert v.estimate == pytest.approx((0.03 + 0.04 * math.log1p(4)) / (0.03 + 0.004 * math.log1p(4)), rel=0.1)


def test_an_association():
    part = Association(arms=tuple("abcdef"), x=q("*", "width", tensor="W1", at=4), y=q("*", "lr", at=4))
    v = verdict(part, study=SIX)
    assert (v.verdict, v.estimate, v.decided_at) == ("supported", pytest.approx(1.0), 5)
    assert verdict(part, study=SIX, seeds=range(4)).verdict == "not-enough-seeds"
    later = replace(part, seeds_at=7)
    assert verdict(later, study=SIX).verdict == "open" and verdict(later, study=SIX, seeds=range(9)).decided_at == 7
    looked = verdict(part, study=SIX, seeds=range(9))
    assert (looked.n, looked.part.holds_in) == (5, 5), "of the seeds that it looks at: it said 9 of 5"
    early = verdict(replace(part, seeds_at=3), study=SIX)
    assert (
        early.verdict == "not-judged" and "its one look is at 3 seeds, and a verdict takes at least 5" in early.reason
    )
    curves = replace(later, x=q("*", "train_loss"), y=q("*", "val_loss"))
    lost = verdict(curves, study=SIX, endings={("b", 1): ("diverged", 2)})
    assert lost.verdict == "open" and lost.need is None, "an arm that lost a trial has no spread to go on with"
    falling = replace(part, x=q("*", "lr", at=4), y=q("*", "val_accuracy", at=4))
    less = verdict(falling, study=SIX, shift={arm: -0.03 * i for i, arm in enumerate("abcdef")})
    assert less.verdict == "refuted" and less.estimate < 0
    assert less.sentence.startswith("Refuted. The rank correlation of ") and "no clear order" not in less.sentence
    mixed = dict(zip("abcdef", (0.0, -0.2, 0.1, -0.1, 0.05, -0.15), strict=True))
    over = verdict(replace(falling, seeds_at=5), study=SIX, shift=mixed, seeds=range(9))
    assert over.verdict == "open" and over.reason.startswith("its one look, at 5 seeds, did not decide it")
    few = verdict(replace(part, arms=("a", "b", "c")))
    assert (
        few.verdict == "not-judged"
        and "over 3 arms can never be decided in a family of 5; it takes 5 arms" in few.reason
    )
    assert "against 0" in verdict(replace(part, low=0.5), study=SIX).reason
    assert (
        "equal epochs" in verdict(replace(part, arms=("a", "b", "short"), x=q("*", "lr"), y=q("*", "val_loss"))).reason
    )
    assert "at least 3 arms" in verdict(replace(part, arms=("a", "b"))).reason


def test_a_first_epoch_is_counted_and_never_a_mean_of_made_up_numbers():
    many = range(20)
    early = Level(quantity=Quantity(arm="a", metric="val_accuracy", reaches=0.70), low=1, high=3)
    v = verdict(early, noise=0.0, seeds=many)
    assert (v.verdict, v.part.unit.word, v.part.holds_in) == ("supported", "% of seeds", 20)
    never = Quantity(arm="a", metric="val_accuracy", reaches=0.99)
    assert verdict(Level(quantity=never, low=5), noise=0.0, seeds=many).verdict == "supported"
    beyond = verdict(Level(quantity=never, low=9), noise=0.0, seeds=many)
    assert (beyond.verdict, beyond.part.holds_in) == ("open", 0), "not within 4 epochs says nothing of 9"
    assert verdict(Level(quantity=never, high=4), noise=0.0, seeds=many).verdict == "refuted"
    loss = verdict(Level(quantity=Quantity(arm="a", metric="val_loss", reaches=99.0), high=1), noise=0.0, seeds=many)
    assert loss.verdict == "supported"


def test_first_epochs_in_pairs():
    many, goal = range(20), 0.70
    first = {arm: Quantity(arm=arm, metric="val_accuracy", reaches=goal) for arm in "ab"}
    later = Contrast(a=first["b"], b=first["a"], low=0.0)
    assert verdict(later, seeds=many, noise=0.0, shift={"b": -0.5}).verdict == "supported", "never is later than once"
    assert verdict(later, seeds=many, noise=0.0, shift={"a": -0.5}).verdict == "refuted"
    both = verdict(later, seeds=many, noise=0.0, shift={"a": -0.5, "b": -0.5})
    assert (both.verdict, both.part.holds_in, both.n) == ("open", 0, 20), "neither ever gets there"
    unknown = verdict(replace(later, low=9.0), seeds=many, noise=0.0, shift={"b": -0.5})
    assert (unknown.verdict, unknown.n) == ("open", 20), "whether it is nine epochs later nobody knows"
    assert "not by their ratio" in verdict(replace(later, ratio=True)).reason


@pytest.mark.parametrize(
    ("at", "pick"), [("max", max), ("min", min), ("mean", lambda c: sum(c) / len(c)), (2, lambda c: c[1])]
)
def test_places_on_the_curve(at, pick):
    curve = list(record(SMALL.config("a"), noise=0.003).epochs["val_loss"])
    v = verdict(Level(quantity=q(metric="val_loss", at=at), low=0.0), seeds=[0])
    assert v.estimate == pytest.approx(pick(curve))
    fall = verdict(Level(quantity=q(metric="val_loss", at="fall"), low=0.0), seeds=[0])
    assert fall.estimate == pytest.approx(curve[0] - curve[-1])
