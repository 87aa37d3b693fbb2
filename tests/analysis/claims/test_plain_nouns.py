"""What a metric, a tensor, a place on a curve and a level are called in a plain sentence."""

from __future__ import annotations

import pytest

from analysis.claims import plain_nouns
from analysis.claims.arm_words import ArmWords
from study.spec.claims import TENSOR_METRICS, Quantity
from trainables.config.errors import BadInput
from trainables.records.metrics import METRICS


def made(**how: object) -> Quantity | None:
    try:
        return Quantity(arm="a", **how)  # type: ignore[arg-type]
    except BadInput:  # such a quantity cannot be claimed of
        return None


def test_every_metric_has_a_noun_without_the_words_of_code() -> None:
    for at in ("last", "max", "min", "mean", 3):
        for metric in METRICS:
            if (quantity := made(metric=metric, at=at)) is not None:
                noun = plain_nouns.noun(quantity)
                assert noun and "_" not in noun and "{" not in noun, (metric, at)
                assert plain_nouns.subject(quantity, "dropout").endswith(" of dropout is")
    for metric in TENSOR_METRICS:
        noun = plain_nouns.noun(Quantity(arm="a", metric=metric, tensor="b2"))
        assert ("absolute bias b2" if metric in plain_nouns.OF_ONE else "the biases b2") in noun


@pytest.mark.parametrize(
    ("metric", "more"),
    [("val_accuracy", "higher"), ("train_loss_eval", "higher"), ("seconds", "longer"), ("accuracy_gap", "larger")],
)
def test_two_of_a_kind_are_compared_by_its_own_words(metric: str, more: str) -> None:
    assert plain_nouns.size(Quantity(arm="a", metric=metric)).more == more


def test_a_place_is_an_epoch_where_it_is_one() -> None:
    words = ArmWords(epochs={"a": 20})
    said = {
        at: plain_nouns.place(Quantity(arm="a", metric="val_loss", at=at), words) for at in ("last", 1, "best", "mean")
    }
    assert said == {
        "last": " after 20 epochs",
        1: " after 1 epoch",
        "best": " at its best epoch",
        "mean": " over its epochs",
    }
    assert plain_nouns.place(Quantity(arm="b", metric="val_loss"), words) == "", "how long that arm trains is not known"
    assert plain_nouns.place(Quantity(arm="a", metric="seconds", at="mean"), words) == ""


def test_a_level_has_the_unit_that_people_read() -> None:
    assert plain_nouns.level(Quantity(arm="a", metric="val_accuracy", reaches=0.85)) == "85 % validation accuracy"
    assert plain_nouns.level(Quantity(arm="a", metric="val_loss", reaches=0.3)) == "a validation loss of 0.3 nats"
