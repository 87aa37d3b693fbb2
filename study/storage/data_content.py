"""Which content a data set's name had: a file that was changed under its name is other data, and no arm has both."""

from __future__ import annotations

import shlex
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import NoReturn

from study.spec.data_names import data_names
from study.spec.faults import together
from study.spec.study import Study
from study.spec.study_file import StudySource
from study.storage.durable_files import Folder
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import RunRecord, known_data, read_runs
from trainables.config.errors import BadInput
from trainables.config.plurals import counted
from trainables.data.dataset import DataSet
from trainables.data.facts import facts_of
from trainables.records.trial_record import TrialRecord

SHOWN_CHARS = 12
"""Letters of a checksum that are shown."""


def refuse_other_content(
    store: ResultsFolder,
    studies: Sequence[Study],
    checksum: str,
    data: DataSet | None = None,
    given: Iterable[StudySource] = (),
) -> None:
    """Refuse studies over a data set whose name had another content when trials of the folder were trained.

    Their arms would have trials of both, and a verdict, a table and a page would not agree on whose are meant.

    Args:
        store: the folder.
        studies: what is to be run.
        checksum: of the data.
        data: the data, for what is said of its file.
        given: the studies as they were read, for their lines.

    Raises:
        BadInput: names the data set, its file, how many trials had another content, and what would do.
    """
    trials = store.trials
    mixed = trials.loose() or set(trials.data_checksums()) - {checksum}
    known = Counter((r.config.data, r.data_checksum) for r in trials.all_records()) if mixed else Counter()
    for name in dict.fromkeys(data_names(study)[0] for study in studies):
        there = {c: n for (of, c), n in known.items() if of == name}
        if others := there.keys() - {checksum}:
            many, whole = sum(there[c] for c in others), sum(there.values())
            were = f"{many} of {counted(whole, 'trial')} in {store.folder.where} {'was' if many == 1 else 'were'}"
            why = (
                f"{_file_of(name, data)} has changed since {were} trained: its content is another (checksum "
                f"{_shown([checksum])}, then {_shown(others)}{_what_differs(store, others, data)})"
            )
            raise_of_data(name, f"{why}. {ways_on(store.folder, is_back=checksum not in there)}", given)


def raise_of_data(name: str, why: str, given: Iterable[StudySource]) -> NoReturn:
    """Raise what is wrong with a data set: at the place of each study that names it; without any, of the data.

    Raises:
        BadInput: says it.
    """
    of = [source for source in given if data_names(source.study)[0] == name]
    raise together([source.bad_data(name, why) for source in of] or [BadInput("data", name, why)])


def ways_on(folder: Folder, *, is_back: bool = True) -> str:
    """What to do where data have changed; `is_back`: whether the former file would do."""
    other = next(w for n in count(2) if not Path(w := f"{folder.where.rstrip('/')}-{n}").exists())
    back = "put the former file back and give the same command, or " if is_back else ""
    new = f"give the changed data a folder of their own: the same command with --results {shlex.quote(other)}"
    return f"Nothing was changed. What to do: {back}{new}"


def _file_of(name: str, data: DataSet | None) -> str:
    return data.file if data is not None and data.file else f"data set {name}"


def _shown(checksums: Iterable[str]) -> str:
    return ", ".join(sorted(c[:SHOWN_CHARS] for c in checksums))


def _what_differs(store: ResultsFolder, others: Iterable[str], data: DataSet | None) -> str:
    """In which counts the data differ from what they were; empty where runs on record do not say."""
    runs = known_data(read_runs(store.folder))
    then = [runs[c] for c in sorted(others) if c in runs]
    if data is None or not then:
        return ""
    now, before = (f"{f.train_images:,} + {f.val_images:,} images" for f in (facts_of(data), then[-1]))
    return f"; {now}, then {before}" if now != before else f"; {now} then and now, other values or labels"


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
