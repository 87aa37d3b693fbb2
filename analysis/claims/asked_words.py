"""What a part of a claim asks of the numbers, as a plain sentence, before anything is measured."""

from __future__ import annotations

from collections.abc import Callable

from analysis.claims.arm_words import ArmWords
from analysis.claims.plain_sentences import asked
from study.spec import registry
from study.spec.claims import Form, arms_of
from study.spec.study import Study
from trainables.config.errors import StudyError


def asked_words(study: Study, form: Form, meant: Callable[[str], Study | None] = registry.registered) -> str:
    """One part of a claim of a study: the number and the bound that it is held against.

    `meant`: gives the other study of a name that the claim speaks of; None where nobody knows it.

    Example: "Dropout ends above the plain network in validation accuracy after 20 epochs."
    """
    names, epochs = {}, {}
    for arm in arms_of(form):
        owner, _, name = arm.rpartition("/")
        try:
            of = meant(owner) if owner else study
            if of is not None:
                names[arm], epochs[arm] = of.arm(name).say, of.config(name).epochs
        except StudyError:  # said where the claim is read
            continue
    return f"{asked(form, ArmWords(names, epochs, study.baseline))}."
