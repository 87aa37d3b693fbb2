"""Arms of other studies that claims name, `STUDY/ARM`: one that no study has could never be judged."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence

from study.spec import registry
from study.spec.claim_versions import is_by_content
from study.spec.claims import arms_of
from study.spec.data_names import data_names
from study.spec.faults import Fault, Place, together
from study.spec.study import NAME, Study
from study.spec.study_file import StudySource
from study.storage.results_folder import ResultsFolder
from study.storage.search_answer import ANSWER
from trainables.config.errors import BadInput, StudyError
from trainables.config.nearest import did_you_mean

LATE = "seeds that its other arms have before that study comes will not count"
"""What becomes of a claim whose arm comes later (`study.storage.late_arms`)."""


def check_other_arms(given: Sequence[StudySource], store: ResultsFolder | None) -> list[str]:
    """Refuse arms that other studies have not, or of other data; a line for each study that is nowhere.

    Args:
        given: the studies of one command, as they were read.
        store: their results folder, if it is there; it may hold the others.

    Raises:
        BadInput: says every such arm, with its claim and part.
    """
    known, absent = {s.study.name: s.study for s in given}, dict[str, str]()
    errors = list[BadInput]()
    for source in given:
        study, faults = source.study, list[Fault]()
        for at, where, name in _named_elsewhere(study):
            owner, _, arm = name.rpartition("/")
            if owner not in known and (found := _found(owner, store)) is not None:
                known[owner] = found
            if owner not in known and _searched(owner, known, store):
                continue  # it comes when that search ends
            if owner not in known:
                lacks = f"there is no study {owner} in this command, in the results folder or in `study list`"
                absent.setdefault(owner, f"{where}: it needs {name}, and {lacks}: name its file too; {LATE}")
            elif why := _unfit(study, known[owner], arm):
                faults.append(Fault(at, name, why))
        if faults:
            errors.append(source.bad(faults))
    if errors:
        raise together(errors)
    return list(absent.values())


def _searched(owner: str, known: Mapping[str, Study], store: ResultsFolder | None) -> bool:
    """Whether a name is that of the answer of a search that is known."""
    name = owner.removesuffix(ANSWER)
    search = known.get(name) or _found(name, store)
    return name != owner and search is not None and search.search is not None


def _unfit(study: Study, other: Study, arm: str) -> str:
    """Why a claim of a study cannot speak of an arm of another one; empty where it can."""
    arms = [a.name for a in other.arms]
    if arm not in arms:
        return f"study {other.name} has no such arm; it has {', '.join(arms) or 'no arms'}{did_you_mean(arm, arms)}"
    if (data := other.config(arm).data) != (own_data := data_names(study)[0]):
        return f"it learns {data}, and study {study.name} is of {own_data}: name one of that data"
    return ""


def _found(name: str, store: ResultsFolder | None) -> Study | None:
    """A study of the results folder, or of a catalogue."""
    with contextlib.suppress(StudyError):  # all its versions are damaged, which is said of them
        if store is not None and (versions := store.studies.versions(name)):
            return versions[-1]
    return registry.registered(name)


def meant_by(name: str, store: ResultsFolder | None) -> Study | None:
    """The study that a claim means by a name: a catalogue's, but where the folder has somebody's own of that name.

    None where neither has one.
    """
    there = store.studies.readable(name) if store is not None and NAME.fullmatch(name) else []
    own, registered = [version for version in there if not version.reduced][-1:], registry.registered(name)
    if own and (registered is None or not is_by_content(own[0], registered)):
        return own[0]
    return registered


def _named_elsewhere(study: Study) -> Iterator[tuple[Place, str, str]]:
    """Where a claim names an arm of another study, also in words, and the arm."""
    for j, claim in enumerate(study.claims):
        for i, part in enumerate(claim.parts):
            where = f"study {study.name}, claim {claim.id}, part {i + 1}"
            yield from ((("claims", j, "parts", i), where, name) for name in arms_of(part) if "/" in name)
