"""Which effect answers a study in short, as the change against the baseline: declared, by its claims, else by rule."""

from __future__ import annotations

from dataclasses import dataclass, replace

from analysis.claims.queries import Measurements
from analysis.report.best_arm import MANY_ARMS, METRIC, BestArm, best_arm
from analysis.statistics.estimates import Refusal
from study.spec.arm_names import full_arm_name
from study.spec.claims import Contrast, Quantity
from study.spec.splits import why_no_verdict
from study.spec.study import Study


@dataclass(frozen=True)
class MainEffect:
    """What answers a study in short: a against b."""

    a: Quantity
    b: Quantity
    ratio: bool = False
    what: str = ""
    """In a few words; if not given, the metric and the two arms."""
    chosen: bool = False
    """Whether its arm was chosen by the numbers themselves."""

    def elsewhere(self, study: Study) -> bool:
        """Whether it is the change against another arm than the study's baseline."""
        return self.b.arm not in (self.a.arm, full_arm_name(study, study.baseline))


def effect_of(
    study: Study, measurements: Measurements, package: MainEffect | None
) -> tuple[MainEffect | None, BestArm | None]:
    """The main effect of a study, and its best arm where nothing declares that effect; `package`: what one declares."""
    best = None if package or study.effect else best_arm(study, measurements)
    return package or declared_effect(study) or effect_by_claims(study) or default_effect(study, best), best


def when_reduced(study: Study, measurements: Measurements, effect: MainEffect) -> MainEffect:
    """The same effect; asked of an epoch that a reduced run does not reach, after the last one that both arms have."""
    configs = [measurements.arms().config(q.arm) for q in (effect.a, effect.b)]
    last = min((c.epochs for c in configs if not isinstance(c, Refusal)), default=0)
    beyond = any(isinstance(q.at, int) and q.at > last > 0 for q in (effect.a, effect.b))
    if not (study.reduced and beyond):
        return effect
    return replace(effect, a=replace(effect.a, at=last), b=replace(effect.b, at=last))


def declared_effect(study: Study) -> MainEffect | None:
    """The main effect that the study file names."""
    e = study.effect
    return None if e is None else _against_baseline(study, e.arm, Quantity(arm=e.arm, metric=e.metric, at=e.at))


def effect_by_claims(study: Study) -> MainEffect | None:
    """The first comparison with the baseline that the claims make, as the change against the baseline."""
    for claim in study.claims:
        for part in claim.parts:
            if not isinstance(part, Contrast) or part.a.arm == part.b.arm:
                continue
            if (part.a.metric, part.a.tensor, part.a.reaches) != (part.b.metric, part.b.tensor, part.b.reaches):
                continue  # a difference of two kinds of number has no name
            if (part.a.at == "fall") != (part.b.at == "fall"):
                continue
            a, b = (part.a, part.b) if part.a.arm != study.baseline else (part.b, part.a)
            if b.arm == study.baseline and not part.ratio:
                return MainEffect(
                    replace(a, arm=full_arm_name(study, a.arm)), replace(b, arm=full_arm_name(study, b.arm))
                )
    return None


def default_effect(study: Study, best: BestArm | None = None) -> MainEffect | None:
    """Validation accuracy of the first arm that is not the baseline; of the only arm where there is one.

    Of many arms the best one's against the baseline; where the baseline is the best, that of the next.
    """
    if best is not None and best.arms >= MANY_ARMS:
        arm = best.name if best.name != study.baseline else best.second
        return replace(_against_baseline(study, arm, Quantity(arm=arm, metric=METRIC)), chosen=True)
    of = study.config(study.baseline)
    names = [a.name for a in study.arms if a.name != study.baseline]
    names = [n for n in names if not why_no_verdict([of, study.config(n)])] or names or [study.baseline]
    return _against_baseline(study, names[0], Quantity(arm=names[0], metric="val_accuracy")) if names else None


def _against_baseline(study: Study, arm: str, quantity: Quantity) -> MainEffect:
    mine = replace(quantity, arm=full_arm_name(study, arm))
    epochs = {study.config(name).epochs for name in (arm, study.baseline)}
    if quantity.at == "last" and len(epochs) > 1:
        mine = replace(mine, at=min(epochs))
    return MainEffect(mine, replace(mine, arm=full_arm_name(study, study.baseline)))
