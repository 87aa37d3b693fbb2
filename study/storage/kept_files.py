"""The text that a study was read from, kept in the results folder beside the study: `studies/NAME/N/` for version N.

It is for people: nothing is ever run or imported from there, and no verdict rests on it.
"""

from __future__ import annotations

from collections.abc import Mapping

from study.spec.study import Study
from study.storage.frozen_studies import FILE
from study.storage.integrity import parse_studies
from study.storage.results_folder import ResultsFolder


def keep_files(store: ResultsFolder, study: Study, files: Mapping[str, bytes]) -> None:
    """Keep the text of a study that is on record, by name, unless some of it is there already."""
    place = _place_of(store, study) if files else ""
    for name, data in files.items() if files and not files_of(store, study) else ():
        store.folder.write(f"{place}/{name}".replace("\\", "_"), data)


def files_of(store: ResultsFolder, study: Study) -> dict[str, bytes]:
    """The text that a study on record was read from, by name; empty where none was kept."""
    if not (place := _place_of(store, study)):
        return {}
    found = {n.removeprefix(f"{place}/"): store.folder.read(n) for n in store.folder.names(place, deep=True)}
    return {name: data for name, data in found.items() if data is not None}


def _place_of(store: ResultsFolder, study: Study) -> str:
    """The folder of the last version that is equal to a study; empty where there is none."""
    matches = (m for n in store.folder.names(f"studies/{study.name}") if (m := FILE.match(n)))
    for match in sorted(matches, key=lambda m: -int(m[1])):
        found, _ = parse_studies([(match[0], store.folder.read(match[0]))], store.studies.parse)
        if found and found[0].to_dict() == study.to_dict():
            return match[0].removesuffix(".json")
    return ""
