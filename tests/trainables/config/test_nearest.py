"""What somebody meant who typed another name."""

from __future__ import annotations

from typing import get_args

import pytest

from study.spec.search import Searcher
from trainables.config.nearest import OTHER_NAMES, OTHER_SEARCHERS, did_you_mean
from trainables.config.trial_config import KNOBS


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("learning_rate", "lr"),
        ("Dropout", "dropout_hidden or dropout_input"),
        ("momentm", "momentum"),
        ("l2", "l2_squared or l2_norm or weight_decay"),
    ],
)
def test_a_knob_by_another_tools_name_or_misspelt(typed: str, meant: str) -> None:
    assert did_you_mean(typed, KNOBS) == f"; did you mean {meant}?"


@pytest.mark.parametrize(("typed", "meant"), [("bayes", "tpe or gp"), ("Optuna", "tpe"), ("genetic", "nsga2")])
def test_a_searcher_by_another_tools_name(typed: str, meant: str) -> None:
    searchers = get_args(Searcher)
    assert did_you_mean(typed, searchers) == f"; did you mean {meant}?"
    assert {name for names in OTHER_SEARCHERS.values() for name in names} <= set(searchers)


def test_nothing_near_asks_nothing_and_a_long_name_costs_nothing() -> None:
    assert did_you_mean("zzz", KNOBS) == ""
    assert did_you_mean("x" * 1_000_000, KNOBS) == ""


def test_other_names_are_of_knobs_that_there_are_and_are_none_themselves() -> None:
    assert {name for names in OTHER_NAMES.values() for name in names} <= set(KNOBS)
    assert not set(OTHER_NAMES) & set(KNOBS)
