"""Device and precision: what a study says holds in both protocols, unless the option was really given."""

from __future__ import annotations

import dataclasses

import pytest

from study.app.plan_studies import PlanRequest, plan_studies
from study.planning.protocol import Protocol
from study.spec.study import Arm, Study
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
        plan_studies([HALF], asked, {}, here=True)
