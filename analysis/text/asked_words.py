"""What a part of a claim asks of the numbers, in words, before anything is measured."""

from __future__ import annotations

from analysis.text.phrases import bounds_words, contrast_words, quantity_words, unit
from study.spec.claims import Association, Contrast, Form, Level, Mechanism, Quantity, Trajectory
from study.spec.study import Study


def asked_words(study: Study, form: Form) -> str:
    """One part of a claim of a study: the number and the bound that it is held against.

    Example: "validation accuracy after 20 epochs, dropout minus plain: above 0 points".
    """
    match form:
        case Level():
            text = f"{quantity_words(form.quantity, _epochs(study, form.quantity))}: "
            text += bounds_words(form.low, form.high, unit(form.quantity))
        case Contrast():
            places = [_epochs(study, q) for q in (form.a, form.b)]
            kind = unit(form.a, difference=True, ratio=form.ratio)
            text = f"{contrast_words(form.a, form.b, places, ratio=form.ratio)}: "
            text += bounds_words(form.low, form.high, kind)
        case Trajectory():
            what = quantity_words(Quantity(arm=form.arm, metric=form.metric), named=False).removesuffix(_AT_LAST)
            return f"{what} of {form.arm} {form.direction} in every epoch, in at least {100 * form.share:g} % of seeds"
        case Mechanism(rule="updates"):
            return f"updates an epoch of {form.arm}: {form.value:,.0f}"
        case Mechanism():
            return f"the learning rate of {form.arm}: cut exactly where its schedule says"
        case Association():
            x, y = (quantity_words(q, named=False) for q in (form.x, form.y))
            return f"rank correlation of {x} and {y} over {', '.join(form.arms)}: above {form.low:g}"
    return text if form.share is None else f"{text}, in at least {100 * form.share:g} % of seeds"


_AT_LAST = " at its last epoch"


def _epochs(study: Study, quantity: Quantity) -> int | None:
    """Epochs of an arm of the study's own; None of another's, which is not at hand."""
    return study.config(quantity.arm).epochs if "/" not in quantity.arm else None
