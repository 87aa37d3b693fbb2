"""A search's configurations that stand still or guess are named, though nothing trains them again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analysis.searches.broken_configurations import broken_sentence
from analysis.searches.findings import findings_of_part
from analysis.searches.sentences import sentences
from study.spec.domains import Float
from study.spec.point import Point, SharedKnobs
from study.spec.search import Scheduler, Search
from study.storage.search_events import Proposal
from study.storage.search_log import SearchPart
from trainables.data.facts import FASHION_MNIST

FALLS, STILL = [2.3, 2.0, 1.8, 1.7], [2.3, 2.3, 2.3, 2.3]


def part(*curves: dict[str, list[float]]) -> SearchPart:
    search = Search(
        space={"lr": Float(low=0.001, high=1.0)}, trials=8, searcher="random", scheduler=Scheduler(name="none")
    )
    made = [Proposal(n, Point((("lr", 0.1 + n / 100),)), "random", 4, "whole", given) for n, given in enumerate(curves)]
    return SearchPart("s", "", search, SharedKnobs.of(4), tuple(made), (), data=FASHION_MNIST.checksum)


def learnt(loss: list[float], end: float) -> dict[str, list[float]]:
    return {"val_loss": loss, "val_accuracy": [0.1, 0.2, 0.3, end]}


@pytest.mark.parametrize(
    ("curves", "said"),
    [
        ([learnt(FALLS, 0.6)], ""),
        (
            [learnt(FALLS, 0.6), learnt(STILL, 0.5)],
            "Possibly broken: the loss of configuration 1 is the same to the last bit in 3 epochs in a row.",
        ),
        (
            [learnt(FALLS, 0.1), learnt(FALLS, 0.7), learnt(FALLS, 0.104)],
            "Possibly broken: configurations 0, 2 end no better than guessing.",
        ),
        (
            [learnt(STILL, 0.1), learnt(FALLS, 0.1)],
            "Possibly broken: the loss of configuration 0 is the same to the last bit in 3 epochs in a row; "
            "configuration 1 ends no better than guessing.",
        ),
        (
            [learnt(FALLS, 0.1)] * 7,
            "Possibly broken: configurations 0, 1, 2, 3, 4 and 2 more end no better than guessing.",
        ),
        ([learnt([0.1, 0.0, 0.0, 0.0], 1.0) | {"train_loss_eval": [0.1, 0.0, 0.0, 0.0]}], ""),
    ],
)
def test_each_is_named_with_what_it_shows(curves: list[dict[str, list[float]]], said: str) -> None:
    data = {FASHION_MNIST.checksum: FASHION_MNIST}
    assert broken_sentence(part(*curves), data) == said
    found = findings_of_part(part(*curves), data=data)
    assert (said in sentences(found)) is bool(said)


def test_of_data_that_are_not_known_nothing_is_said_of_guessing() -> None:
    assert broken_sentence(part(learnt(FALLS, 0.1)), {}) == ""


def test_a_configuration_that_was_stopped_early_does_not_count_as_guessing() -> None:
    (one,) = part(learnt(FALLS, 0.1)).proposals
    early = replace(part(), proposals=(replace(one, state="paused"),))
    assert broken_sentence(early, {FASHION_MNIST.checksum: FASHION_MNIST}) == ""
