"""A fall in a plain sentence: number, claim and verb are turned together. And of every place: the sentence names it."""

from __future__ import annotations

import re

import pytest

from analysis.claims.plain_falls import both_rise, rising
from analysis.claims.plain_sentences import asked, plain
from analysis.statistics.estimates import Estimate
from study.spec.claims import Association, Contrast, CurvePlace, Form, Level
from tests.analysis.claims.test_plain_sentences import SHOWN, q, unit_of

METRICS = (
    "val_accuracy",
    "val_loss",
    "accuracy_gap",
    "loss_gap",
    "seconds",
    "eval_seconds",
    "lr",
    "penalty",
    "updates",
)
NAMED: dict[CurvePlace, str] = {
    "last": "after 20 epochs",
    3: "after 3 epochs",
    "best": "at its best epoch",
    "max": "highest|longest",
    "min": "lowest|shortest",
    "mean": r"\bmean\b|over its epochs|^(An epoch|Measuring)",
    "fall": r"(falls?|rises?)\b.* from first to last epoch",
}
OF_A_VALUE = re.compile(r"\b(widens?|cuts?|above|below|higher|lower|longer|shorter|has|ends|takes|averages)\b")


def of_each_form(metric: str, at: CurvePlace) -> list[Form]:
    a, b = q("adam", metric, at), q("sgd", metric, at)
    return [
        Level(quantity=a, low=0.01),
        Level(quantity=a, high=0.5, share=0.5),
        Contrast(a=a, b=b, low=0.0),
        Contrast(a=b, b=a, high=-0.01),
        Contrast(a=a, b=b, low=-0.01, high=0.01),
        Contrast(a=a, b=b, low=1.2, ratio=True),
        Association(arms=("sgd", "adam", "none"), x=a, y=q("sgd", "penalty", 5)),
    ]


@pytest.mark.parametrize("at", NAMED)
@pytest.mark.parametrize("metric", METRICS)
def test_every_place_is_named_by_every_form_before_a_run_and_after(metric: str, at: CurvePlace) -> None:
    for form in of_each_form(metric, at):
        numbers = [Estimate(v, v - 0.01, v + 0.01, 5) for v in (-0.5, 0.02, 0.5, 1.9)]
        counted = isinstance(form, Level) and form.share is not None
        found = [plain(form, SHOWN, e, unit_of(form, counted=counted)).text() for e in numbers]
        for said in (asked(form, SHOWN), *found):
            assert re.search(NAMED[at], said), said
            assert at == "fall" or not re.search("first to last epoch", said), said
            assert at != "fall" or not OF_A_VALUE.search(said), said


NATS = Estimate(0.1, 0.07, 0.13, 16)


@pytest.mark.parametrize(
    ("form", "number", "expected", "claimed"),
    [
        (  # the gap grows from 0.01 to 0.10 with one arm, from 0.06 to 0.25 with the other: it was "widens the gap"
            Contrast(a=q("adam", "loss_gap", "fall"), b=q("sgd", "loss_gap", "fall"), low=0.0),
            NATS,
            "The gap in loss rises by 0.10 nats less with Adam than with SGD from first to last epoch",
            "less",
        ),
        (
            Contrast(a=q("sgd", "val_accuracy", "fall"), b=q("adam", "val_accuracy", "fall"), low=0.02),
            Estimate(0.11, 0.04, 0.18, 5),
            "The validation accuracy rises by 11 points more with Adam than with SGD from first to last epoch",
            "more than 2 points more",
        ),
        (
            Contrast(a=q("adam", "val_loss", "fall"), b=q("sgd", "val_loss", "fall"), low=-0.05, high=0.05),
            NATS,
            "The validation loss falls by 0.10 nats more with Adam than with SGD from first to last epoch",
            "within 0.05 nats",
        ),
        (
            Contrast(a=q("adam", "val_loss", "fall"), b=q("sgd", "val_loss", "fall"), low=1.2, ratio=True),
            Estimate(2.0, 1.5, 2.5, 5),
            "The fall of the validation loss is 2.0 times as large with Adam as with SGD from first to last epoch",
            "more than 1.2 times as large",
        ),
        (
            Level(quantity=q("adam", "val_loss", "fall"), low=0.2),
            NATS,
            "The validation loss of Adam falls by 0.10 nats from first to last epoch",
            "to fall by more than 0.2 nats",
        ),
        (
            Level(quantity=q("adam", "val_accuracy", "fall"), high=-0.05),
            Estimate(-0.192, -0.213, -0.171, 5),
            "The validation accuracy of Adam rises by 19.2 points from first to last epoch",
            "to rise by more than 5 points",
        ),
        (
            Contrast(a=q("adam", "seconds", "max"), b=q("sgd", "seconds", "max"), low=0.0),
            NATS,
            "The longest epoch is 0.10 s longer with Adam than with SGD",
            "longer",
        ),
    ],
)
def test_number_and_claim_are_turned_together(form: Form, number: Estimate, expected: str, claimed: str) -> None:
    found = plain(form, SHOWN, number, unit_of(form, counted=False))
    assert (found.text("bare"), found.claimed) == (expected, claimed)


def test_of_two_arms_the_verb_is_what_both_do() -> None:
    form = Contrast(a=q("adam", "val_loss", "fall"), b=q("sgd", "val_loss", "fall"), low=0.0)
    risen = SHOWN.__class__(**{**vars(SHOWN), "rises": True})
    found = plain(form, risen, NATS, unit_of(form, counted=False))
    said = "The validation loss rises by 0.10 nats less with Adam than with SGD from first to last epoch"
    assert (found.text("bare"), found.claimed) == (said, "less")
    assert rising(form.a, risen) and not rising(form.a, SHOWN)


def test_what_both_do_is_of_the_means_of_seeds_that_have_a_number() -> None:
    pair = (q("adam", "val_loss", "fall"), q("sgd", "val_loss", "fall"))
    lost = (float("-inf"), 0.1)
    assert both_rise(pair, [(-0.1, -0.2), (0.05, -0.1), lost]) is True
    assert both_rise(pair, [(0.1, 0.2)]) is False
    assert both_rise(pair, [(-0.1, 0.2)]) is None and both_rise(pair, []) is None
    assert both_rise((q("adam"), q("sgd")), [(-0.1, -0.2)]) is None


def test_a_claim_of_a_fall_says_so_before_a_run() -> None:
    said = [
        asked(form, SHOWN)
        for form in (
            Level(quantity=q("sgd", "val_loss", "fall"), low=0.2),
            Contrast(a=q("adam", "loss_gap", "fall"), b=q("sgd", "loss_gap", "fall"), low=0.0),
            Contrast(a=q("adam", "loss_gap", "fall"), b=q("sgd", "loss_gap", "fall"), low=-0.1, high=0.1),
            Association(arms=("sgd", "adam", "none"), x=q("sgd", "lr", "fall"), y=q("sgd", "accuracy_gap")),
        )
    ]
    assert said == [
        "The validation loss of SGD falls by more than 0.2 nats from first to last epoch",
        "The gap in loss rises less with Adam than with SGD from first to last epoch",
        "The gap in loss rises as much with Adam as with SGD from first to last epoch, within 0.1 nats",
        "The larger the fall of the learning rate from first to last epoch, the larger the gap after 20 epochs "
        "over 3 arms",
    ]
