"""How a sentence speaks of arms: what each is called, how long it trains, and which is the baseline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from analysis.statistics.estimates import Refusal
from analysis.text.arm_names import called
from study.spec.claims import Form, Quantity, arms_of

if TYPE_CHECKING:
    from analysis.claims.samples import ArmReader


@dataclass(frozen=True)
class ArmWords:
    """What sentences need to know of the arms of one part of a claim."""

    names: Mapping[str, str] = field(default_factory=dict)
    """By arm, as the claim names it."""
    epochs: Mapping[str, int] = field(default_factory=dict)
    baseline: str = ""
    rises: bool | None = None
    """Of a claim about falls: whether the metric rises in every arm, or falls; None where that is unknown or unlike."""

    def name(self, arm: str) -> str:
        """How a sentence calls an arm."""
        return called(self.names.get(arm, ""), arm)

    def epoch(self, quantity: Quantity) -> int | None:
        """The epoch that a quantity is of; None of what is no single epoch's, or unknown."""
        return (
            quantity.at
            if isinstance(quantity.at, int)
            else self.epochs.get(quantity.arm)
            if quantity.at == "last"
            else None
        )

    def is_last(self, quantity: Quantity) -> bool:
        """Whether a quantity is of its arm's last epoch."""
        return quantity.at == "last" or quantity.at == self.epochs.get(quantity.arm)


def arm_words(arms: ArmReader, form: Form) -> ArmWords:
    """What is known of the arms that a form speaks of."""
    names, epochs = {}, {}
    for name in arms_of(form):
        study, config = arms.study_of(name), arms.config(name)
        if isinstance(study, Refusal) or isinstance(config, Refusal):
            continue
        names[name] = study.arm(name.rpartition("/")[2]).say
        epochs[name] = config.epochs
    return ArmWords(names, epochs, arms.study.baseline)
