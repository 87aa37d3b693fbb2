"""Seeds that one folder of a merge had before a claim of another was written: they may not count towards it.

In a folder that has the claim, `study.storage.freezing` saw to that. What the other one held is known only now.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter

from study.spec import registry
from study.spec.claim_versions import same_version
from study.spec.claims import Claim, arms_named
from study.spec.study import Study
from study.storage.results_folder import ResultsFolder
from trainables.config.errors import BadInput, StudyError
from trainables.config.trial_config import TrialConfig
from trainables.records.agreement import trained_at

ANSWER = ".answer"
"""What the name of a search's answer ends with: its claims follow from a rule that is older than its seeds."""


class _Folder:
    """One folder of a merge: its studies as they were frozen, and when each seed was trained."""

    def __init__(self, store: ResultsFolder) -> None:
        self.where = store.folder.where
        self.dated = {name: store.studies.dated(name) for name in store.studies.names()}
        self._trained: dict[str, list[tuple[int, float]]] = {}
        self._checksums: set[str] = set()
        for record in (*store.trials.all_records(), *store.trials.failures()):
            group, ended = record.config.group(record.data_checksum), record.provenance.get("ended")
            when = trained_at(ended)
            self._trained.setdefault(group, []).append((record.config.seed, when if when < math.inf else 0.0))
            self._checksums.add(record.data_checksum)

    def written(self, study: Study, claim: Claim) -> str | None:
        """When it first had that version of a claim; empty where version 0.1 did not say, None where it has it not."""
        found = [
            (at, bool(version.reduced), same_version(study, claim, version, c))
            for at, version in self.dated.get(study.name, [])
            for c in version.claims
            if c.id == claim.id
        ]
        full = next((i for i, (_, reduced, _) in enumerate(found) if not reduced), None)
        # What its arms were in full when it was reduced is what the first full version after that says.
        early = found[:full] if full is None or found[full][2] else []
        times = [at for at, reduced, same in found if same and not reduced] + [at for at, _, same in early if same]
        return min(times, default=None)

    def seeds(self, arms: Sequence[TrialConfig], before: float = math.inf) -> Iterator[int]:
        """The seeds of some configurations that were trained before a moment; so may be those that do not say when."""
        for group in {config.group(checksum) for config in arms for checksum in self._checksums}:
            yield from (seed for seed, when in self._trained.get(group, ()) if when < before)


def refuse_older_seeds(stores: Sequence[ResultsFolder]) -> None:
    """Refuse what would judge a claim by seeds that another folder had when it was written.

    Raises:
        BadInput: names study, claims and folder, and the first seed that would do.
    """
    folders = [_Folder(store) for store in stores]
    judged = _judged(folders)
    for name, study in judged.items():
        if not name.endswith(ANSWER) and registry.predating(name) is None:
            for claim in study.claims:
                _refuse(study, claim, _configs(claim, study, judged), folders)


def _judged(folders: Sequence[_Folder]) -> dict[str, Study]:
    """By name, the version that is judged when all are in one folder: the newest that was run in full."""
    found: dict[str, list[tuple[str, Study]]] = {}
    for folder in folders:
        for name, dated in folder.dated.items():
            found.setdefault(name, []).extend((at, study) for at, study in dated if not study.reduced)
    return {name: max(dated, key=itemgetter(0))[1] for name, dated in found.items() if dated}


def _configs(claim: Claim, study: Study, known: Mapping[str, Study]) -> list[TrialConfig]:
    found = []
    for name in arms_named(claim):
        owner, _, arm = name.rpartition("/")
        with contextlib.suppress(StudyError, KeyError):  # an arm that is nowhere has no seeds
            found.append(known[owner or study.name].config(arm))
    return found


def _refuse(study: Study, claim: Claim, arms: Sequence[TrialConfig], folders: Sequence[_Folder]) -> None:
    times = {folder.where: folder.written(study, claim) for folder in folders}
    written = min((at for at in times.values() if at is not None), default="")
    if not written:
        return
    moment = dt.datetime.fromisoformat(written).timestamp()
    for folder in folders:
        seen = max(folder.seeds(arms, moment), default=-1) if times[folder.where] is None else -1
        if seen >= claim.from_seed:
            holder = next(where for where, at in times.items() if at == written)
            enough = 1 + max(seed for other in folders for seed in other.seeds(arms))
            raise BadInput(
                f"study {study.name}, claim {claim.id}, from_seed",
                claim.from_seed,
                f"{folder.where} had seeds up to {seen} of its arms before it was written, and a claim is judged by "
                f"seeds that nobody had seen then. Nothing was merged: run the study into {holder} with "
                f"from_seed: {enough}, or keep the folders apart",
            )


def refuse_arms_seen_before(store: ResultsFolder, study: Study) -> None:
    """Refuse arms that are new in a folder, and that it had trained before another study's claim spoke of them.

    The claim was written when its arm's study was nowhere, so nobody could ask it for the seeds that had been seen.

    Raises:
        BadInput: names the arm and the claim.
    """
    kept = {arm.name for version in store.studies.versions(study.name) for arm in version.arms}
    new = {f"{study.name}/{arm.name}": arm.name for arm in study.arms if arm.name not in kept}
    folder: _Folder | None = None
    for name in store.studies.names() if new and not study.reduced else ():
        if name == study.name or name.endswith(ANSWER) or registry.predating(name) is not None:
            continue
        for version, claim in ((v, claim) for v in store.studies.readable(name) for claim in v.claims):
            for arm in (new[full] for full in arms_named(claim) if full in new):
                folder = folder or _Folder(store)
                written = folder.written(version, claim)
                moment = dt.datetime.fromisoformat(written).timestamp() if written else 0.0
                seen = max(folder.seeds([study.config(arm)], moment), default=-1)
                if seen >= claim.from_seed:
                    raise BadInput(
                        f"study {study.name}, arm",
                        arm,
                        f"claim {claim.id} of study {name} speaks of it, and this folder had seeds up to {seen} of "
                        "this configuration before that claim was written: give the arm another name, or choose "
                        "another folder",
                    )
