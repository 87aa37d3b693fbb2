"""When a claim is the same as before, and when it is another version of it: what is judged decides, words do not."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
from collections.abc import Iterable, Iterator, Sequence

from study.spec.claims import Claim, arms_named, own_arm
from study.spec.study import Study
from trainables.config.errors import StudyError
from trainables.config.identity import canonical_json
from trainables.config.trial_config import TrialConfig

REDUCED_KNOBS = frozenset({"epochs", "train_images", "batch_size"})
"""What a reduced run changes in an arm; nothing is judged by such runs."""
PROTOCOL_KNOBS = ("held_out", "device", "precision")
"""What a run decides in an arm, and no study."""


def same_version(study: Study, claim: Claim, other: Study, before: Claim) -> bool:
    """Whether a claim of a study judges what a claim of another version of that study does, by the same seeds.

    An arm that is configured otherwise is another arm, though it has the old name.
    """
    return claim.judges_as(before) and not any(arm_changed(study, other, arm) for arm in own_arms(study.name, claim))


def renamed_arms(study: Study, claim: Claim, other: Study, before: Claim) -> dict[str, str]:
    """The arms of its own study that a claim calls otherwise than its earlier version did, old name to new.

    Empty where the claim differs in more than these names, or an arm is configured otherwise too.
    """
    was, now = own_arms(other.name, before), own_arms(study.name, claim)
    names = {old: new for old, new in zip(was, now, strict=False) if old != new}
    if len(was) != len(now) or len(set(names.values())) != len(names) or claim.from_seed != before.from_seed:
        return {}
    return names if all(is_renamed(study, new, other, old) for old, new in names.items()) else {}


def is_renamed(study: Study, arm: str, other: Study, old: str) -> bool:
    """Whether an arm is one of an earlier version by another name: configured as that one was, whose name is gone."""
    with contextlib.suppress(StudyError):  # a name that neither version has
        return all(a.name != old for a in study.arms) and study.config(arm) == other.config(old)
    return False


def own_arms(study: str, claim: Claim) -> tuple[str, ...]:
    """Every arm of its own study that a claim needs, by its name there."""
    return tuple(arm for name in arms_named(claim) if (arm := own_arm(study, name)) is not None)


def arm_changed(study: Study, other: Study, arm: str) -> bool:
    """Whether an arm is configured otherwise in two versions of a study, but for what a reduced run changes."""
    with contextlib.suppress(StudyError):  # an arm that is not there is told elsewhere
        knobs = set(study.config(arm).differing(other.config(arm)))
        if bool(study.reduced) == bool(other.reduced):
            return bool(knobs)
        small, whole = (study, other) if study.reduced else (other, study)
        if small.arm(arm).in_full:
            return small.arm(arm).in_full != in_full(whole.config(arm))
        return bool({knob for knob in knobs if not _reduces(knob, small.config(arm), whole.config(arm))})
    return False


def in_full(config: TrialConfig) -> str:
    """A digest of an arm's configuration in full: a reduced study keeps it, for many reduce to the same."""
    return hashlib.sha256(canonical_json({**config.to_dict(), "seed": 0}).encode()).hexdigest()[:20]


def _reduces(knob: str, small: TrialConfig, whole: TrialConfig) -> bool:
    """Whether a reduced run may make a knob of an arm so, of what it is in full: for one that keeps no digest."""
    if knob == "batch_size":  # at most all images that are left
        return small.batch_size < whole.batch_size and small.train_images in (None, small.batch_size)
    if knob == "epochs":
        return small.epochs < whole.epochs
    return knob == "train_images" and small.train_images is not None


def as_protocol_has_it(study: Study, run: Study) -> Study:
    """A study with the device, the precision and what is held out of one that was run."""
    return dataclasses.replace(study, base={**study.base, **{n: run.base[n] for n in PROTOCOL_KNOBS if n in run.base}})


def arms_alike(study: Study, known: Study) -> set[str]:
    """The arms that two studies have by one name, configured alike but for what a run decides."""
    shared = {arm.name for arm in study.arms} & {arm.name for arm in known.arms}
    if not shared:
        return set()
    as_run = as_protocol_has_it(known, study)
    return {arm for arm in shared if not arm_changed(study, as_run, arm)}


def is_by_content(study: Study, known: Study) -> bool:
    """Whether a study is one that is known, whatever it is called: half of that one's arms at least are in it."""
    alike = arms_alike(study, known)
    return bool(alike) and 2 * len(alike) >= len(known.arms)


def changed_arms_that_others_name(
    study: Study, before: Sequence[Study], others: Iterable[Study]
) -> Iterator[tuple[str, str, str]]:
    """The arms that changed since the newest version of a study that has them, or went, and that others' claims name.

    Args:
        study: as it is now.
        before: its versions, the newest last.
        others: studies, in whichever versions.

    Returns:
        of each the arm, and the study and the claim that name it.
    """
    newest = {arm.name: version for version in before for arm in version.arms}
    mine = {arm.name for arm in study.arms}
    changed = {name for name, version in newest.items() if name not in mine or arm_changed(study, version, name)}
    for other in others:
        for claim in other.claims:
            for name in arms_named(claim):
                owner, _, arm = name.rpartition("/")
                if owner == study.name and arm in changed:
                    yield arm, other.name, claim.id
