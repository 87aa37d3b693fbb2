"""What is asked of the studies of folders that are to be one: names, and arms that others' claims name."""

from __future__ import annotations

from collections.abc import Sequence

from study.spec import registry
from study.spec.claim_versions import is_by_content
from study.spec.claims import arms_named
from study.spec.study import Family, Study
from study.storage.freezing import CAPITALS, is_changed_from
from study.storage.older_seeds import judged_versions
from study.storage.results_folder import ResultsFolder
from trainables.config.errors import BadInput
from trainables.config.plurals import counted
from trainables.config.trial_config import TrialConfig


def refuse_two_studies(stores: Sequence[ResultsFolder]) -> None:
    """Refuse to unite folders of which one has another study under a name that one before it has, or by its capitals.

    Raises:
        BadInput: names both.
    """
    known: dict[str, tuple[str, str, list[Study]]] = {}
    for store in stores:
        for name in store.studies.names():
            if not (versions := store.studies.readable(name)):
                continue
            here = store.folder.where
            other, where, before = known.setdefault(name.casefold(), (name, here, []))
            if name != other:
                raise BadInput("name", name, f"{where} has a study {other}, and {CAPITALS}: nothing was merged")
            if before and not any(is_changed_from(version, old) for version in versions for old in before):
                both = f'it is another study in {here}, "{versions[-1].title}", than in {where}, "{before[-1].title}"'
                raise BadInput("name", name, f"{both}: nothing was merged")
            before += versions


def refuse_two_arms(stores: Sequence[ResultsFolder]) -> None:
    """Refuse to unite folders that have different arms of one name, of which another study's claim speaks.

    Raises:
        BadInput: names the arm, both folders and a claim.
    """
    named: dict[tuple[str, str], tuple[str, str]] = {}
    arms: dict[tuple[str, str], list[tuple[str, TrialConfig]]] = {}
    for store in stores:
        for study in (version for name in store.studies.names() for version in store.studies.readable(name)):
            for claim in study.claims:
                for owner, _, arm in (name.rpartition("/") for name in arms_named(claim)):
                    if owner not in ("", study.name):
                        named.setdefault((owner, arm), (study.name, claim.id))
    for store in stores:
        for owner in {owner for owner, _ in named}:
            whole = [version for version in store.studies.readable(owner) if not version.reduced]
            newest = {arm.name: version for version in whole for arm in version.arms}
            for arm, version in newest.items():
                arms.setdefault((owner, arm), []).append((store.folder.where, version.config(arm)))
    judged = judged_versions([{n: store.studies.dated(n) for n in store.studies.names()} for store in stores])
    for key, (study_name, claim_id) in named.items():
        found = arms.get(key, [])
        there = [w for w, last in newest_in(stores, key[0]) if key[1] in {arm.name for arm in last.arms}]
        if there and key[1] not in {arm.name for arm in judged[key[0]].arms}:
            raise BadInput(
                f"study {key[0]}, arm",
                key[1],
                f"claim {claim_id} of study {study_name} speaks of it as {there[0]} has it. The newest version of "
                "the study, in another folder, has it no more. Nothing was merged",
            )
        for where, config in found[1:]:
            if config != found[0][1]:
                raise BadInput(
                    f"study {key[0]}, arm",
                    key[1],
                    f"claim {claim_id} of study {study_name} speaks of it, and its knobs are others in {where} than in "
                    f"{found[0][0]}. Nothing was merged",
                )


def newest_in(stores: Sequence[ResultsFolder], name: str) -> list[tuple[str, Study]]:
    """The newest version of a study that was run in full, of each folder that has one."""
    whole = [(s.folder.where, [v for v in s.studies.readable(name) if not v.reduced]) for s in stores]
    return [(where, versions[-1]) for where, versions in whole if versions]


def refuse_two_families(stores: Sequence[ResultsFolder]) -> None:
    """Refuse folders that have a study in different families, or a family of different numbers of places.

    Raises:
        BadInput: names the study and both.
    """
    of_study: dict[str, tuple[str, Family]] = {}
    of_name: dict[str, tuple[str, str, int]] = {}
    for store in stores:
        here = store.folder.where
        for name in store.studies.names():
            for first in store.studies.readable(name)[:1]:
                older = registry.predating(name)
                if first.family is None and older is not None and is_by_content(first, older):
                    continue  # version 0.1 froze these without their family
                family = first.in_family
                where, known = of_study.setdefault(name, (here, family))
                other, there, places = of_name.setdefault(family.name, (name, here, family.places))
                if family != known:
                    raise BadInput(
                        f"study {name}, family",
                        f"{family.name} of {counted(family.places, 'place')}",
                        f"so {here} has it since its first run, and {where} has it in {known.name} of {known.places}: "
                        "that never changes, so nothing was merged. Run one of them anew with the other's family, or "
                        "keep the folders apart",
                    )
                if family.places != places:
                    raise BadInput(
                        f"study {name}, family.places",
                        family.places,
                        f"study {other} in {there} is of the same family, {family.name}, and says {places}: that never "
                        "changes, so nothing was merged. Run one of them anew, or keep the folders apart",
                    )
