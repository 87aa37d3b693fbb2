"""Searches that differ in their seed alone are repeats of one: each is one number."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from analysis.searches.answer_sentences import repeat_sentences
from analysis.searches.repeats import repeated_search, repeats_of
from analysis.searches.retrained import Retrained, TestResult
from analysis.statistics.estimates import Estimate, mean_interval
from study.spec.domains import Choice
from study.spec.search import Scheduler, Search
from study.spec.study import Study


def search(name: str, seed: int, **more: Any) -> Study:
    how: dict[str, Any] = {"space": {"lr": Choice(values=(0.1, 0.01))}, "trials": 2, "scheduler": Scheduler(), **more}
    base = how.pop("base", {})
    return Study(
        name=name, title=name, question="q", knobs=("lr",), epochs=2, base=base, search=Search(seed=seed, **how)
    )


def found(arm: str, val: float, test: float | None = None) -> Retrained:
    def around(value: float) -> Estimate:
        return Estimate(value, value - 0.01, value + 0.01, 5)

    tested = None if test is None else TestResult("test_accuracy", around(test), None, 1)
    return Retrained(arm, "lr 0.1", around(val), None, tested=tested)


def by_name(*studies: Study) -> dict[str, Study]:
    return {s.name: s for s in studies}


def test_repeats_differ_in_their_seed_and_in_nothing_that_decides() -> None:
    first, second = search("a", 0), search("b", 7, parallel=2, beat=0.5)
    others = (
        search("c", 0),  # the same seed again finds the same
        search("d", 1, trials=3),
        search("e", 2, racing=2),
        search("f", 3, base={"split_seed": 1, "held_out": 0.1}),
        dataclasses.replace(search("g", 4), reduced=("*",)),
        dataclasses.replace(search("h", 5), epochs=3),
    )
    assert [s.name for s in repeats_of(first, by_name(second, *others))] == ["a", "b"]
    assert [s.name for s in repeats_of(second, by_name(first))] == ["a", "b"]


def test_n_is_the_number_of_repeats_and_not_of_seeds() -> None:
    studies = by_name(*(search(name, seed) for seed, name in enumerate("abcd")))
    answers = {
        "a": [found("winner", 0.90, 0.80), found("runner-up", 0.89, 0.99)],
        "b": [found("winner", 0.91, 0.82)],
        "c": [found("winner", 0.92, 0.84)],
        "d": [],
    }
    over = repeated_search(studies["b"], studies, lambda s: answers[s.name])
    assert over is not None and over.metric == "test_accuracy" and over.arms == ("winner",)
    e, plain = over.mean("winner"), mean_interval([0.80, 0.82, 0.84])
    assert (e.value, e.low, e.high, e.n) == (plain.value, plain.low, plain.high, 3)
    assert over.waiting == ("d",) and [r.fresh_seeds for r in over.repeats] == [5, 5, 5]
    (said,) = repeat_sentences(over)
    assert said == (
        "Over 3 repeats, searches that differ in their seed alone, test accuracy: winner 82.00 % "
        f"({100 * plain.low:.2f} to {100 * plain.high:.2f}, 3 repeats)."
    )
    answers["c"] = [found("winner", 0.92)]
    over = repeated_search(studies["b"], studies, lambda s: answers[s.name])
    assert over is not None and over.metric == "val_accuracy", "one was not evaluated on the test part"
    assert "validation accuracy, selected on val: winner 91.00 %" in repeat_sentences(over)[0]
    answers["b"] = answers["c"] = []
    assert repeated_search(studies["b"], studies, lambda s: answers[s.name]) is None


def test_each_value_of_within_has_its_number_and_differences_are_in_pairs() -> None:
    within: dict[str, Any] = {"within": "optimizer", "space": {"optimizer": Choice(values=("sgd", "adam"))}}
    studies = by_name(*(search(name, seed, **within) for seed, name in enumerate("abc")))
    answers = {
        "a": [found("adam", 0.9, 0.90), found("sgd", 0.8, 0.85)],
        "b": [found("sgd", 0.9, 0.80), found("adam", 0.8, 0.85)],
        "c": [found("adam", 0.9, 0.70)],
    }
    over = repeated_search(studies["a"], studies, lambda s: answers[s.name])
    assert over is not None and over.arms == ("sgd", "adam") and over.waiting == ("c",)
    assert over.apart("adam").value == pytest.approx(-0.05) and over.apart("adam").n == 2
    assert (
        repeat_sentences(over)[1] == "Adam ends 5.00 points above sgd in all 2 repeats; how far they vary is not known."
    )


def test_a_front_has_no_single_best_so_there_is_no_table() -> None:
    front = {"objectives": ("val_accuracy", "accuracy_gap"), "searcher": "nsga2"}
    studies = by_name(search("a", 0, **front), search("b", 1, **front))
    assert repeated_search(studies["a"], studies, lambda s: [found("front-1", 0.9)]) is None
