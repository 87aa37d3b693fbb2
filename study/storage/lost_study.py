"""A frozen study that is damaged and has no sound copy: what its next run needs, and which ones are lost."""

from __future__ import annotations

import re

from study.spec import registry
from study.storage.results_folder import ResultsFolder
from study.storage.search_answer import ANSWER
from study.storage.seen_seeds import SeenSeeds
from trainables.config.errors import StudyError


def written_again(store: ResultsFolder, file: str) -> str:
    """What to write before the next run of a study whose file, `studies/NAME/N.json`, is lost.

    The number is beyond every seed of the folder, so the run takes it whatever the claims speak of.
    """
    name = file.split("/")[1]
    if name.endswith(ANSWER):
        return "the next run of its search writes it again"
    again = "the next run of the study writes it again"
    first = _first_unseen(store)
    if first == 0:
        return again
    number = "the `from_seed` that the run names" if first is None else f"`from_seed: {first}`"
    others = any(number != _number(file) for number, _ in store.studies.numbered(name))
    which = "each of its claims that no other version of it here has" if others else "each of its claims"
    if registry.predating(name) is not None:
        return f"{again}; a claim of it that is not the catalogue's needs {number} then"
    return f"{again}; first give {which} {number}, because nothing else says when they were written"


def _number(file: str) -> int:
    return int(re.sub(r"\D", "", file.rpartition("/")[2]) or 0)


def _first_unseen(store: ResultsFolder) -> int | None:
    """The first seed beyond all of a folder; None where damaged records hide some."""
    try:
        return SeenSeeds(store).largest_of_all() + 1
    except StudyError:
        return None


def lost_file(store: ResultsFolder, name: str) -> str:
    """The newest file of a study that is damaged or in quarantine, without one in its place; empty if there is none."""
    there = {number for number, _ in store.studies.numbered(name)}
    place = re.compile(rf"(?:studies/|quarantine/studies__){re.escape(name)}(?:/|__)([1-9]\d{{0,5}})\.json")
    names = (*store.folder.names(f"studies/{name}"), *store.folder.names("quarantine"))
    gone = {int(m[1]) for n in names if (m := place.match(n))} - there
    return f"studies/{name}/{max(gone)}.json" if gone else ""
