"""Which studies a results folder holds besides those of a command: they share its page."""

from __future__ import annotations

from collections.abc import Iterable

from study.spec.study import Study
from study.storage.results_folder import ResultsFolder
from study.storage.search_answer import ANSWER
from trainables.config.nearest import first_of

MOST_NAMED = 3
"""Studies that are named; of more it is said how many there are."""


def also_held(store: ResultsFolder, studies: Iterable[Study]) -> str:
    """A line that names a folder's other studies; empty where it holds none. A search and its answer are one.

    Args:
        store: the folder.
        studies: those of the command.
    """
    mine = {study.name.removesuffix(ANSWER) for study in studies}
    names = dict.fromkeys(name.removesuffix(ANSWER) for name in store.studies.names())
    others = [name for name in names if name not in mine]
    if not others:
        return ""
    shows = "both" if len(others) + len(mine) == 2 else "all of them"
    return f"{store.folder.where} also holds {first_of(others, MOST_NAMED)}: its page shows {shows}"
