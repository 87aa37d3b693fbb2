"""What is gone from `studies/`, `runs/` and `searches/`, as the rest of a folder names it.

As of trials (`study.storage.gone_records`), a file that was deleted, or not copied along, leaves no damage behind, so
it is said. What lies in `quarantine/` was told of when it was moved there.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

import pyarrow as pa

from study.spec.study import NAME
from study.storage.frozen_studies import FILE
from study.storage.integrity import repair_command
from study.storage.lost_study import written_again
from study.storage.parquet import open_file
from study.storage.results_folder import ARMS, ResultsFolder
from study.storage.run_records import RunRecord, read_runs
from study.storage.search_answer import ANSWER
from trainables.config.errors import StudyError
from trainables.config.plurals import counted

_ASIDE = re.compile(r"quarantine/studies__(.+)__([1-9]\d{0,5})\.json")
_RUN_ASIDE = re.compile(r"quarantine/runs__(.+?)\.")


def gone_parts(store: ResultsFolder, runs: Sequence[RunRecord] | None = None) -> tuple[str, ...]:
    """A sentence for each study, or version of one, that is gone, for what is on record of runs, and for each search.

    While a run goes on what names a thing is read before the thing is looked for: the run writes it after.
    `runs`: those of the folder, where they are read already.
    """
    files, there = gone_files(store, runs), set(store.studies.names())
    said = dict.fromkeys(_study_said(store, file, there) for file in files)
    return (*said, *_runs_said(store), *_searches_said(store))


def gone_studies(store: ResultsFolder) -> tuple[str, ...]:
    """The names of studies of which no version is there, nor in quarantine, sorted."""
    return tuple(sorted({file.split("/")[1] for file in gone_files(store)} - set(store.studies.names())))


def gone_files(store: ResultsFolder, runs: Sequence[RunRecord] | None = None) -> tuple[str, ...]:
    """The files of studies, `studies/NAME/N.json`, that are named and neither there nor in quarantine, sorted.

    A study whose every file is gone may have had more versions than its trials tell. `runs`: as for `gone_parts`.
    """
    named = _named(store, read_runs(store.folder) if runs is None else runs)
    there = _versions_there(store)
    aside = {(m[1], int(m[2])) for n in store.folder.names("quarantine") if (m := _ASIDE.match(n))}
    for name, number in {*there, *aside}:
        named |= {(name, n) for n in range(1, number)}
    return tuple(f"studies/{name}/{number}.json" for name, number in sorted(named - there - aside))


def _named(store: ResultsFolder, runs: Sequence[RunRecord]) -> set[tuple[str, int]]:
    """The studies and versions that runs, `arms.parquet` and copies name; of a run the first version: it wrote one."""
    found = _of_arms(store) | {(name, 1) for run in runs for name in run.studies}
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
    """Where no run is on record at all, though trials name the runs that trained them; of one of several see
    `absent_runs_said`.
    """
    if any(n.startswith("runs/") for n in store.folder.names("runs")):
        return
    if any(n.startswith("quarantine/runs__") for n in store.folder.names("quarantine")):
        return
    if any(_runs_that_trained(store)):
        yield (
            "runs/ is gone, which says what seeds and data the runs had: put it back, or run the same commands again. "
            "They train nothing that is on record"
        )


def absent_runs_said(store: ResultsFolder) -> tuple[str, ...]:
    """A sentence where trials name runs that have no file, beside others that have one; nothing is refused for it.

    A folder that was put together from others may have the trials of a run that was cut short, and not its file.
    """
    trials = Counter(_runs_that_trained(store))  # before the files: a run writes its own first
    there = {n.removeprefix("runs/").partition(".")[0] for n in store.folder.names("runs")}
    aside = {m[1] for n in store.folder.names("quarantine") if (m := _RUN_ASIDE.match(n))}
    absent = sorted(trials.keys() - there - aside)
    if not absent or not there:
        return ()
    many, files = counted(sum(trials[name] for name in absent), "trial"), counted(len(absent), "run")
    first = f"{absent[0]}.json" + (f" and {len(absent) - 1} more" if len(absent) > 1 else "")
    return (
        f"runs/ has no file of {files} that trained {many} ({first}): verdicts count these trials, tables only seeds "
        "that other runs asked for; put the files back, or run the same commands again, which train nothing that is on "
        "record",
    )


def _runs_that_trained(store: ResultsFolder) -> Iterator[str]:
    """The run that each record on record names, those of damaged files left out."""
    for name in store.trials.gathered():
        with contextlib.suppress(StudyError, ValueError, AttributeError, RecursionError):  # a damaged file is told of
            if (table := store.trials.table(name, ["provenance"])) is not None:
                yield from filter(None, (json.loads(t).get("run") for t in table.column("provenance").to_pylist()))
    for name in store.trials.loose():
        with contextlib.suppress(StudyError):
            if (record := store.trials.loose_record(name)) is not None and record.provenance.get("run"):
                yield str(record.provenance["run"])


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
                f"{name} searches again. It trains nothing that is on record"
            )
