"""What a results folder has of other data that have the name of those that are trained on."""

from __future__ import annotations

from study.storage.results_folder import ResultsFolder
from study.storage.run_records import known_data, read_runs


def other_data(store: ResultsFolder, name: str, checksum: str) -> list[str]:
    """A sentence where trials on record were trained on other data of this name."""
    known = known_data(read_runs(store.folder, []))
    there = [c for c in store.trials.data_checksums() if c != checksum and c in known and known[c].name == name]
    if not there:
        return []
    return [
        f"{store.folder.where} has trials of other data called {name}: they have changed since. The two are never "
        "compared; claims and report go by those that have most trials. Name another --results, or give the changed "
        "data another name"
    ]
