"""What is gone from `studies/`, `runs/` and `searches/`, as the rest of a folder names it.

As of trials (`study.storage.gone_records`), a file that was deleted, or not copied along, leaves no damage behind, so
it is said. What lies in `quarantine/` was told of when it was moved there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator

import pyarrow as pa

from study.spec.study import NAME
from study.storage.frozen_studies import FILE
from study.storage.integrity import repair_command
from study.storage.lost_study import written_again
from study.storage.parquet import open_file
from study.storage.results_folder import ARMS, ResultsFolder
from study.storage.run_records import read_runs
from study.storage.search_answer import ANSWER
from trainables.config.errors import StudyError

_ASIDE = re.compile(r"quarantine/studies__(.+)__([1-9]\d{0,5})\.json")


def gone_parts(store: ResultsFolder) -> tuple[str, ...]:
    """A sentence for each study, or version of one, that is gone, for what is on record of runs, and for each search.

    While a run goes on what names a thing is read before the thing is looked for: the run writes it after.
    """
    files, there = gone_files(store), set(store.studies.names())
    said = dict.fromkeys(_study_said(store, file, there) for file in files)
    return (*said, *_runs_said(store), *_searches_said(store))


def gone_studies(store: ResultsFolder) -> tuple[str, ...]:
    """The names of studies of which no version is there, nor in quarantine, sorted."""
    return tuple(sorted({file.split("/")[1] for file in gone_files(store)} - set(store.studies.names())))


def gone_files(store: ResultsFolder) -> tuple[str, ...]:
    """The files of studies, `studies/NAME/N.json`, that are named and neither there nor in quarantine, sorted.

    A study whose every file is gone may have had more versions than its trials tell.
    """
    named = _named(store)
    there = _versions_there(store)
    aside = {(m[1], int(m[2])) for n in store.folder.names("quarantine") if (m := _ASIDE.match(n))}
    for name, number in {*there, *aside}:
        named |= {(name, n) for n in range(1, number)}
    return tuple(f"studies/{name}/{number}.json" for name, number in sorted(named - there - aside))


def _named(store: ResultsFolder) -> set[tuple[str, int]]:
    """The studies and versions that runs, `arms.parquet` and copies name; of a run the first version: it wrote one."""
    found = _of_arms(store) | {(name, 1) for run in read_runs(store.folder, []) for name in run.studies}
    return {(name, number) for name, number in found if NAME.fullmatch(name)}


def _of_arms(store: ResultsFolder) -> set[tuple[str, int]]:
    """By `arms.parquet`; none where it cannot be read, for nothing rests on it."""
    try:
        data = store.folder.read(ARMS)
        table = None if data is None else open_file(data).read(columns=["study", "version"])
        return set() if table is None else set(zip(*(c.to_pylist() for c in table.columns), strict=True))
    except (StudyError, OSError, ValueError, KeyError, pa.ArrowException):
        return set()


def _versions_there(store: ResultsFolder) -> set[tuple[str, int]]:
    matches = (m for n in store.folder.names("studies", deep=True) if (m := FILE.match(n)))
    return {(m[0].split("/")[1], int(m[1])) for m in matches}


def _study_said(store: ResultsFolder, file: str, there: Collection[str]) -> str:
    """What helps; `there`: the studies of which something is there. Of any other, all versions have one sentence."""
    if store.studies.has_copy(file):
        return f"{file} is gone; {repair_command(store.folder)} puts its copy in its place"
    name = file.split("/")[1]
    what, back = (file, "it") if name in there else (f"study {name}", f"studies/{name}/")
    return (
        f"{what} is gone, which runs/ or arms.parquet names; put {back} back. Without it {written_again(store, file)}"
    )


def _runs_said(store: ResultsFolder) -> Iterator[str]:
    """Where no run is on record at all, though trials name the runs that trained them.

    One of several may be missing in a folder that was put together from others.
    """
    if any(n.startswith("runs/") for n in store.folder.names("runs")):
        return
    if any(n.startswith("quarantine/runs__") for n in store.folder.names("quarantine")):
        return
    if _a_run_trained(store):
        yield (
            "runs/ is gone, which says what seeds and data the runs had: put it back, or run the same commands again, "
            "which train nothing that is on record"
        )


def _a_run_trained(store: ResultsFolder) -> bool:
    """Whether a trial on record names its run."""
    try:
        gathered = (t for table in store.trials.tables(["provenance"]) for t in table.column("provenance").to_pylist())
        if any(json.loads(text).get("run") for text in gathered):
            return True
        loose = (store.trials.loose_record(name) for name in store.trials.loose())
        return any(record is not None and record.provenance.get("run") for record in loose)
    except (StudyError, ValueError, AttributeError, RecursionError):  # a damaged file is told of
        return False


def _searches_said(store: ResultsFolder) -> Iterator[str]:
    """Where the answer of a search is on record and nothing of the search."""
    searched = [name.removesuffix(ANSWER) for name in store.studies.names() if name.endswith(ANSWER)]
    for name in searched:
        aside = f"quarantine/searches__{name}__"
        if not store.folder.names(f"searches/{name}", deep=True) and not any(
            n.startswith(aside) for n in store.folder.names("quarantine")
        ):
            yield (
                f"searches/{name}/ is gone, which has how {name}{ANSWER} was chosen: put it back, or the next run of "
                f"{name} searches again, which trains nothing that is on record"
            )
