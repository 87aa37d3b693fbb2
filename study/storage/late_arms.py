"""Arms that come into a results folder after a claim that names them: seeds that were seen by then do not count."""

from __future__ import annotations

import math

from study.spec import registry
from study.spec.claims import arms_named
from study.spec.faults import together
from study.spec.study import Study
from study.storage.older_seeds import CHOOSING, DatedFolder, is_answer, is_older_rule, seconds_of
from study.storage.results_folder import ResultsFolder
from study.storage.search_answer import FIRST_FRESH_SEED
from trainables.config.errors import BadInput


def refuse_arms_seen_before(store: ResultsFolder, study: Study) -> None:
    """Refuse arms that are new in a folder where it has seeds of theirs that another study's claim would count.

    The claim was written when its arm's study was nowhere, so nobody could ask it for them; and whoever names an arm
    now has seen what is on record now.

    Raises:
        BadInput: names each such arm and a claim.
    """
    kept = {arm.name for version in store.studies.versions(study.name) if not version.reduced for arm in version.arms}
    new = {f"{study.name}/{arm.name}": arm.name for arm in study.arms if arm.name not in kept}
    if not new or study.reduced:
        return
    every = {name: store.studies.readable(name) for name in store.studies.names() if name != study.name}
    known = {study.name: study, **{name: versions[-1] for name, versions in every.items() if versions}}
    folder: DatedFolder | None = None
    late: dict[str, BadInput] = {}
    for version, claim in ((v, claim) for versions in every.values() for v in versions for claim in v.claims):
        for arm in (new[full] for full in arms_named(claim) if full in new):
            if arm in late or is_older_rule(version, claim, known):
                continue
            folder = folder or DatedFolder(store)
            written, named = folder.written(version, claim), folder.named(study, arm)
            if written is None:  # of a reduced version that was another one in full
                continue
            moment = math.inf if named is None else seconds_of(max(written, named))
            chosen = CHOOSING if is_answer(study.name, known) else -1
            seen = max(folder.seeds.largest([study.config(arm)], moment), chosen)
            if seen >= claim.from_seed:
                name_it = "" if registry.registered(study.name) == study else "give the arm another name, or "
                late[arm] = BadInput(
                    f"study {study.name}, arm",
                    arm,
                    f"claim {claim.id} of study {version.name} speaks of it, and this folder had seeds up to {seen} of "
                    f"this configuration before both were written: {name_it}choose another folder"
                    if seen != chosen
                    else f"claim {claim.id} of study {version.name} speaks of it from seed {claim.from_seed} on, and "
                    f"seeds below {FIRST_FRESH_SEED} chose it: choose another folder, and give that claim from_seed: "
                    f"{FIRST_FRESH_SEED}",
                )
    if late:
        raise together([*late.values()])
