"""Which numbers of a study were selected on the validation part, so that they flatter what new examples would give.

A search selects, and so does its answer's study where it has no test part; `at: best` selects an epoch, and a plateau
schedule what comes next. Nothing else here selects: an ordinary study's claims speak of the validation part soundly.

A study of one's own that selects is run with a test part (`with_test_part`); see `study.app.data_parts` for when.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Sequence

from study.spec.claims import (
    Association,
    Claim,
    Contrast,
    Form,
    Level,
    Quantity,
    Trajectory,
    arms_named,
    arms_of,
    own_arm,
    quantities,
)
from study.spec.study import Study
from trainables.config.errors import StudyError
from trainables.config.trial_config import TrialConfig
from trainables.records.metrics import METRICS, OF_TEST, ON_TEST, TEST_COUNTERPARTS

SELECTED_ON = "selected on val"


def is_of_validation(metric: str) -> bool:
    """Whether a metric is measured on the validation part, or made of one that is.

    >>> is_of_validation("accuracy_gap"), is_of_validation("train_loss"), is_of_validation("test_accuracy")
    (True, False, False)
    """
    known = METRICS.get(metric)
    return known is not None and any(part in TEST_COUNTERPARTS for part in known.derived_from or (metric,))


def why_selected(quantity: Quantity, config: TrialConfig, study: str = "") -> str:
    """Why a number of an arm was selected on the validation part; empty where it was not.

    Args:
        quantity: the number.
        config: of its arm.
        study: the name of the study that the arm belongs to.
    """
    if quantity.tensor or not is_of_validation(quantity.metric):
        return ""
    best = {"higher": "max", "lower": "min"}.get(METRICS[quantity.metric].direction)
    if quantity.reaches is None and quantity.at in ("best", best):
        return f"it is of the best epoch of {quantity.arm}"
    return why_arm_selects(config, quantity.arm, study)


def why_arm_selects(config: TrialConfig, arm: str, study: str = "") -> str:
    """Why all numbers of an arm on the validation part were selected on it; empty where they were not.

    >>> why_arm_selects(TrialConfig(schedule="plateau"), "annealed")
    'the plateau schedule of annealed follows the validation loss'
    """
    if config.schedule == "plateau":
        return f"the plateau schedule of {arm} follows the validation loss"
    if study.endswith(".answer"):
        return f"the search chose {arm} by it"
    return ""


def selecting_arms(study: Study) -> tuple[str, ...]:
    """The arms of a study whose numbers on the validation part are all selected on it."""
    return tuple(a.name for a in study.arms if why_arm_selects(study.config(a.name), a.name, study.name))


def why_arms_select(study: Study) -> str:
    """Why arms of a study select, a reason once, arms called as sentences call them; empty where none does."""
    plateau = [a.name for a in study.arms if study.config(a.name).schedule == "plateau"]
    follow = [study.arm(name).say or name for name in plateau]
    said = [why_arm_selects(study.config(a), of, study.name) for a, of in zip(plateau, follow, strict=True)]
    if len(follow) > 1:
        said = [f"the plateau schedules of {', '.join(follow)} follow the validation loss"]
    chosen = [study.arm(n).say or n for n in selecting_arms(study) if n not in plateau]
    every = ", ".join(chosen)
    if 1 < len(chosen) == len(study.arms):
        every = "both arms" if len(chosen) == 2 else f"all {len(chosen)} arms"
    return "; ".join([*said, *([f"the search chose {every} by it"] if chosen else [])])


def selected_note(study: Study) -> str:
    """A sentence that names these arms, to stand behind another; empty where there are none."""
    arms = [study.arm(name).say or name for name in selecting_arms(study)]
    return f" Selected on val: {', '.join(arms)}." if arms else ""


def selected_claims(study: Study) -> dict[str, str]:
    """The claims of a study that speak of a number that was selected on the validation part, each with the reason."""
    found = {claim.id: next(filter(None, _selected(study, claim.parts)), "") for claim in study.claims}
    return {claim: why for claim, why in found.items() if why}


def _selected(study: Study, forms: tuple[Form, ...]) -> Iterator[str]:
    for form in forms:
        for quantity in quantities_selected(form):
            arm = own_arm(study.name, quantity.arm)
            try:
                yield "" if arm is None else why_selected(quantity, study.config(arm), study.name)
            except StudyError:  # said where the claim is read
                continue


def selects_on_validation(study: Study) -> bool:
    """Whether something of a study selects on the validation part: a schedule, or what its claims speak of."""
    return any(study.config(a.name).schedule == "plateau" for a in study.arms) or bool(selected_claims(study))


def claims_on_test(study: Study) -> tuple[str, ...]:
    """The claims of a study that speak of the test part."""
    forms = {claim.id: [q.metric for form in claim.parts for q in quantities_selected(form)] for claim in study.claims}
    return tuple(claim for claim, metrics in forms.items() if set(metrics) & set(OF_TEST))


def names_others(study: Study) -> bool:
    """Whether claims compare its arms with those of other studies, which have parts of their own."""
    return any(own_arm(study.name, arm) is None for claim in study.claims for arm in arms_named(claim))


JUDGED_THERE = "What was selected on the validation part is judged on the test part."
STUDY_SELECTS = "The study selects on the validation part, so this is judged on the test part."


def with_test_part(study: Study, held_out: float, as_they_are: Collection[str] = ()) -> Study:
    """The study with a validation part of its own to select on; all its claims speak of the test part.

    The smallest loss, and other extremes over epochs, have no number there: such claims stay as they are, and are
    marked where that was selected; see `not_on_test`.

    Args:
        study: which selects.
        held_out: of the training images; 0 where the data have a test part of their own.
        as_they_are: claims that stay so, because a results folder judges them on the validation part.
    """
    return dataclasses.replace(
        study,
        base={**study.base, **({"held_out": held_out} if held_out else {})},
        claims=tuple(c if c.id in as_they_are else _on_test(study, c) for c in study.claims),
    )


def not_on_test(study: Study) -> dict[str, str]:
    """The claims of a study with a test part that speak of the validation part for all that, each with the metric."""
    spoken = {c.id: [q.metric for form in c.parts for q in quantities_selected(form)] for c in study.claims}
    return {claim: of[0] for claim, metrics in spoken.items() if (of := list(filter(is_of_validation, metrics)))}


def _on_test(study: Study, claim: Claim) -> Claim:
    parts = tuple(_form_on_test(study, form) for form in claim.parts)
    if parts == claim.parts:
        return claim
    why = JUDGED_THERE if any(_selected(study, claim.parts)) else STUDY_SELECTS
    return dataclasses.replace(claim, parts=parts, note=f"{claim.note} {why}".strip())


def _form_on_test(study: Study, form: Form) -> Form:
    """The same form of the test part; as it is where a number of it is of the validation part and has none there."""
    if any(own_arm(study.name, arm) is None for arm in arms_of(form)):
        return form
    match form:
        case Level():
            found = _quantity_on_test(study, form.quantity)
            return form if found is None else dataclasses.replace(form, quantity=found)
        case Contrast():
            a, b = (_quantity_on_test(study, q) for q in (form.a, form.b))
            return form if a is None or b is None else dataclasses.replace(form, a=a, b=b)
        case Trajectory():
            return dataclasses.replace(form, metric=ON_TEST.get(form.metric, form.metric))
        case Association():
            x, y = (_of_all_arms(study, q, form.arms) for q in (form.x, form.y))
            return form if x is None or y is None else dataclasses.replace(form, x=x, y=y)
    return form


def _of_all_arms(study: Study, quantity: Quantity, arms: Sequence[str]) -> Quantity | None:
    """What all arms have there alike; None where one has nothing, or another place."""
    found = {_quantity_on_test(study, dataclasses.replace(quantity, arm=arm)) for arm in arms}
    alike = {q and dataclasses.replace(q, arm=quantity.arm) for q in found}
    return alike.pop() if len(alike) == 1 else None


def _quantity_on_test(study: Study, quantity: Quantity) -> Quantity | None:
    """The same number of the test part.

    What is not of the validation part stays; None of what is, and has no number there: an extreme over epochs would
    choose the epoch on the test part, but for the largest accuracy, which is that of the best epoch.
    """
    if quantity.tensor or not is_of_validation(quantity.metric):
        return quantity
    arm = own_arm(study.name, quantity.arm) or quantity.arm
    metric, epochs = ON_TEST[quantity.metric], study.config(arm).epochs
    if quantity.reaches is None and quantity.at in ("max", "min"):
        best = (quantity.at, quantity.metric) == ("max", "val_accuracy")
        return dataclasses.replace(quantity, metric=metric, at="best") if best else None
    at = "last" if quantity.at == epochs else quantity.at
    return dataclasses.replace(quantity, metric=metric, at=at)


def quantities_selected(form: Form) -> tuple[Quantity, ...]:
    """The numbers that a form speaks of, those along a curve too."""
    return (Quantity(arm=form.arm, metric=form.metric),) if isinstance(form, Trajectory) else quantities(form)
