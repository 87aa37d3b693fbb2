"""Which claims of some studies would have no place in their family, before anything is trained."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from operator import itemgetter

from analysis.claims.family import FamilyStanding, no_place, standings, takes_place
from study.spec import registry
from study.spec.claim_versions import same_version
from study.spec.study import Study
from study.storage.frozen_studies import with_version
from study.storage.results_folder import ResultsFolder
from trainables.config.errors import BadInput, StoreError, StudyError


def refuse_lost_places(folders: Sequence[str]) -> None:
    """Refuse to unite folders where a claim would lose the place that it has in one of them.

    Raises:
        BadInput: names the claim, its folder and its family.
    """
    stores = []
    for where in dict.fromkeys(folders):
        with contextlib.suppress(StoreError):  # that into which others are merged may not be there
            stores.append(ResultsFolder(where))
    dated = [{name: store.studies.dated(name) for name in store.studies.names()} for store in stores]
    every = {
        name: sorted((v for of in dated for v in of.get(name, ())), key=itemgetter(0)) for of in dated for name in of
    }
    after = _standings(every)
    for store, of in zip(stores, dated, strict=True):
        for name, standing in _standings(of).items():
            newest, last = of[name][-1][1], every[name][-1][1]
            now = {claim.id: claim for claim in last.claims}
            for claim in newest.claims:
                same = claim.id in now and same_version(newest, claim, last, now[claim.id])
                if same and claim.id in standing.placed - after[name].placed:
                    raise BadInput(
                        f"study {name}, claim",
                        claim.id,
                        f"it has a place in {store.folder.where}, and in one folder {no_place(after[name])} by claims "
                        "that were frozen before it. Nothing was merged; keep the folders apart",
                    )


def _standings(dated: Mapping[str, Sequence[tuple[str, Study]]]) -> Mapping[str, FamilyStanding]:
    versions = {name: [study for _, study in of] for name, of in dated.items()}
    judged = {name: of[-1] for name, of in versions.items()}
    return standings(versions, judged, registry.predating, lambda name: [at for at, _ in dated[name]])


def without_place(studies: Sequence[Study], store: ResultsFolder | None) -> Mapping[str, str]:
    """Say why claims (`STUDY/CLAIM`) would have no place, as if the studies were frozen into the folder now."""
    versions: dict[str, list[Study]] = {}
    for name in store.studies.names() if store is not None else ():
        with contextlib.suppress(StudyError):  # all its versions are damaged, which is said of them
            assert store is not None
            versions[name] = store.studies.versions(name)
    for study in studies:
        versions[study.name] = with_version(versions.get(study.name, []), study)
    judged = {name: kept[-1] for name, kept in versions.items()}
    found = standings(versions, judged, registry.predating, store.studies.frozen_at if store is not None else None)
    return {
        f"{study.name}/{claim.id}": no_place(found[study.name])
        for study in studies
        for claim in study.claims
        if takes_place(claim) and claim.id not in found[study.name].placed
    }
