"""What a claim asks of the numbers, as `study show` says it."""

from __future__ import annotations

import pytest

from analysis.text.asked_words import asked_words
from study.spec import registry

DROPOUT = {
    "overfit-1": [
        "training accuracy of none after 30 epochs: above 95 %",
        "training accuracy of annealing/constant at its last epoch: above 95 %",
        "validation accuracy of none after 30 epochs: 88 to 90 %",
        "validation accuracy of annealing/constant at its last epoch: 88 to 90 %",
    ],
    "dropout-1": ["accuracy gap after 30 epochs, none minus dropout-0.25: above 0 points"],
}


def test_the_dropout_study_asks_what_its_file_says() -> None:
    study = registry.load_study("dropout")
    assert {c.id: [asked_words(study, f) for f in c.parts] for c in study.claims} == DROPOUT


@pytest.mark.parametrize("name", registry.names())
def test_every_part_of_every_claim_of_the_catalogue_has_a_bound_or_a_rule(name: str) -> None:
    study = registry.load_study(name)
    for claim in study.claims:
        for form in claim.parts:
            words = asked_words(study, form)
            assert ": " in words or " in every epoch, in at least " in words, words
            assert "  " not in words and not words.endswith(":")
