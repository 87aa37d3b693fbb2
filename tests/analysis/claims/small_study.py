"""A small study, claims on it, and what is judged of them from made-up records."""

from __future__ import annotations

from dataclasses import replace

from analysis.claims import verdicts as claims
from analysis.data.frames import from_records
from study.catalog import CHAPTER
from study.spec.claims import Claim, Contrast, Quantity
from study.spec.registry import load_study
from study.spec.study import Arm, Study
from tests.synthetic import records

STUDIES = {n: load_study(n) for n in CHAPTER}


SMALL = Study(
    name="small",
    title="t",
    question="q",
    knobs=("lr",),
    epochs=4,
    arms=(
        Arm(name="a"),
        Arm(name="b", change={"lr": 0.01}),
        Arm(name="c", change={"lr": 0.1}),
        Arm(name="short", epochs=2),
    ),
)


SIX = replace(SMALL, arms=tuple(Arm(name=name, change={"lr": 0.001 * 2**i}) for i, name in enumerate("abcdef")))


def claim(*parts, study=SMALL):
    return replace(study, claims=(Claim(id="x", statement="s.", parts=parts),))


def varying(study, seeds=range(5), noise=0.003, **how):
    """Records whose arms vary apart: each has its own noise, else differences in pairs would have no spread."""
    for i, arm in enumerate(study.arms):
        others = [(other.name, s) for other in study.arms if other.name != arm.name for s in seeds]
        skip = [*others, *how.get("skip", ())]
        yield from records(study, seeds, **{**how, "skip": skip, "noise": noise * (1 + i / 2)})


def verdict(*parts, seeds=range(5), given=None, study=SMALL, **how):
    made = from_records(varying(study, seeds, **how))
    grounds = claims.Grounds({study.name: given})
    (found,) = claims.judge(claim(*parts, study=study), made, {}, grounds)
    return found


def q(arm="a", metric="val_accuracy", at="last", **more):
    return Quantity(arm=arm, metric=metric, at=at, **more)


CONTRAST = Contrast(a=q("b"), b=q("a"), low=0.0)


NEAR = Contrast(a=q("b"), b=q("a"), low=-0.0365)
"""On its bound."""


def reduced_study() -> Study:
    return replace(SMALL, base={"train_images": 6000}, reduced=("*",))
