"""Device and precision: what a study says holds in both protocols, unless the option was really given."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from study.app.plan_studies import PlanRequest, plan_studies
from study.app.run_provenance import asked_seeds
from study.execution.search_driver import check_search
from study.planning.plan import plan_trials
from study.planning.protocol import Protocol
from study.spec.search import Search
from study.spec.study import Arm, Study
from study.spec.study_file import StudySource
from tests.synthetic import FASHION
from trainables.config.errors import BadInput

HALF = Study(
    name="half",
    title="T",
    question="Q?",
    knobs=("lr",),
    epochs=20,
    base={"precision": "bf16", "device": "cuda"},
    arms=(Arm(name="a"),),
)
PLAIN = dataclasses.replace(HALF, base={})


@pytest.mark.parametrize("quick", [False, True])
def test_what_the_study_says_holds_in_both_protocols(quick: bool) -> None:
    config = Protocol((0,), quick).study(HALF).config("a")
    assert (config.precision, config.device) == ("bf16", "cuda")
    config = Protocol((0,), quick).study(PLAIN).config("a")
    assert (config.precision, config.device) == ("fp32", "cpu")
    config = Protocol((0,), quick, "cuda", "bf16").study(PLAIN).config("a")
    assert (config.precision, config.device) == ("bf16", "cuda")


def test_an_option_that_says_what_holds_anyway_makes_no_other_study() -> None:
    assert Protocol((0,), False, "cuda", "bf16").study(HALF) is HALF
    assert Protocol((0,), False, "cpu", "fp32").study(PLAIN) is PLAIN


@pytest.mark.parametrize(("name", "given"), [("device", "cpu"), ("precision", "fp32")])
def test_an_option_that_says_something_else_is_refused(name: str, given: str) -> None:
    asked = PlanRequest(("half",), **{name: given})  # type: ignore[arg-type]
    with pytest.raises(BadInput, match=f"{name}: got '{given}'; study half says .*leave --{name} out"):
        plan_studies([StudySource(HALF)], asked, {}, here=True)


ARMS = Study(
    name="s",
    title="T",
    question="Q?",
    knobs=("lr",),
    epochs=2,
    arms=(Arm(name="a"), Arm(name="b", change={"lr": 0.2}), Arm(name="c", change={"lr": 0.3})),
)


def test_seeds_of_some_arms_are_planned_for_these_alone() -> None:
    protocol = PlanRequest(("s",), arm_seeds={"s/b": [6, 5], "s/a": [0]}).protocol
    plan = plan_trials([ARMS], protocol, "x", {}, FASHION)
    assert sorted((t.wanted_by, t.config.seed) for t in plan.trials) == [
        (("s/a",), 0),
        (("s/b",), 5),
        (("s/b",), 6),
    ]
    assert plan.epochs_asked == 3 * 2 and protocol.seeds == (0, 5, 6)
    assert asked_seeds(plan) == {"s/a": (0,), "s/b": (5, 6)}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"s/bb": [1]}, "arm: got 's/bb'; expected STUDY/ARM, an arm of s.*did you mean s/b?"),
        ({"b": [1]}, "arm: got 'b'; expected STUDY/ARM"),
        ({"s/b": [-1]}, "seeds of s/b: got '-1'; expected how many"),
        ({"s/b": [True]}, "seeds of s/b: got 'True'"),
        ({"s/b": [1.0]}, "seeds of s/b: got '1.0'"),
        ({"s/b": [1, 1]}, "seeds of s/b: got '1,1'; seed 1 is named twice"),
        ({"s/b": []}, "seeds of s/b: got ''; expected how many"),
    ],
)
def test_seeds_of_arms_that_mean_nothing_are_refused(given: dict[str, list[int]], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        plan_studies([StudySource(ARMS)], PlanRequest(("s",), arm_seeds=given), {}, here=True)


def test_a_study_of_which_no_arm_is_asked_anything_is_refused() -> None:
    with pytest.raises(BadInput, match="study: got 'half'; no seeds are asked of any of its arms"):
        plan_studies(
            [StudySource(ARMS), StudySource(PLAIN)], PlanRequest(("s", "half"), arm_seeds={"s/a": [0]}), {}, here=True
        )


@pytest.mark.parametrize(("changes", "expected"), [
    ({}, (4, 1, 4)),
    ({"trials": 2, "first": ()}, (2, 1, 0)),
    ({"trials": 30}, (6, 1, 6)),
    ({"scheduler": {"name": "asha", "grace": 4}}, (4, 3, 4)),
    ({"scheduler": {"name": "median", "grace": 2}}, (4, 2, 4)),
    ({"within": "activation"}, (4, 1, 6)),
    ({"first": [{"lr": 0.01, "batch_size": 8}] * 6}, (4, 1, 4)),
    ({"first": ({"batch_size": 20_000}, {"batch_size": 6000})}, (4, 1, 1)),
])  # fmt: skip
def test_a_search_that_runs_whole_runs_reduced_too(changes: dict[str, Any], expected: tuple[int, int, int]) -> None:
    """It has as few trials as the whole one, `first` has no more than these, and the scheduler decides in time."""
    space = {"lr": {"kind": "float", "low": 0.001, "high": 0.1},
             "batch_size": {"kind": "int", "low": 8, "high": 20_000},
             "activation": {"kind": "choice", "values": ["relu", "tanh"]}}  # fmt: skip
    first = [{"lr": 0.01 * (n + 1), "activation": "tanh" if n > 3 else "relu", "batch_size": 8} for n in range(6)]
    search = Search.from_dict({"trials": 20, "space": space, "first": first, **changes})
    study = dataclasses.replace(PLAIN, arms=(), search=search, epochs=9, knobs=("lr", "batch_size", "activation"))
    plan_trials([study], Protocol((0,)), "x", {}, FASHION)
    (made,) = plan_trials([study], Protocol((0,), quick=True), "x", {}, FASHION).studies
    assert made.search is not None and made.epochs == 3
    assert (made.search.trials, made.search.scheduler.grace, len(made.search.first)) == expected
    check_search(made, FASHION)
    made.search.parts()
