"""Device and precision: what a study says holds in both protocols, unless the option was really given."""

from __future__ import annotations

import dataclasses

import pytest

from study.app.plan_studies import PlanRequest, plan_studies
from study.app.run_provenance import asked_seeds
from study.planning.plan import plan_trials
from study.planning.protocol import Protocol
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
