"""What a claim asks of the numbers, as `study show` says it."""

from __future__ import annotations

import pytest

from analysis.claims.asked_words import asked_words
from study.spec import registry

DROPOUT = {
    "overfit-1": [
        "The training accuracy of the plain network is above 95 % after 30 epochs.",
        "The training accuracy of a constant rate is above 95 % after 100 epochs.",
        "The validation accuracy of the plain network is 88 to 90 % after 30 epochs.",
        "The validation accuracy of a constant rate is 88 to 90 % after 100 epochs.",
    ],
    "dropout-1": ["The gap is smaller with dropout than with the plain network after 30 epochs."],
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
            assert words.endswith(".") and "  " not in words and " minus " not in words and "{" not in words, words
