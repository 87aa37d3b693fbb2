"""Which content a data set's name had: a file that was changed under its name is other data, and no arm has both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from study.spec.study import Study
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import RunRecord
from trainables.config.errors import BadInput
from trainables.records.trial_record import TrialRecord

SHOWN_CHARS = 12
"""Letters of a checksum that are shown."""


def refuse_other_content(store: ResultsFolder, studies: Sequence[Study], checksum: str) -> None:
    """Refuse studies over a data set whose name had another content when trials of the folder were trained.

    Their arms would have trials of both, and a verdict, a table and a page would not agree on whose are meant.

    Raises:
        BadInput: names the data set, and what would do.
    """
    trials = store.trials
    mixed = trials.loose() or set(trials.data_checksums()) - {checksum}
    known = contents(trials.all_records()) if mixed else {}
    for name in dict.fromkeys(map(_data_of, studies)):
        trained = known.get(name, set())
        if others := trained - {checksum}:
            there, given = (", ".join(sorted(c[:SHOWN_CHARS] for c in of)) for of in (others, {checksum}))
            back = "" if checksum in trained else "give that file, "
            raise BadInput(
                "data",
                name,
                f"its content is another (checksum {given}) than that of trials in {store.folder.where} "
                f"({there}): {back}call this one otherwise, or choose another folder",
            )


def contents(records: Iterable[TrialRecord]) -> Mapping[str, set[str]]:
    """By name of a data set, the checksums that trials have."""
    found: dict[str, set[str]] = defaultdict(set)
    for record in records:
        found[record.config.data].add(record.data_checksum)
    return found


def notes_on_contents(runs: Iterable[RunRecord]) -> tuple[str, ...]:
    """A sentence for each name that had several contents in runs of a folder, as older versions let it."""
    found: dict[str, set[str]] = defaultdict(set)
    for run in runs:
        if run.data is not None:
            found[run.data.name].add(run.data.checksum)
    return tuple(
        f"runs of this folder had {len(of)} files called {name}.npz, of different content: an arm takes the trials of "
        "one of them, that with most"
        for name, of in sorted(found.items())
        if len(of) > 1
    )


def _data_of(study: Study) -> str:
    return study.config(study.arms[0].name).data if study.arms else str(study.base.get("data", "fashion-mnist"))
