"""Which claims of some studies would have no place in their family, before anything is trained."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence

from analysis.claims.family import no_place, standings, takes_place
from study.spec import registry
from study.spec.study import Study
from study.storage.results_folder import ResultsFolder
from trainables.config.errors import StudyError


def without_place(studies: Sequence[Study], store: ResultsFolder | None) -> Mapping[str, str]:
    """Say why claims (`STUDY/CLAIM`) would have no place, as if the studies were frozen into the folder now."""
    versions: dict[str, list[Study]] = {}
    for name in store.studies.names() if store is not None else ():
        with contextlib.suppress(StudyError):  # all its versions are damaged, which is said of them
            assert store is not None
            versions[name] = store.studies.versions(name)
    for study in studies:
        kept = versions.setdefault(study.name, [])
        if not kept or kept[-1].to_dict() != study.to_dict():
            kept.append(study)
    judged = {name: kept[-1] for name, kept in versions.items()}
    found = standings(versions, judged, registry.predating, store.studies.frozen_at if store is not None else None)
    return {
        f"{study.name}/{claim.id}": no_place(found[study.name])
        for study in studies
        for claim in study.claims
        if takes_place(claim) and claim.id not in found[study.name].placed
    }
