"""What is asked of a study before it is frozen into a results folder: its name, and the seeds that its claims may use.

What other folders hold cannot be known.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Mapping, Sequence

from study.spec.claims import Claim, arms_named
from study.spec.study import Family, Study
from study.spec.study_file import StudySource
from study.storage.results_folder import ResultsFolder
from trainables.config.errors import BadInput, StudyError


def check(store: ResultsFolder, given: Iterable[StudySource], ready: Sequence[Study], data_checksum: str) -> None:
    """Refuse what may not be frozen.

    Args:
        store: the folder that the studies are to be frozen into.
        given: the studies as they were read.
        ready: the same as they are to be run.
        data_checksum: of their data.

    Raises:
        BadInput: names study and claim, and what would do.
    """
    registered = {source.study.name for source in given if source.registered}
    refuse_other_places(ready, store, registered)
    for study in ready:
        refuse_other(store, study)
        if study.name not in registered:  # claims of a catalogue were written before anybody's folder was begun
            refuse_seen(store, study, data_checksum, ready)


def refuse_two_of_a_name(studies: Sequence[Study]) -> None:
    """Refuse two different studies of one name in one command.

    Raises:
        BadInput: names them.
    """
    first: dict[str, Study] = {}
    for study in studies:
        if first.setdefault(study.name, study) != study:
            other = first[study.name]
            raise BadInput(
                "name", study.name, f'two studies have it, "{other.title}" and "{study.title}": rename one of them'
            )


def refuse_other_places(
    studies: Sequence[Study], store: ResultsFolder | None = None, registered: Collection[str] = ()
) -> None:
    """Refuse studies of one family that say different numbers of places, and a family that changed after the first run.

    Args:
        studies: of one command.
        store: their folder, whose studies count too.
        registered: those of a catalogue; version 0.1 froze them without their family.

    Raises:
        BadInput: names both.
    """
    begun: dict[str, Family] = {}
    kept = store.studies if store is not None else None
    for name in kept.names() if kept else ():
        with contextlib.suppress(StudyError):  # all its versions are damaged, which is said of them
            assert kept is not None
            first = kept.versions(name)[0]
            if first.family is not None or name not in registered:
                begun[name] = first.in_family
    for study in studies:
        mine = begun.setdefault(study.name, study.in_family)
        if study.family not in (None, mine):
            raise BadInput(
                f"study {study.name}, family",
                f"{study.in_family.name} of {study.in_family.places} places",
                f"this folder has it in {mine.name} of {mine.places} since its first run, and that never changes: "
                "write that, or choose another --results",
            )
        for name, other in begun.items():
            if other.name == mine.name and other.places != mine.places:
                raise BadInput(
                    f"study {study.name}, family.places",
                    mine.places,
                    f"study {name} is of the same family, {other.name}, and says {other.places}: all its studies have "
                    "one number",
                )


def refuse_other(store: ResultsFolder, study: Study) -> None:
    """Refuse a study whose name another one has in the folder; the same one changed has its title, question or an arm.

    Raises:
        BadInput: names both.
    """
    kept = store.studies.versions(study.name)
    if kept and not any(_is_changed_from(study, version) for version in kept):
        raise BadInput(
            "name",
            study.name,
            f'{store.folder.where} has another study of this name, "{kept[-1].title}": '
            "rename yours, or choose another --results",
        )


def _is_changed_from(study: Study, before: Study) -> bool:
    if study.title == before.title or study.question == before.question:
        return True
    arms = {a.name for a in before.arms}
    return any(a.name in arms and study.config(a.name) == before.config(a.name) for a in study.arms)


def refuse_seen(store: ResultsFolder, study: Study, data_checksum: str, others: Sequence[Study] = ()) -> None:
    """Refuse a study with a claim that is new in the folder and would be judged by seeds that the folder has already.

    Args:
        store: the folder that the study is to be frozen into.
        study: as it is to be run.
        data_checksum: of its data.
        others: studies that run with it; claims may name their arms.

    Raises:
        BadInput: names the claims and the first seed that would do.
    """
    kept = {c.id: c for version in store.studies.versions(study.name) for c in version.claims}
    new = [c for c in study.claims if not (c.id in kept and c.judges_as(kept[c.id]))]
    if study.reduced or not new:
        return
    known = {**{s.name: s for s in store.studies.latest()}, **{s.name: s for s in others}, study.name: study}
    seeds = _seeds_on_record(store)
    late = {c.id: seen for c in new if (seen := _seen(c, study, known, data_checksum, seeds)) >= c.from_seed}
    if late:
        (name, seen), *more = late.items()
        also = f" (so for {', '.join(f'{n}: {s + 1}' for n, s in more)})" if more else ""
        given = next(c.from_seed for c in new if c.id == name)
        raise BadInput(
            f"study {study.name}, claim {name}, from_seed",
            given,
            f"this folder has seeds up to {seen} of its arms already, and a claim is judged by seeds that nobody had "
            f"seen when it was written: give from_seed: {seen + 1}{also}, or another --results",
        )


def _seen(claim: Claim, study: Study, known: Mapping[str, Study], data_checksum: str, seeds: Mapping[str, int]) -> int:
    """The largest seed on record of any arm of a claim; -1 where there is none."""
    found = -1
    for name in arms_named(claim):
        owner, _, arm = name.rpartition("/")
        if (of := known.get(owner or study.name)) is None:
            continue
        try:
            group = of.config(arm).group(data_checksum)
        except StudyError:
            continue
        found = max(found, seeds.get(group, -1))
    return found


def _seeds_on_record(store: ResultsFolder) -> dict[str, int]:
    """The largest seed of each configuration on record, by the name that its replicates share."""
    found: dict[str, int] = {}
    for record in store.trials.records():
        group = record.config.group(record.data_checksum)
        found[group] = max(found.get(group, -1), record.config.seed)
    return found
