"""Seeds that one folder of a merge had before a claim of another was written: they may not count towards it.

In a folder that has the claim, `study.storage.freezing` saw to that. What the other one held is known only now.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter

from study.spec import registry
from study.spec.claim_versions import arm_changed, arms_alike, as_protocol_has_it, same_version
from study.spec.claims import Claim, arms_named
from study.spec.study import Study
from study.storage.results_folder import ResultsFolder
from study.storage.search_answer import ANSWER, FIRST_FRESH_SEED
from study.storage.seen_seeds import SeenSeeds
from trainables.config.errors import BadInput, StudyError
from trainables.config.trial_config import TrialConfig
from trainables.records.trial_record import TrialRecord

CHOOSING = FIRST_FRESH_SEED - 1
"""The last seed that may choose the arms of a search's answer: all up to it are seen."""


class DatedFolder:
    """A results folder: its studies as they were frozen, and when each seed was trained."""

    def __init__(self, store: ResultsFolder, records: Iterable[TrialRecord] | None = None) -> None:
        """records: the folder's, of whoever has read them; else they are read."""
        self.where = store.folder.where
        self.dated = {name: store.studies.dated(name) for name in store.studies.names()}
        self.seeds = SeenSeeds(store, records=records)

    def written(self, study: Study, claim: Claim) -> str | None:
        """When it first had that version of a claim; empty where version 0.1 did not say, None where it has it not."""
        return _first(
            (at, bool(version.reduced), same_version(study, claim, version, c))
            for at, version in self.dated.get(study.name, [])
            for c in version.claims
            if c.id == claim.id
        )

    def named(self, study: Study, arm: str) -> str | None:
        """When it first had an arm of a study, configured as it is there; else as `written`."""
        return _first(
            (at, bool(version.reduced), not arm_changed(study, version, arm))
            for at, version in self.dated.get(study.name, [])
            if arm in {a.name for a in version.arms}
        )

    def whole(self, name: str) -> list[Study]:
        """The versions of a study that were run in full."""
        return [study for _, study in self.dated.get(name, []) if not study.reduced]

    def asked_of(self, study: Study, claim: Claim, arms: Iterable[str], known: Mapping[str, Study]) -> list[str]:
        """The names of a claim's arms whose seeds it was not asked for here with all knobs known, or was not frozen.

        Where it has the claim and all its arms, it asked for all when the last of them came. Where it has not an arm of
        another study, whoever gave that its knobs elsewhere may have seen what is here; a catalogue had seen nothing.
        """
        names = list(arms)
        if self.written(study, claim) is None:
            return names
        missing = [name for name in names if not self._has(study, name)]
        return missing if all(was_catalogued(name, known) for name in missing) else names

    def _has(self, study: Study, name: str) -> bool:
        """Whether it has an arm that a claim of a study names, in full."""
        owner, _, arm = name.rpartition("/")
        return owner in ("", study.name) or any(arm in {a.name for a in version.arms} for version in self.whole(owner))

    def searched(self, search: Study) -> str | None:
        """When it first had a search as it is there; else as `written`."""
        return _first((at, bool(v.reduced), v.search == search.search) for at, v in self.dated.get(search.name, []))


def _first(found: Iterable[tuple[str, bool, bool]]) -> str | None:
    """The first moment of versions, of each: when, whether it is reduced, whether it has what is looked for."""
    versions = list(found)
    full = next((i for i, (_, reduced, _) in enumerate(versions) if not reduced), None)
    # What arms were in full when it was reduced is what the first full version after that says.
    early = versions[:full] if full is None or versions[full][2] else []
    times = [at for at, reduced, same in versions if same and not reduced] + [at for at, _, same in early if same]
    return min(times, default=None)


def seconds_of(moment: str) -> float:
    """A moment in seconds since 1970; 0 where it is not known."""
    return dt.datetime.fromisoformat(moment).timestamp() if moment else 0.0


def refuse_older_seeds(folders: Sequence[DatedFolder]) -> None:
    """Refuse what would judge a claim by seeds that another folder had when it was written.

    Raises:
        BadInput: names study, claims and folder, and the first seed that would do.
    """
    known = {checksum for folder in folders for checksum in folder.seeds.checksums}
    for folder in folders:  # one in which all is under way has no trial that says what it was trained on
        folder.seeds.checksums = known
    judged = judged_versions([folder.dated for folder in folders])
    for study in judged.values():
        for claim in study.claims:
            if not is_older_rule(study, claim, judged):
                _refuse(study, claim, judged, folders)


def is_answer(name: str, known: Mapping[str, Study]) -> bool:
    """Whether a study is the answer of a search, and no study of somebody's that is called so."""
    stem = name.removesuffix(ANSWER)
    return stem != name and (known[stem].search is not None if stem in known else name not in known)


def is_older_rule(study: Study, claim: Claim, known: Mapping[str, Study]) -> bool:
    """Whether a claim follows from a rule that is older than any seed: a search's, or of a catalogue that says so."""
    if is_answer(study.name, known) and claim.from_seed < FIRST_FRESH_SEED:  # as version 0.2 wrote it
        return True
    catalogued = registry.predating(study.name)
    return catalogued is not None and any(
        c.id == claim.id and same_version(as_protocol_has_it(catalogued, study), c, study, claim)
        for c in catalogued.claims
    )


def was_catalogued(name: str, known: Mapping[str, Study]) -> bool:
    """Whether `STUDY/ARM` is of a catalogue that is older than other people's folders: no folder led to its knobs."""
    owner, _, arm = name.rpartition("/")
    catalogued = registry.predating(owner)
    return catalogued is not None and arm in arms_alike(known[owner], catalogued)


def judged_versions(folders: Sequence[Mapping[str, Sequence[tuple[str, Study]]]]) -> dict[str, Study]:
    """By name, the version that is judged when all are in one folder: the newest that was run in full."""
    found: dict[str, list[tuple[str, Study]]] = {}
    for folder in folders:
        for name, dated in folder.items():
            found.setdefault(name, []).extend((at, study) for at, study in dated if not study.reduced)
    return {name: max(dated, key=itemgetter(0))[1] for name, dated in found.items() if dated}


def configs(claim: Claim, study: Study, known: Mapping[str, Study]) -> dict[str, TrialConfig]:
    """What the arms of a claim are, by their names in it, as far as they are known."""
    found = {}
    for name in arms_named(claim):
        owner, _, arm = name.rpartition("/")
        with contextlib.suppress(StudyError, KeyError):  # an arm that is nowhere has no seeds
            found[name] = known[owner or study.name].config(arm)
    return found


def _refuse(study: Study, claim: Claim, known: Mapping[str, Study], folders: Sequence[DatedFolder]) -> None:
    arms = configs(claim, study, known)
    times = {folder.where: folder.written(study, claim) for folder in folders}
    written = min((at for at in times.values() if at is not None), default="")
    chosen = {name: _chosen(name, study, known, folders) for name in arms}
    last = max(chosen, key=lambda name: chosen[name], default="")
    complete = max(written, chosen.get(last, ""))
    begun = {name: max(complete, _named(name, study, known, folders)) for name in arms}
    for folder in folders:
        asked = [n for n in folder.asked_of(study, claim, arms, known) if begun[n]]  # version 0.1 did not say when
        late = {name: folder.seeds.largest([arms[name]], seconds_of(begun[name])) for name in asked}
        seen = max(late.values(), default=-1)
        if seen >= claim.from_seed:
            name = next(name for name in asked if late[name] == seen)
            of = "its arms" if begun[name] == written else name
            last = name if begun[name] > complete else last
            before = "it was" if begun[name] == written else "both were" if name == last else f"it and {last} were"
            enough = 1 + max(f.seeds.largest(arms.values()) for f in folders)
            holder = next(where for where, at in times.items() if at == written)
            out = (
                "keep the folders apart, and let the search go on in one of them"
                if is_answer(study.name, known)
                else f"run the study into {holder} with from_seed: {enough}, or keep the folders apart"
            )
            raise BadInput(
                f"study {study.name}, claim {claim.id}, from_seed",
                claim.from_seed,
                f"{folder.where} had seeds up to {seen} of {of} before {before} written. A claim is judged by "
                f"seeds that nobody had seen then. Nothing was merged: {out}",
            )


def _chosen(name: str, study: Study, known: Mapping[str, Study], folders: Sequence[DatedFolder]) -> str:
    """When somebody gave an arm of a claim its knobs, so far as what a folder had then could lead to them.

    Those of an answer are chosen by the rule of its search.
    """
    owner = name.rpartition("/")[0]
    if not owner or was_catalogued(name, known):
        return ""
    if not is_answer(owner, known):
        return _named(name, study, known, folders)
    search = known.get(owner.removesuffix(ANSWER))
    times = [folder.searched(search) for folder in folders] if search is not None else []
    return min((at for at in times if at is not None), default="")


def _named(name: str, study: Study, known: Mapping[str, Study], folders: Sequence[DatedFolder]) -> str:
    """When a folder first had an arm of a claim: whoever names one has seen what is on record then."""
    owner, _, arm = name.rpartition("/")
    times = [folder.named(known[owner or study.name], arm) for folder in folders]
    return min((at for at in times if at is not None), default="")
