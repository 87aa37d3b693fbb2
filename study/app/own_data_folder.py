"""Which folder has a study's own data: the one that was named, that of its file, or that of a run on record."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

from study.app.folders import DIGITS_FOLDER, default_place
from study.spec.study import Study
from study.spec.study_file import SUFFIXES
from trainables.config.errors import StudyError
from trainables.data.facts import FASHION_MNIST


def own_data(study: Study) -> str:
    """The name of a study's data set, where it is a file of one's own; else empty."""
    data = str(study.base.get("data") or "")
    return "" if data == FASHION_MNIST.name else data


def own_data_folder(name: str, study: Study) -> Path | None:
    """The folder that has a study's own data: of its file, else of a run of it; None where none has.

    Args:
        name: the study, as it was given.
        study: what it stands for.
    """
    data = own_data(study)
    return next((place for place in _places(name, study) if (place / f"{data}.npz").is_file()), None) if data else None


def _places(name: str, study: Study) -> Iterator[Path]:
    """Folders that may have it: that of the file, then those that runs on record named, the last run's first."""
    if Path(name).is_file():
        yield Path(name).parent
    from study.app.command_for_folder import DATA, for_folder, names_at, option_values  # not wanted for other studies
    from study.storage.results_folder import ResultsFolder
    from study.storage.run_records import read_runs

    try:
        store = ResultsFolder(default_place(name, study.name, [study.name]))
        runs = [run for run in read_runs(store.folder) if study.name in run.studies]
    except StudyError:  # there is none yet, or it cannot be read, which `study plan` says
        return
    for run in reversed(runs):
        words = shlex.split(for_folder(run.command, store.folder.where, run.studies))[1:]
        yield from map(Path, option_values(words, DATA))
        yield from (Path(words[i]).parent for i in names_at(words) if Path(words[i]).suffix in SUFFIXES)
        yield from [DIGITS_FOLDER] * (words[:2] == ["demo", "digits"])
