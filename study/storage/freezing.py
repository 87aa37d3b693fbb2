"""What is asked of a study before it is frozen into a results folder: its name, its data, the seeds of its claims.

What other folders hold cannot be known.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Mapping, Sequence

from study.spec import registry
from study.spec.claim_versions import (
    as_protocol_has_it,
    changed_arms_that_others_name,
    is_by_content,
    renamed_arms,
    same_version,
)
from study.spec.claims import Claim, arms_named
from study.spec.faults import together
from study.spec.gathered_faults import told_together
from study.spec.located import located
from study.spec.study import Family, Study
from study.spec.study_file import StudySource
from study.storage.data_content import refuse_other_content
from study.storage.gone_parts import gone_files
from study.storage.late_arms import refuse_arms_seen_before
from study.storage.lost_study import lost_file
from study.storage.older_seeds import CHOOSING, configs, is_answer
from study.storage.results_folder import ResultsFolder
from study.storage.search_answer import FIRST_FRESH_SEED
from study.storage.seen_seeds import SeenSeeds
from trainables.config.errors import BadInput
from trainables.config.plurals import counted
from trainables.data.dataset import DataSet

CAPITALS = "some disks do not tell names apart that differ by capitals alone"
"""Why a name that differs in nothing else is the same."""


def check_freezable(
    store: ResultsFolder,
    given: Iterable[StudySource],
    ready: Sequence[Study],
    data_checksum: str,
    data: DataSet | None = None,
) -> None:
    """Refuse what may not be frozen.

    Args:
        store: the folder that the studies are to be frozen into.
        given: the studies as they were read.
        ready: the same as they are to be run.
        data_checksum: of their data.
        data: these, for what is said of their file.

    Raises:
        BadInput: names study and claim, and what would do.
    """
    sources = {source.study.name: source for source in given}
    older = {name for name, source in sources.items() if source.claims_predate}
    whole = {s.name: _in_full(s, sources[s.name].study) if s.name in sources else s for s in ready}
    with told_together() as faults:
        with faults.put_aside():
            refuse_other_places(ready, store, older)
        with faults.put_aside():
            refuse_other_content(store, ready, data_checksum, data, sources.values())
        for study in ready:
            with faults.put_aside():
                refuse_other_study(store, study)
                with told_together() as of_study:
                    with of_study.put_aside():
                        refuse_arm_of_others(store, study)
                    with of_study.put_aside():
                        refuse_arms_seen_before(store, study, tuple(whole.values()))
                    if study.name not in older:  # its own claims are; those of others that name its arms are not
                        refuse_seen_seeds(store, whole[study.name], data_checksum, tuple(whole.values()))
        faults.found = [located(error, sources.values()) for error in faults.found]


def check_answer(store: ResultsFolder, answer: Study) -> None:
    """Refuse the answer of a search where claims of other studies name its arms and would not count unseen seeds.

    Raises:
        BadInput: names the arm and a claim.
    """
    refuse_arm_of_others(store, answer)
    refuse_arms_seen_before(store, answer)


def _in_full(ready: Study, given: Study) -> Study:
    """A study as it would be run in full: a reduced run freezes its claims too, so they are asked the same."""
    if not ready.reduced:
        return ready
    return dataclasses.replace(as_protocol_has_it(given, ready), claims=ready.claims)


def refuse_two_of_a_name(studies: Sequence[Study]) -> None:
    """Refuse two different studies of one name in one command; capitals make no other name.

    Raises:
        BadInput: names them.
    """
    first: dict[str, Study] = {}
    for study in studies:
        if (other := first.setdefault(study.name.casefold(), study)) != study:
            also = "" if other.name == study.name else f" (the other as {other.name}; {CAPITALS})"
            raise BadInput(
                "name",
                study.name,
                f'two studies have it, "{other.title}" and "{study.title}"{also}: rename one of them',
            )


def refuse_other_places(
    studies: Sequence[Study], store: ResultsFolder | None = None, older: Collection[str] = ()
) -> None:
    """Refuse studies of one family that say different numbers of places, and a family that changed after the first run.

    Args:
        studies: of one command.
        store: their folder, whose studies count too.
        older: those whose claims are older than the folder; version 0.1 froze them without their family.

    Raises:
        BadInput: names both.
    """
    begun: dict[str, Family] = {}
    kept = store.studies if store is not None else None
    for name in kept.names() if kept else ():
        assert kept is not None
        for first in kept.readable(name)[:1]:
            if first.family is not None or name not in older:
                begun[name] = first.in_family
    with told_together() as faults:
        for study in studies:
            with faults.put_aside():
                _refuse_other_places(study, begun)


def _refuse_other_places(study: Study, begun: dict[str, Family]) -> None:
    """The same of one study; `begun`: the families of those before it by name, to which its own is added."""
    family = begun.setdefault(study.name, study.in_family)
    if study.family not in (None, family):
        raise BadInput(
            f"study {study.name}, family",
            f"{study.in_family.name} of {counted(study.in_family.places, 'place')}",
            f"this folder has it in {family.name} of {family.places} since its first run, and that never changes: "
            "write that, or choose another folder",
        )
    for name, other in begun.items():
        if other.name == family.name and other.places != family.places:
            raise BadInput(
                f"study {study.name}, family.places",
                family.places,
                f"study {name} is of the same family, {other.name}, and says {other.places}: all its studies have "
                "one number",
            )


def refuse_other_study(store: ResultsFolder, study: Study) -> None:
    """Refuse a study whose name another one has in the folder; the same one changed has its title, question or an arm.

    A new name that differs from one in the folder by its capitals alone is that name.

    Raises:
        BadInput: names both.
    """
    names = store.studies.names()
    alike = next((n for n in names if n != study.name and n.casefold() == study.name.casefold()), None)
    if alike is not None and study.name not in names:
        raise BadInput(
            "name",
            study.name,
            f"{store.folder.where} has a study {alike}, and {CAPITALS}: write {alike} if that is meant, rename yours, "
            "or choose another folder",
        )
    kept = store.studies.versions(study.name)
    if kept and not any(is_changed_from(study, version) for version in kept):
        raise BadInput(
            "name",
            study.name,
            f'{store.folder.where} has another study of this name, "{kept[-1].title}": '
            "rename yours, or choose another folder",
        )


def is_changed_from(study: Study, before: Study) -> bool:
    """Whether it is the same study, changed: its title, its question or an arm is as before."""
    if study.title == before.title or study.question == before.question:
        return True
    arms = {a.name for a in before.arms}
    return any(a.name in arms and study.config(a.name) == before.config(a.name) for a in study.arms)


def refuse_arm_of_others(store: ResultsFolder, study: Study) -> None:
    """Refuse an arm that changed or went while claims of other studies of the folder speak of it as it was.

    Whichever version of the other study has the claim: one that is taken out may come back.

    Raises:
        BadInput: names each such arm and a claim that speaks of it.
    """
    kept = [version for version in store.studies.versions(study.name) if bool(version.reduced) == bool(study.reduced)]
    names = [name for name in store.studies.names() if name != study.name] if kept else []
    others = [version for name in names for version in store.studies.readable(name)]
    named: dict[str, BadInput] = {}
    for arm, owner, claim in changed_arms_that_others_name(study, kept, others):
        gone = arm not in {a.name for a in study.arms}
        here = "here it is gone: keep it" if gone else "here its knobs are others: give the new one a name of its own"
        if is_answer(study.name, {v.name: v for v in (*others, study)}):
            here = "the search has another answer now: leave the one on record as it is"
        why = f"claim {claim} of study {owner} speaks of it as this folder has it, and {here}, or choose another folder"
        named.setdefault(arm, BadInput(f"study {study.name}, arm", arm, why))
    if named:
        raise together([*named.values()])


def refuse_seen_seeds(store: ResultsFolder, study: Study, data_checksum: str, others: Sequence[Study] = ()) -> None:
    """Refuse a study with a claim that is new in the folder and would be judged by seeds that the folder has already.

    Args:
        store: the folder that the study is to be frozen into.
        study: as it is to be run, in full.
        data_checksum: of its data.
        others: studies that run with it, in full; claims may name their arms.

    Raises:
        BadInput: names the claims and the first seed that would do.
    """
    versions = store.studies.versions(study.name)  # of a reduced one's arms it is not known how they are in full
    in_order = sorted(versions, key=lambda version: not version.reduced)
    kept = {c.id: (version, c) for version in in_order for c in version.claims}
    new = [c for c in study.claims if not (c.id in kept and same_version(study, c, *kept[c.id]))]
    if study.reduced or not new:
        return
    whole = (v for name in store.studies.names() for v in store.studies.readable(name) if not v.reduced)
    known = {s.name: s for s in (*whole, *others, study)}
    seeds = SeenSeeds(store, data_checksum)
    late = {c.id: seen for c in new if (seen := _seen(c, study, known, seeds)) >= c.from_seed}
    if late:
        (name, seen), *more = late.items()
        also = f" (so for {', '.join(f'{n}: {s + 1}' for n, s in more)})" if more else ""
        claim = next(c for c in new if c.id == name)
        renamed = renamed_arms(study, claim, *kept[name]) if name in kept else {}
        when, first = _when_is_lost(store, study.name)
        why = (
            f"this folder has seeds up to {seen} of its arms already. A claim is judged by seeds that nobody had seen "
            f"when it was written{when}: {first}{_old_names(renamed)}give from_seed: {seen + 1}{also}, "
            "or another folder"
            if seen != CHOOSING
            else f"it names an arm of a search's answer, which seeds below {FIRST_FRESH_SEED} choose: give from_seed: "
            f"{FIRST_FRESH_SEED}{also}"
        )
        raise BadInput(f"study {study.name}, claim {name}, from_seed", claim.from_seed, why)


def _old_names(renamed: Mapping[str, str]) -> str:
    """The way back from arms that got another name; nothing where none did.

    >>> _old_names({"drop": "half"})
    'half is the arm drop here: leave its name, and give it `say: half` for pages and sentences; else '
    """
    said = [
        f"{new} is the arm {old} here: leave its name, and give it `say: {new}` for pages and sentences"
        for old, new in renamed.items()
    ]
    return "; ".join(said) + "; else " if said else ""


def _when_is_lost(store: ResultsFolder, name: str) -> tuple[str, str]:
    """Which file of a study said when its claims were written and cannot be read, in brackets, and what helps first;
    both empty where none did.
    """
    if lost := lost_file(store, name):
        return f" ({lost}, which said when it was, is damaged)", ""
    gone = [file for file in gone_files(store) if file.split("/")[1] == name]
    return (f" ({gone[-1]}, which said when it was, is gone)", "put it back, or ") if gone else ("", "")


def _seen(claim: Claim, study: Study, known: Mapping[str, Study], seeds: SeenSeeds) -> int:
    """The largest seed that is seen of any arm of a claim; -1 where there is none."""
    chosen = [n for n in arms_named(claim) if is_answer(n.rpartition("/")[0] or study.name, known)]
    arms = {**configs(claim, study, _of_catalogues(claim, known)), **configs(claim, study, known)}
    return max(CHOOSING if chosen else -1, seeds.largest(arms.values()))


def _of_catalogues(claim: Claim, known: Mapping[str, Study]) -> dict[str, Study]:
    """The studies of catalogues whose arms a claim names: they are known before a folder has them.

    Not where the folder, or the command, has somebody's own study of that name.
    """
    owners = {name.rpartition("/")[0] for name in arms_named(claim)}
    found = {owner: study for owner in owners if (study := registry.registered(owner)) is not None}
    return {owner: s for owner, s in found.items() if owner not in known or is_by_content(known[owner], s)}
