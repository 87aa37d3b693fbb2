"""Which numbers of a study were selected on the validation part, so that they flatter what new examples would give.

A search selects, and so does its answer's study where it has no test part; `at: best` selects an epoch, and a plateau
schedule what comes next. Nothing else here selects: an ordinary study's claims speak of the validation part soundly.
"""

from __future__ import annotations

from collections.abc import Iterator

from study.spec.claims import Claim, Form, Quantity, Trajectory, quantities
from study.spec.study import Study
from trainables.config.errors import StudyError
from trainables.config.trial_config import TrialConfig
from trainables.records.metrics import IN_TEST, METRICS

SELECTED_ON = "selected on val"


def is_of_validation(metric: str) -> bool:
    """Whether a metric is measured on the validation part, or made of one that is.

    >>> is_of_validation("accuracy_gap"), is_of_validation("train_loss"), is_of_validation("test_accuracy")
    (True, False, False)
    """
    known = METRICS.get(metric)
    return known is not None and any(part in IN_TEST for part in known.derived_from or (metric,))


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


def selected_claims(study: Study) -> tuple[str, ...]:
    """The claims of a study that speak of a number that was selected on the validation part."""
    return tuple(claim.id for claim in study.claims if any(_selected(study, claim)))


def _selected(study: Study, claim: Claim) -> Iterator[str]:
    for form in claim.parts:
        for quantity in asked_by(form):
            owner, _, arm = quantity.arm.rpartition("/")
            try:
                yield "" if owner else why_selected(quantity, study.config(arm), study.name)
            except StudyError:  # said where the claim is read
                continue


def asked_by(form: Form) -> tuple[Quantity, ...]:
    """The numbers that a form speaks of, those along a curve too."""
    return (Quantity(arm=form.arm, metric=form.metric),) if isinstance(form, Trajectory) else quantities(form)
