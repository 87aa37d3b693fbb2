"""Arms that come into a results folder after a claim that names them: seeds that were seen by then do not count."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from study.spec import registry
from study.spec.arm_names import full_arm_name
from study.spec.claims import Claim, arms_named
from study.spec.faults import together
from study.spec.study import Study, latest_whole_version
from study.storage.older_seeds import DatedFolder, configs, is_answer, is_older_rule, seconds_of, was_catalogued
from study.storage.results_folder import ResultsFolder
from study.storage.search_answer import ANSWER, FIRST_FRESH_SEED
from trainables.config.errors import BadInput


def refuse_arms_seen_before(store: ResultsFolder, study: Study, others: Sequence[Study] = ()) -> None:
    """Refuse arms that are new in a folder where it has seeds that another study's claim on them would count.

    The claim was written when its arm's study was nowhere, so nobody could ask it for them. Whoever names an arm now
    has seen what is on record now: of that arm's configuration, and of the claim's other arms. Of a search it is the
    arms of its answer that are named.

    Args:
        store: the folder that the study is to be frozen into.
        study: as it is to be run.
        others: studies that run with it, in full: a version of a claim that one of them has now replaces the one on
            record.

    Raises:
        BadInput: names each such arm and a claim.
    """
    new = _new_arms(store, study)
    if not new or study.reduced:
        return
    every = {name: store.studies.readable(name) for name in store.studies.names() if name != study.name}
    known = {name: latest_whole_version(versions) for name, versions in every.items() if versions}
    known |= {s.name: s for s in (*others, study)}
    concerned = [
        (version, claim)
        for version, claim in _newest_claims(every, {s.name: s for s in others})
        if any(_is_new(name, new) for name in arms_named(claim)) and not is_older_rule(version, claim, known)
    ]
    if not concerned:
        return
    folder = DatedFolder(store)  # reads every record
    late: dict[str, BadInput] = {}
    for version, claim in concerned:
        written = folder.written(version, claim)
        if written is None:  # reduced, and another one in full
            continue
        for name in (name for name in arms_named(claim) if _is_new(name, new) and name not in late):
            why = _why_late(folder, name, _Judged(version, claim, written), known)
            if why is not None:
                owner, _, arm = name.rpartition("/")
                late[name] = BadInput(f"study {owner}, arm", arm, f"claim {claim.id} of study {version.name} {why}")
    if late:
        raise together([*late.values()])


def _new_arms(store: ResultsFolder, study: Study) -> frozenset[str]:
    """The arms of a study that no version on record has in full, by their names in claims of other studies.

    Of a search that is new or has changed: the name of its answer, with the slash after it.
    """
    whole = [version for version in store.studies.versions(study.name) if not version.reduced]
    if study.search is not None:
        same = any(version.search == study.search for version in whole)
        return frozenset() if same else frozenset({f"{study.name}{ANSWER}/"})
    kept = {arm.name for version in whole for arm in version.arms}
    return frozenset(f"{study.name}/{arm.name}" for arm in study.arms if arm.name not in kept)


def _is_new(name: str, new: frozenset[str]) -> bool:
    return name in new or f"{name.rpartition('/')[0]}/" in new


def _newest_claims(every: Mapping[str, Sequence[Study]], others: Mapping[str, Study]) -> Iterator[tuple[Study, Claim]]:
    """The last version of each claim of some studies, also of one that was taken out, for it may come back."""
    for name, versions in every.items():
        in_order = [*sorted(versions, key=lambda version: not version.reduced), *filter(None, [others.get(name)])]
        yield from {claim.id: (version, claim) for version in in_order for claim in version.claims}.values()


@dataclass(frozen=True)
class _Judged:
    """A claim as a study has it, and when the folder first had it so."""

    study: Study
    claim: Claim
    written: str


def _why_late(folder: DatedFolder, name: str, judged: _Judged, known: Mapping[str, Study]) -> str | None:
    """Why a claim would count seeds that were seen before one of its arms had its knobs; None where it would not."""
    owner, _, arm = name.rpartition("/")
    claim = judged.claim
    answers = is_answer(owner, known)
    arms = configs(claim, judged.study, known)
    enough = max(1 + folder.seeds.largest(arms.values()), FIRST_FRESH_SEED if answers else 0)
    if claim.from_seed >= enough:
        return None
    if answers and claim.from_seed < FIRST_FRESH_SEED:
        why = f"speaks of it from seed {claim.from_seed} on, and seeds below {FIRST_FRESH_SEED} choose it"
        return f"{why}: {_ways_out(owner, known, enough)}"
    here = folder.named(known[owner], arm) if owner in known else None
    moment = math.inf if here is None else seconds_of(max(judged.written, here))
    if name in arms and (seen := folder.seeds.largest([arms[name]], moment)) >= claim.from_seed:
        why = f"speaks of it, and this folder had seeds up to {seen} of this configuration before both were written"
        return f"{why}: {_ways_out(owner, known, enough)}"
    if (answers and owner in known) or was_catalogued(name, known):  # a search was asked when it came
        return None
    if judged.study.reduced:  # what is on record of its arms is not what is judged
        return None
    for other in (other for other in arms if other != name):
        if (seen := folder.seeds.largest([arms[other]], moment)) >= claim.from_seed:
            full = full_arm_name(judged.study, other)
            why = f"compares it, and this folder had seeds up to {seen} of {full} before this arm was written"
            return f"{why}: {_ways_out(owner, known, enough)}"
    return None


def _ways_out(owner: str, known: Mapping[str, Study], enough: int) -> str:
    anew = (
        "" if is_answer(owner, known) or registry.registered(owner) == known[owner] else "give the arm another name, "
    )
    return f"{anew}give that claim from_seed: {enough} and run both studies in one command, or choose another folder"
