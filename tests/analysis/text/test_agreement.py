"""Verbs fit the names of arms."""

from __future__ import annotations

import pytest

from analysis.text.agreement import PLURALS, agree, is_plural, with_verb


@pytest.mark.parametrize(
    "name",
    [
        "four units", "12 units", "four hidden units", "Two layers of 100 units", "four units wide", "tiny inputs",
        "dropout and weight decay", "batches of 8", "a few units", "ReLUs", "the networks with a wide layer",
    ],
)  # fmt: skip
def test_a_name_of_several_is_plural(name: str) -> None:
    assert is_plural(name) and agree(name, "lowers") == "lower"


@pytest.mark.parametrize(
    "name",
    [
        "dropout", "the plain network", "a rate of 10 steps", "batch 32", "1 unit", "one of four units", "bias",
        "a network of 100 hidden units and a bias", "Adam with dropout and decay", "LARS", "lars", "no bias", "arm 32",
        "two-layers", "units-4", "a network whose weights are small", "Nesterov's", "twice the rate",
        "twelve-unit layer", "a rate times ten", "squared L2", "training on 1,000 images", "SGD",
        "a hundred-unit layer", "", "this",
    ],
)  # fmt: skip
def test_any_other_name_is_singular(name: str) -> None:
    assert not is_plural(name) and agree(name, "has") == "has"


def test_only_a_known_verb_changes() -> None:
    assert with_verb("four units", "was not measured") == "four units were not measured"
    assert with_verb("four units", "diverged") == "four units diverged"
    assert with_verb("dropout", "has no trials") == "dropout has no trials"
    assert all(agree("dropout", verb) == verb for verb in PLURALS)
